"""Each address says which methods it has, and answers HEAD as it answers GET. Taken from REST's own description."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from everkin.interfaces.web import WebConfig
from tests.journeys.rest_house import RestHouse, open_rest_house

pytestmark = pytest.mark.asyncio(loop_scope="module")

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RestHouse]:
    config = WebConfig(cors_origins=("https://chat.example.org",))
    async with open_rest_house(tmp_path_factory.mktemp("house"), config) as opened:
        yield opened


async def paths(house: RestHouse) -> dict[str, set[str]]:
    """Address -> its methods; ids are of nothing there is."""
    document: Any = (await house.owner.get("openapi.json")).body
    found: dict[str, set[str]] = {}
    for path, operations in document["paths"].items():
        address = re.sub(r"\{\w+\}", "none", path)
        found.setdefault(address, set()).update(method.upper() for method in operations)
    return found


def listed(allow: str) -> set[str]:
    return {method.strip() for method in allow.split(",")}


async def test_every_405_lists_all_methods_of_its_address(house: RestHouse) -> None:
    known = await paths(house)
    assert {"GET", "PUT", "DELETE"} <= known["/api/v1/characters/none"]
    for path, methods in known.items():
        for method in {*METHODS, "OPTIONS", "TRACE"} - methods:
            answer = await house.owner.ask(method, path)
            assert (answer.status, answer.code) == (405, "method_not_allowed"), (method, path)
            assert listed(answer.headers["allow"]) == methods | ({"HEAD"} if "GET" in methods else set()), path


async def test_head_is_get_without_a_body(house: RestHouse) -> None:
    for path, methods in (await paths(house)).items():
        head = await house.owner.ask("HEAD", path)
        assert not head.body, path
        if "GET" in methods:
            get = await house.owner.get(path)
            assert head.status == get.status, path
            assert head.headers["content-type"] == get.headers["content-type"], path
        else:
            assert head.status == 405, path
            assert listed(head.headers["allow"]) == methods, path


@pytest.mark.parametrize("path", ["/", "/characters/mira", "/avatars/mira.svg", "/metrics"])
async def test_the_page_and_the_metrics_too(house: RestHouse, path: str) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
        answer = await house.stranger.ask(method, path)
        assert (answer.status, answer.code) == (405, "method_not_allowed")
        assert listed(answer.headers["allow"]) == {"GET", "HEAD"}
    head, get = await asyncio.gather(house.owner.ask("HEAD", path), house.owner.get(path))
    assert (head.status, get.status, head.body) == (200, 200, b"")
    assert head.headers["content-type"] == get.headers["content-type"]


async def test_a_preflight_is_answered_and_knows_head(house: RestHouse) -> None:
    asked = {"origin": "https://chat.example.org", "access-control-request-headers": "authorization"}
    for method in ("GET", "HEAD", "PATCH"):
        headers = {**asked, "access-control-request-method": method}
        answer = await house.stranger.ask("OPTIONS", "auth/me", headers=headers)
        assert answer.status == 200
        assert method in listed(answer.headers["access-control-allow-methods"])
