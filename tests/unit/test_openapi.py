"""REST's description of itself: valid, whole, with an example of everything that is sent or answered."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
from fastapi.openapi.models import OpenAPI

from everkin.app import App
from everkin.interfaces.authentication import LocalOwnerPolicy
from everkin.interfaces.rest.api import PUBLIC, build_api
from everkin.interfaces.rest.bodies import Body
from everkin.interfaces.rest.examples import examples
from everkin.interfaces.rest.rest_views import AboutView
from everkin.interfaces.views import View

DOCUMENT: dict[str, Any] = build_api(cast(App, None), LocalOwnerPolicy("127.0.0.1"), cast(AboutView, None)).openapi()
OPERATIONS = [
    (f"{method.upper()} {path}", operation)
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
]


def test_it_is_openapi_and_every_reference_leads_somewhere() -> None:
    OpenAPI.model_validate(DOCUMENT)
    named = set(re.findall(r'"\$ref": "#/components/schemas/([^"]+)"', json.dumps(DOCUMENT)))
    assert named <= set(DOCUMENT["components"]["schemas"])


def test_operations_have_names_of_their_own() -> None:
    names = [operation["operationId"] for _, operation in OPERATIONS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(("route", "operation"), OPERATIONS, ids=[route for route, _ in OPERATIONS])
def test_each_operation_is_whole(route: str, operation: dict[str, Any]) -> None:
    path = route.partition(" ")[2]
    needs_token = path.startswith("/api") and path not in PUBLIC
    assert operation.get("security", DOCUMENT["security"]) == ([{"bearer": []}] if needs_token else [])
    assert "422" not in operation["responses"]
    parts = [operation.get("requestBody", {}), *operation["responses"].values()]
    for part in parts:
        for kind, content in part.get("content", {}).items():
            assert "example" in content or kind in ("text/event-stream", "image/webp", "application/zip"), kind


def bodies_of(kind: type[Body]) -> Iterator[type[Body]]:
    """Of all files."""
    for body in kind.__subclasses__():
        yield body
        yield from bodies_of(body)


SENT = {body for body in bodies_of(Body) if body.__name__ in DOCUMENT["components"]["schemas"]}


@pytest.mark.parametrize("body", sorted(SENT, key=lambda each: each.__name__))
def test_examples_of_requests_are_taken_as_they_are(body: type[Body]) -> None:
    for example in DOCUMENT["components"]["schemas"][body.__name__].get("examples", []):
        assert body.model_validate_json(json.dumps(example))


def views_of(kind: type[View]) -> Iterator[type[View]]:
    """Of all files: a view lives where it is told."""
    for view in kind.__subclasses__():
        yield view
        yield from views_of(view)


@pytest.mark.parametrize(("name", "example"), sorted(examples().items()))
def test_examples_of_answers_are_what_the_views_say(name: str, example: Any) -> None:
    kind = next(view for view in views_of(View) if view.__name__ == name)
    assert msgspec.convert(example, kind)


GUIDE = (Path(__file__).parents[2] / "docs" / "rest.md").read_text("utf-8")


def fields_of(operation: dict[str, Any]) -> Iterator[str]:
    """Query parameters and the fields of the body."""
    yield from (each["name"] for each in operation.get("parameters", []) if each["in"] == "query")
    for content in operation.get("requestBody", {}).get("content", {}).values():
        name = content["schema"].get("$ref", "").rpartition("/")[2]
        yield from DOCUMENT["components"]["schemas"].get(name, {}).get("properties", {})


@pytest.mark.parametrize(("route", "operation"), OPERATIONS, ids=[route for route, _ in OPERATIONS])
def test_the_guide_names_all_that_can_be_sent(route: str, operation: dict[str, Any]) -> None:
    row = next(line for line in GUIDE.splitlines() if line.startswith(f"| `{route}` |"))
    told = row.partition("` |")[2] + (WHOLE_PERSONA if "(#a-character)" in row else "")
    named = {word for code in re.findall(r"`([^`]+)`", told) for word in re.findall(r"\w+", code)}
    assert not [name for name in fields_of(operation) if name not in named]


WHOLE_PERSONA = GUIDE.partition("## A character")[2].partition("\n## ")[0]
