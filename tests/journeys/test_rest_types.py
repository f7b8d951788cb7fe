"""A number is a number and a truth a truth: over all that REST's own description says may be sent."""

import copy
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio

from tests.journeys.rest_house import RestHouse, open_rest_house

pytestmark = pytest.mark.asyncio(loop_scope="module")

NO_NUMBERS = (True, False, "1", "0.5", "true", [1], {})
NO_TRUTHS = (1, 0, "true", "false", [True])

Case = tuple[str, str, tuple[str, ...], str, Any]
"""Method, path, the field's place, its type, and a body that is taken."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RestHouse]:
    async with open_rest_house(tmp_path_factory.mktemp("house")) as opened:
        yield opened


async def described(house: RestHouse) -> Any:
    return (await house.owner.get("openapi.json")).body


def fields(schema: Any, document: Any, place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each number and truth in a body, however deep, with its type."""
    for kind in schema.get("anyOf", [schema]):
        if "$ref" in kind:
            yield from fields(document["components"]["schemas"][kind["$ref"].rpartition("/")[2]], document, place)
        elif kind.get("type") in ("integer", "number", "boolean"):
            yield place, kind["type"]
        for name, inner in kind.get("properties", {}).items():
            yield from fields(inner, document, (*place, name))


def cases(document: Any) -> Iterator[Case]:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if content is not None:
                for place, kind in fields(content["schema"], document):
                    yield method.upper(), re.sub(r"\{\w+\}", "none", path), place, kind, content["example"]


def with_field(body: Any, place: tuple[str, ...], value: Any) -> Any:
    changed = copy.deepcopy(body)
    inner = changed
    for name in place[:-1]:
        inner = inner.setdefault(name, {})
    inner[place[-1]] = value
    return changed


async def test_numbers_and_truths_in_bodies_are_taken_as_nothing_else(house: RestHouse) -> None:
    known = list(cases(await described(house)))
    places = {(place[-1], kind) for _, _, place, kind, _ in known}
    wanted = {("upToSeq", "integer"), ("birthYear", "integer"), ("temperature", "number"), ("pinned", "boolean")}
    assert wanted <= places
    for method, path, place, kind, body in known:
        for value in NO_TRUTHS if kind == "boolean" else NO_NUMBERS:
            answer = await house.owner.ask(method, path, with_field(body, place, value))
            assert (answer.status, answer.code) == (422, "invalid"), (method, path, place, value, answer.body)
            assert answer.body["field"] == ".".join(place), (method, path, value)


async def test_numbers_in_queries_are_whole_and_written_in_digits(house: RestHouse) -> None:
    tried = 0
    for path, operations in (await described(house))["paths"].items():
        parameters = operations.get("get", {}).get("parameters", [])
        needed = {each["name"]: "x" for each in parameters if each["in"] == "query" and each["required"]}
        for each in parameters:
            kinds = [kind.get("type") for kind in each["schema"].get("anyOf", [each["schema"]])]
            if each["in"] == "query" and "integer" in kinds:
                for value in ("true", "False", "1.5", "one", "1e2"):
                    query = {**needed, each["name"]: value}
                    answer = await house.owner.get(re.sub(r"\{\w+\}", "none", path), params=query)
                    assert (answer.status, answer.code) == (422, "invalid"), (path, each["name"], value)
                    assert answer.body["field"] == each["name"]
                    tried += 1
    assert tried > 20


async def test_whole_numbers_are_numbers(house: RestHouse) -> None:
    """As JSON writes them: 1 where 1.0 is meant."""
    made = await house.owner.post("characters", {"name": "Ada", "talkativeness": 1, "sampling": {"temperature": 1}})
    assert (made.status, made.body["sampling"]["temperature"]) == (201, 1)
    chat = await house.owner.chat()
    speaking = await house.owner.put(f"conversations/{chat}", {"speaking": "manual"})
    assert speaking.status == 200, speaking
    assert (await house.owner.put(f"conversations/{chat}", {"speaking": "loudly"})).body["field"] == "speaking"
