"""Responses: views as JSON, and their description in OpenAPI."""

from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.responses import Response

from everkin.interfaces.problems import Problem
from everkin.interfaces.rest.model_views import PullView
from everkin.interfaces.sockets.wire import CharacterResponse
from everkin.interfaces.views import ProblemView, View

REFERENCE = "#/components/schemas/{name}"

_encoder = msgspec.json.Encoder()
_shown: set[type[msgspec.Struct]] = {Problem, ProblemView, CharacterResponse, PullView}
"""The views that OpenAPI describes: these, which server-sent events carry, and those that routes declare."""


def render(view: View, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(_encoder.encode(view), status, headers, "application/json")


def shows(
    view: type[View] | None,
    status: int = 200,
    *,
    also: Mapping[int, type[View]] | None = None,
    or_else: type[View] | None = None,
    stream: str = "",
) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of a route: its view, and the problem document for errors. `also`: other views by status;
    `or_else`: another view of the same status; `stream`: the contents of its server-sent events."""
    answers: dict[int | str, dict[str, Any]] = {"default": _answer(Problem, "application/problem+json", "A problem")}
    for code, kind in {**({status: view} if view else {}), **(also or {})}.items():
        answers[code] = _answer(kind, "application/json", (kind.__doc__ or kind.__name__).strip())
    if not view:
        answers[status] = {"description": "Done"}
    if or_else:
        content = answers[status]["content"]["application/json"]
        content["schema"] = {"anyOf": [content["schema"], _reference(or_else)]}
    if stream:
        answers[status].setdefault("content", {})["text/event-stream"] = {
            "schema": {"type": "string", "description": stream}
        }
    return answers


def _answer(view: type[View], content_type: str, description: str) -> dict[str, Any]:
    return {"description": description, "content": {content_type: {"schema": _reference(view)}}}


def _reference(view: type[View]) -> dict[str, Any]:
    _shown.add(view)
    return {"$ref": REFERENCE.format(name=view.__name__)}


def view_schemas() -> dict[str, Any]:
    """Return the OpenAPI components of every view that a route declared."""
    kinds = sorted(_shown, key=lambda kind: kind.__name__)
    _, components = msgspec.json.schema_components(kinds, ref_template=REFERENCE)
    return dict(components)
