"""What a query string may hold: every route refuses what it does not know, by name. The routes are read from OpenAPI."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.journeys.rest_house import Answer, RestHouse, open_rest_house

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RestHouse]:
    """One house for all of this file; each test brings people of its own."""
    async with open_rest_house(tmp_path_factory.mktemp("house")) as opened:
        yield opened


async def operations(house: RestHouse) -> list[tuple[str, str, dict[str, Any]]]:
    paths = (await house.stranger.get("openapi.json")).body["paths"]
    return [(method.upper(), path, each) for path, methods in paths.items() for method, each in methods.items()]


def declared(operation: dict[str, Any]) -> list[str]:
    return [each["name"] for each in operation.get("parameters", []) if each["in"] == "query"]


async def test_every_route_refuses_an_unknown_parameter_by_name(house: RestHouse) -> None:
    for method, path, operation in await operations(house):
        body = {"json": {}} if "requestBody" in operation else {}
        answer = await house.owner.ask(method, f"{path}?nosuch=1", **body)
        assert (answer.status, answer.code, answer.body["field"]) == (422, "invalid", "nosuch"), (method, path)
        assert all(name in answer.body["detail"] for name in declared(operation)), (method, path)
    openapi = await house.stranger.get("openapi.json?nosuch=1")
    assert (openapi.status, openapi.body["field"]) == (422, "nosuch")


async def test_every_parameter_is_given_once(house: RestHouse) -> None:
    tried = 0
    for method, path, operation in await operations(house):
        for name in declared(operation):
            answer = await house.owner.ask(method, f"{path}?{name}=1&{name}=1", json={})
            assert (answer.status, answer.body["field"]) == (422, name), (method, path)
            assert "2 times" in answer.body["detail"]
            tried += 1
    assert tried > 20


async def test_a_parameters_name_is_shown_shortened_and_whole(house: RestHouse) -> None:
    answer = await house.owner.get(f"conversations?{'x' * 500}=1")
    assert len(answer.body["field"]) == 120
    assert (await house.owner.get("conversations?%ff=1")).status == 422


async def test_a_slug_will_do_wherever_a_character_is_asked_for(house: RestHouse) -> None:
    me = await house.person()
    mira = (await me.get("characters/mira")).body["id"]
    for reference in ("mira", mira):
        made = await me.post("conversations", {"characterIds": [reference, "wren"]})
        chat = made.body["id"]
        assert made.body["characterIds"][0] == mira
        assert chat in ids(await me.get("conversations", params={"characterId": reference}))
        await me.post(f"conversations/{chat}/messages?wait=true", {"content": "A lighthouse by the sea"})
        found = await me.get("search", params={"q": "lighthouse", "character": reference})
        assert chat in [hit["message"]["conversationId"] for hit in found.body["items"]]
        left = await me.put(f"conversations/{chat}/characters/{reference}", {"present": False})
        assert left.status == 200, left
        assert (await me.get(f"characters/{reference}/memory/me")).status == 200
        assert (await me.get(f"characters/{reference}/relationship/me")).status == 200


def ids(answer: Answer) -> list[str]:
    return [each["id"] for each in answer.body["items"]]


async def test_a_deleted_character_is_still_named_by_its_slug_where_it_was_met(house: RestHouse) -> None:
    me, other = await house.person(), await house.person()
    ada = (await me.post("characters", {"name": "Ada of the slug"})).body
    chat = (await me.post("conversations", {"characterId": ada["slug"]})).body["id"]
    await me.delete(f"characters/{ada['slug']}")
    assert ids(await me.get(f"conversations?characterId={ada['slug']}")) == [chat]
    assert (await other.get(f"conversations?characterId={ada['slug']}")).code == "not_found"


async def test_who_said_it(house: RestHouse) -> None:
    me, friend = await house.person("sam"), await house.person("kim")
    chat = (await me.post("conversations", {"characterId": "mira"})).body["id"]
    path = f"conversations/{chat}/messages"
    await me.post(f"{path}?wait=true", {"content": "/echo The umbrella is mine."})
    for sender, wanted in {
        "user": {"user"},
        "me": {"user"},
        "character": {"character"},
        "mira": {"character"},
        "": {"user", "character"},
    }.items():
        found = (await me.get("search", params={"q": "umbrella", "sender": sender})).body["items"]
        assert {hit["message"]["senderType"] for hit in found} == wanted, sender
    my_id = (await me.get("auth/me")).body["id"]
    assert len((await me.get(f"search?q=umbrella&sender={my_id}")).body["items"]) == 1
    assert (await friend.get(f"search?q=umbrella&sender={my_id}")).code == "not_found"


async def test_somebody_met_in_company_can_be_named_as_sender(house: RestHouse) -> None:
    kim = await house.person("kim")
    who = (await kim.get("auth/me")).body
    login, kim_id = who["login"], who["id"]
    made = await house.owner.post("conversations", {"characterId": "mira", "participants": [login]})
    said = await kim.post(f"conversations/{made.body['id']}/messages?wait=true", {"content": "A telescope for sale"})
    assert said.status == 201, said
    found = (await house.owner.get(f"search?q=telescope&sender={kim_id}")).body["items"]
    assert [hit["message"]["senderId"] for hit in found] == [kim_id]


@pytest.mark.parametrize(
    ("path", "status", "field"),
    [
        ("conversations?characterId=nobody", 404, "characterId"),
        ("search?q=word&character=nobody", 404, "character"),
        ("search?q=word&conversation=cnv_none", 404, "conversation"),
        ("search?q=word&sender=nobody", 404, "sender"),
        ("search?q=word&sender=usr_none", 404, "sender"),
        ("search?q=word&since=5&until=4", 422, "since"),
        ("search?q=...", 422, "q"),
        ("search?q=", 422, "q"),
        ("search", 422, "q"),
        ("search?q=word&limit=0", 422, "limit"),
        ("conversations?status=deleted", 422, "status"),
        ("conversations?limit=", 422, "limit"),
    ],
)
async def test_what_cannot_be_is_no_empty_page(house: RestHouse, path: str, status: int, field: str) -> None:
    answer = await house.owner.get(path)
    assert (answer.status, answer.body["field"]) == (status, field), answer


async def test_a_cursor_belongs_to_its_list(house: RestHouse) -> None:
    me = await house.person()
    chats = [(await me.post("conversations", {"characterId": "mira", "title": "Word"})).body["id"] for _ in range(3)]
    for chat in chats:
        await me.post(f"conversations/{chat}/messages?wait=true", {"content": "word"})
    of_list = (await me.get("conversations?limit=1")).body["nextCursor"]
    of_search = (await me.get("search?q=word&limit=1")).body["nextCursor"]
    assert of_list
    assert of_search
    for path, cursor in (("search?q=word&limit=1", of_list), ("conversations?limit=1", of_search)):
        answer = await me.get(f"{path}&cursor={cursor}")
        assert (answer.status, answer.body["field"]) == (422, "cursor")
    assert (await me.get(f"conversations?limit=1&cursor={of_list}")).status == 200
    assert (await me.get(f"search?q=word&limit=1&cursor={of_search}")).status == 200


async def test_an_unknown_character_is_named_by_its_field(house: RestHouse) -> None:
    me = await house.person()
    for body in ({"characterId": "nobody"}, {"characterIds": ["mira", "nobody"]}):
        answer = await me.post("conversations", body)
        assert (answer.status, answer.body["field"]) == (404, "characterId")
    chat = await me.chat()
    answer = await me.post(f"conversations/{chat}/ask", {"characterId": "mira"})
    assert (answer.status, answer.body["field"]) == (404, "characterId")


async def test_a_body_is_refused_where_none_is_taken(house: RestHouse) -> None:
    """A stop that names one turn would stop them all, had the name been ignored."""
    tried = 0
    for method, path, operation in await operations(house):
        if "requestBody" not in operation:
            answer = await house.owner.ask(method, path, {"turnId": "trn_1"})
            assert (answer.status, answer.code) == (422, "invalid"), (method, path)
            assert "no body" in answer.body["detail"]
            tried += 1
    assert tried > 30
    chat = await house.owner.chat()
    assert (await house.owner.post(f"conversations/{chat}/stop", {})).status == 200


async def test_a_change_of_nothing_is_refused(house: RestHouse) -> None:
    me = await house.person()
    chat = await me.chat()
    fact = (await me.post("characters/mira/memory/me", {"text": "lives in Leeds"})).body["id"]
    for method, path, field in (
        ("PUT", f"conversations/{chat}", "title"),
        ("PATCH", f"characters/mira/memory/me/{fact}", "text"),
        ("PATCH", "auth/me", "name"),
    ):
        for body in ({}, {field: None}):
            answer = await me.ask(method, path, body)
            assert (answer.status, answer.code) == (422, "invalid"), (path, body)
            assert field in answer.body["detail"]


async def test_nobodys_cache_is_not_cleared(house: RestHouse) -> None:
    assert (await house.owner.post("admin/cache/clear-user", {"userId": "owner"})).code == "not_found"
