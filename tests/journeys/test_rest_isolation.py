"""No byte of one user reaches another: every route is tried with another user's ids. The routes are read from the app, so
a new one is tried from its first day."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from tests.journeys.rest_house import Answer, Client, RestHouse, open_rest_house
from tests.unit.test_openapi import DOCUMENT

WITHOUT_IDS = {
    ("POST", "/api/v1/auth/local"),
    ("POST", "/api/v1/auth/login"),
    ("POST", "/api/v1/auth/register"),
    ("POST", "/api/v1/auth/refresh"),
    ("POST", "/api/v1/auth/logout"),
    ("GET", "/api/v1/auth/me"),
    ("PATCH", "/api/v1/auth/me"),
    ("GET", "/api/v1/characters"),
    ("POST", "/api/v1/characters"),
    ("GET", "/api/v1/conversations"),
    ("GET", "/api/v1/sessions"),
    ("GET", "/api/v1/models"),
    ("GET", "/api/v1/analytics/usage"),
    ("GET", "/api/v1/search"),
    ("GET", "/api/v1/export"),
    ("POST", "/api/v1/erase"),
    ("GET", "/api/v1/receipts"),
    ("GET", "/api/v1/health"),
    ("GET", "/api/v1/about"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
}
"""Routes that take no id of anything. A new route is either here or tried below."""

FOR_THE_OWNER = {
    ("PUT", "/api/v1/models/current"),
    ("POST", "/api/v1/models/{name}/pull"),
    ("GET", "/api/v1/admin/cache"),
    ("POST", "/api/v1/admin/cache/clear-user"),
    ("POST", "/api/v1/admin/cache/invalidate"),
    ("PUT", "/api/v1/admin/users/{id}/age"),
    ("GET", "/api/v1/admin/pools"),
    ("POST", "/api/v1/admin/pools/clean"),
    ("GET", "/api/v1/admin/memory"),
    ("GET", "/api/v1/admin/housekeeping"),
    ("POST", "/api/v1/admin/housekeeping"),
    ("GET", "/api/v1/admin/reindex"),
    ("POST", "/api/v1/admin/reindex"),
}
OPEN_BY_ID = {("GET", "/media/{id}")}

WHOLE = DOCUMENT["components"]["schemas"]["WholeCharacter"]["examples"][0]

BODIES: dict[tuple[str, str], Any] = {
    ("POST", "/api/v1/conversations"): lambda own: {"characterId": own.character},
    ("PUT", "/api/v1/characters/{id}"): lambda own: WHOLE,
    ("PATCH", "/api/v1/characters/{id}"): lambda own: {"name": "Stolen"},
    ("PUT", "/api/v1/conversations/{id}"): lambda own: {"title": "Stolen", "status": "archived"},
    ("POST", "/api/v1/conversations/{id}/ask"): lambda own: {"characterId": own.character},
    ("POST", "/api/v1/conversations/{id}/messages"): lambda own: {"content": "Stolen"},
    ("PUT", "/api/v1/conversations/{id}/messages/read"): lambda own: {"upToSeq": 3},
    ("PATCH", "/api/v1/messages/{id}"): lambda own: {"content": "Stolen"},
    ("POST", "/api/v1/characters/{id}/memory/{user_id}"): lambda own: {"text": "Stolen"},
    ("PATCH", "/api/v1/characters/{id}/memory/{user_id}/{memory_id}"): lambda own: {"text": "Stolen"},
    ("PUT", "/api/v1/conversations/{id}/characters/{character_id}"): lambda own: {"present": False},
}


@dataclass
class Belongings:
    """What one person has."""

    character: str
    conversation: str
    message: str
    reply: str

    user: str
    fact: str

    def path(self, path: str, each: str) -> str:
        known = {"id": each, "user_id": self.user, "memory_id": self.fact, "character_id": self.character}
        return path.format(**known)

    def id_for(self, path: str) -> Iterator[str]:
        if "/characters/" in path:
            yield self.character
        elif "/messages/{id}" in path:
            yield from (self.message, self.reply)
        else:
            yield self.conversation


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RestHouse]:
    """One house for all of this file; each test brings people of its own."""
    async with open_rest_house(tmp_path_factory.mktemp("house")) as opened:
        yield opened


async def routes(house: RestHouse) -> set[tuple[str, str]]:
    document = (await house.stranger.get("openapi.json")).body
    return {(method.upper(), path) for path, operations in document["paths"].items() for method in operations}


async def belongings_of(client: Client) -> Belongings:
    character = (await client.post("characters", {"name": "Secret", "description": "hidden garden"})).body
    chat = (await client.post("conversations", {"characterId": character["id"], "title": "hidden title"})).body
    said = await client.post(f"conversations/{chat['id']}/messages?wait=true", {"content": "/fail hidden words"})
    assert said.status == 201, said
    answered = await client.post(f"conversations/{chat['id']}/messages?wait=true", {"content": "/echo hidden words"})
    fact = (await client.post(f"characters/{character['id']}/memory/me", {"text": "has a hidden wish"})).body
    message, reply = said.body["message"], answered.body["replies"][0]
    return Belongings(character["id"], chat["id"], message["id"], reply["id"], message["senderId"], fact["id"])


async def everything(client: Client, own: Belongings) -> list[Any]:
    return [
        (await client.get(f"characters/{own.character}")).body,
        (await client.get(f"conversations/{own.conversation}")).body,
        (await client.get(f"conversations/{own.conversation}/messages")).body,
        (await client.get(f"characters/{own.character}/memory/me")).body,
    ]


async def attempts(house: RestHouse, client: Client, own: Belongings) -> list[tuple[str, Answer]]:
    done: list[tuple[str, Answer]] = []
    for method, path in sorted(await routes(house) - WITHOUT_IDS - FOR_THE_OWNER - OPEN_BY_ID):
        make = BODIES.get((method, path))
        body = make(own) if make else None
        done += [
            (f"{method} {path}", await client.ask(method, own.path(path, each), body)) for each in own.id_for(path)
        ]
    return done


async def test_another_users_things_are_not_there(house: RestHouse) -> None:
    sam, kim = await house.person("sam"), await house.person("kim")
    own = await belongings_of(sam)
    before = await everything(sam, own)
    for thief in (kim, house.owner):
        for route, answer in await attempts(house, thief, own):
            assert (answer.status, answer.code) == (404, "not_found"), route
            assert "hidden" not in str(answer.body), route
    assert await everything(sam, own) == before, "and nothing was changed"


async def test_without_a_token_nothing_of_it_exists(house: RestHouse) -> None:
    sam = await house.person("sam")
    own = await belongings_of(sam)
    for route, answer in await attempts(house, house.stranger, own):
        assert (answer.status, answer.code) == (401, "unauthenticated"), route


async def test_lists_hold_ones_own_and_the_starters(house: RestHouse) -> None:
    sam, kim = await house.person("sam"), await house.person("kim")
    await belongings_of(sam)
    for client in (kim, house.owner):
        for path in (
            "characters",
            "conversations?status=all",
            "characters?q=Secret",
            "conversations?q=hidden",
            "search?q=hidden",
        ):
            assert "Secret" not in str((await client.get(path)).body)
            assert "hidden" not in str((await client.get(path)).body)
    assert len((await kim.get("characters")).body["items"]) == 6


async def test_starters_are_the_owners_to_change(house: RestHouse) -> None:
    kim = await house.person("kim")
    mira = (await kim.get("characters/mira")).body
    assert (mira["starter"], mira["editable"]) == (True, False)
    assert (await kim.put("characters/mira", WHOLE)).code == "forbidden"
    assert (await kim.patch("characters/mira", {"name": "Mine"})).code == "forbidden"
    assert (await kim.post("characters/mira/restore")).code == "forbidden"
    assert (await kim.delete("characters/mira")).code == "forbidden"
    assert (await kim.ask("PUT", "characters/mira/avatar", data=b"x")).code == "forbidden"
    assert (await house.owner.get("characters/mira")).body["editable"]


async def test_models_and_the_machinery_are_the_owners(house: RestHouse) -> None:
    kim = await house.person("kim")
    for method, path in FOR_THE_OWNER:
        takes_body = "requestBody" in DOCUMENT["paths"][path][method.lower()]
        answer = await kim.ask(method, path.replace("{name}", "local"), {"name": "local"} if takes_body else None)
        assert (answer.status, answer.code) == (403, "forbidden")
    assert (await kim.get("models")).status == 200


async def test_no_route_is_forgotten(house: RestHouse) -> None:
    known = await routes(house)
    assert known >= WITHOUT_IDS | FOR_THE_OWNER | OPEN_BY_ID, "a route named here is gone"
    untried = {path for _, path in known - WITHOUT_IDS - FOR_THE_OWNER - OPEN_BY_ID if "{" not in path}
    assert untried <= {"/api/v1/conversations"}, "say in WITHOUT_IDS that it takes no id, or try it in BODIES"


async def test_keys_are_per_user_and_conversation(house: RestHouse) -> None:
    sam, kim = await house.person("sam"), await house.person("kim")
    answers = []
    for client in (sam, kim):
        chat = await client.chat()
        answers.append(await client.post(f"conversations/{chat}/messages", {"content": "Hi", "clientId": "same"}))
    assert [answer.status for answer in answers] == [201, 201]
    assert answers[0].body["id"] != answers[1].body["id"]
