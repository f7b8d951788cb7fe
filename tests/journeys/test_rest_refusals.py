"""What REST refuses, and how it says so."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from multidict import CIMultiDict

from everkin.interfaces.web import WebConfig
from tests.journeys.rest_house import PASSWORD, Client, RestHouse, open_rest_house

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RestHouse]:
    """One house for all of this file; each test brings people of its own."""
    async with open_rest_house(tmp_path_factory.mktemp("house")) as opened:
        yield opened


async def raw(client: Client, path: str, content: bytes, content_type: str = "application/json") -> Any:
    return await client.ask("POST", path, data=content, headers={"content-type": content_type})


async def test_no_token_or_a_bad_one_is_401_everywhere_under_api(house: RestHouse) -> None:
    for token in ("", "nonsense", house.owner.token[:-2]):
        client = Client(house.session, house.url, token)
        for path in ("conversations", "characters/mira", "health", "no/such/place", "auth/me"):
            answer = await client.get(path)
            assert (answer.status, answer.code) == (401, "unauthenticated")
            assert answer.headers["www-authenticate"] == "Bearer"
    basic = await house.stranger.get("auth/me", headers={"authorization": "Basic b3duZXI6"})
    assert basic.code == "unauthenticated"


async def test_an_unread_body_never_comes_before_the_token(house: RestHouse) -> None:
    assert (await raw(house.stranger, "conversations", b"{not json")).code == "unauthenticated"


async def test_unknown_places_and_methods(house: RestHouse) -> None:
    assert (await house.owner.get("no/such/place")).code == "not_found"
    for path in ("conversations/", "characters//mira", "/api", "/api/v2/characters"):
        assert (await house.owner.get(path)).code == "not_found", path
    wrong = await house.owner.patch("conversations", {})
    assert (wrong.status, wrong.code) == (405, "method_not_allowed")
    assert "GET" in wrong.headers["allow"] or "POST" in wrong.headers["allow"]


@pytest.mark.parametrize("id", ["cnv_none", "x" * 81, "%00", "a%20b", "..%2f..", "%F0%9F%A6%8A", "'%20OR%201=1", "%ff"])
async def test_ids_that_cannot_be(house: RestHouse, id: str) -> None:
    for path in (f"conversations/{id}", f"messages/{id}", f"characters/{id}", f"/media/{id}"):
        async with house.session.get(_exact(house, path), headers=house.owner.headers) as response:
            assert response.status == 404, path
            assert json.loads(await response.read())["code"] == "not_found"


def _exact(house: RestHouse, path: str) -> Any:
    from yarl import URL

    return URL(house.url + (path if path.startswith("/") else f"/api/v1/{path}"), encoded=True)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "content"),
        ({"content": None}, "content"),
        ({"content": 7}, "content"),
        ({"content": ["Hi"]}, "content"),
        ({"content": "Hi", "type": "image"}, "type"),
        ({"content": "Hi", "clientId": "x" * 65}, "clientId"),
        ({"content": "Hi", "clientId": ""}, "clientId"),
        ({"content": "Hi", "seq": 1}, "seq"),
        ({"content": "Hi", "senderType": "system"}, "senderType"),
        ({"content": "   \n"}, "content"),
        ({"content": "a\0b"}, "content"),
    ],
)
async def test_a_message_of_the_wrong_shape_names_the_field(house: RestHouse, body: Any, field: str) -> None:
    chat = await house.owner.chat()
    answer = await house.owner.post(f"conversations/{chat}/messages", body)
    assert answer.status == 422
    assert answer.code in ("invalid", "empty_text")
    assert answer.body.get("field", field) == field
    assert len((await house.owner.get(f"conversations/{chat}/messages")).body["items"]) == 1


async def test_a_field_deep_inside_is_named_with_dots(house: RestHouse) -> None:
    body = {"name": "Wren", "sampling": {"temperature": 9}, "traits": []}
    assert (await house.owner.post("characters", body)).body["field"] == "sampling.temperature"
    body = {"name": "Wren", "traits": ["kind", 7]}
    assert (await house.owner.post("characters", body)).body["field"] == "traits.1"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b'{"content": "\\ud800"}',
        b'{"\\ud800": 1, "content": "x"}',
        b'{"content": 1e400}',
        b'{"content": NaN}',
        b'{"content": "\xff\xfe"}',
        b'{"content": ' + b"9" * 5000 + b"}",
        b'{"content": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"content": "a", "content": 5}',
    ],
)
async def test_bodies_that_are_no_message(house: RestHouse, content: bytes) -> None:
    chat = await house.owner.chat()
    answer = await raw(house.owner, f"conversations/{chat}/messages", content)
    assert answer.status in (400, 422), answer
    assert answer.code in ("invalid", "bad_request")


@pytest.mark.parametrize(
    "content",
    [
        b'{"name": "W", "talkativeness": 1e400}',
        b'{"name": "W", "talkativeness": NaN}',
        b'{"name": "W", "sampling": {"temperature": -1e400}}',
        b'{"name": "W", "lorebook": {"a": 1e400}}',
        b'{"name": "W", "lorebook": {"a": "\\ud800"}}',
        b'{"name": "W", "lorebook": {"a": "\\u0000"}}',
        b'{"name": "W\\u0000"}',
        b'{"name": ""}',
        b'{"name": "Wren\\nUser"}',
        b'{"name": "Wren\\u2028User"}',
        b'{"name": "\\u202enerW"}',
        b'{"name": "\\u200b"}',
        b'{"name": "' + b"x" * 121 + b'"}',
        b'{"name": "W", "description": "' + b"x" * 20_001 + b'"}',
        b'{"name": "W", "avatar": "https://example.org/a.png"}',
        b'{"name": "W", "avatar": "//example.org/a.png"}',
        b'{"name": "W", "avatar": "javascript:alert(1)"}',
        b'{"name": "W", "avatar": "/media/med_00000000000000000000000000000000"}',
        b'{"name": "W", "id": "chr_1"}',
    ],
)
async def test_characters_that_cannot_be(house: RestHouse, content: bytes) -> None:
    answer = await raw(house.owner, "characters", content)
    assert (answer.status, answer.code) == (422, "invalid"), answer
    assert answer.body["field"]


async def test_json_without_saying_so_is_explained(house: RestHouse) -> None:
    answer = await raw(house.owner, "conversations", b'{"characterId": "mira"}', "application/x-www-form-urlencoded")
    assert answer.status == 422
    assert "Content-Type: application/json" in answer.body["detail"]


async def test_what_was_submitted_is_never_repeated(house: RestHouse) -> None:
    secret = "my secret passphrase"
    for body in ({"login": 5, "password": secret}, {"login": "x", "password": [secret]}, {"login": "x", secret: 1}):
        answer = await house.stranger.post("auth/login", body)
        if secret not in body:
            assert secret not in json.dumps(answer.body)
        assert answer.status == 422


async def test_a_text_that_is_too_long_tells_the_limit(house: RestHouse) -> None:
    chat = await house.owner.chat()
    answer = await house.owner.post(f"conversations/{chat}/messages", {"content": "x" * 2001})
    assert (answer.status, answer.code, answer.body["limit"]) == (413, "too_long", 2000)
    assert (await house.owner.post(f"conversations/{chat}/messages", {"content": "🦊" * 2000})).status == 201


async def test_a_body_that_is_too_large_is_not_read_whole(house: RestHouse) -> None:
    chat = await house.owner.chat()
    path = f"conversations/{chat}/messages"
    large = await raw(house.owner, path, b'{"content": "' + b"x" * 2**20 + b'"}')
    assert (large.status, large.code, large.body["limit"]) == (413, "too_long", 2**20)

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(64):
            yield b"x" * 2**16

    answer = await house.owner.ask("POST", path, data=pieces(), headers={"content-type": "application/json"})
    assert (answer.status, answer.code) == (413, "too_long")
    avatar = await house.owner.ask("PUT", "characters/mira/avatar", data=b"x" * (5 * 2**20 + 1))
    assert (avatar.status, avatar.code) == (413, "too_long")


@pytest.mark.parametrize("name", ["\u202enibor", "Robin\u2028System", "\u200b\u200b"])
async def test_a_person_is_called_by_what_is_seen_on_one_line(house: RestHouse, name: str) -> None:
    answer = await house.owner.ask("PATCH", "auth/me", json={"name": name})
    assert (answer.status, answer.code, answer.body["field"]) == (422, "invalid", "name")


async def test_a_key_that_is_too_long_is_told_in_characters(house: RestHouse) -> None:
    answer = await house.stranger.post("auth/local", {"key": "x" * 257})
    assert (answer.status, answer.body["field"], answer.body["limit"]) == (422, "key", 256)
    assert answer.body["detail"] == "key: has more than 256 characters."


async def test_one_way_of_being_answered_and_one_key(house: RestHouse) -> None:
    place = f"conversations/{await house.owner.chat()}/messages"
    both = await house.owner.post(f"{place}?wait=true&stream=true", {"content": "Hi"})
    assert (both.status, both.code, both.body["field"]) == (422, "invalid", "wait")
    keys = CIMultiDict(
        [("Authorization", f"Bearer {house.owner.token}"), ("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
    )
    url = f"{house.url}/api/v1/{place}"
    async with house.owner.session.post(url, json={"content": "Hi"}, headers=keys) as twice:
        assert (twice.status, (await twice.json())["field"]) == (422, "idempotency-key")
    assert len((await house.owner.get(place)).body["items"]) == 1, "nothing was said"


async def test_queries_out_of_bounds(house: RestHouse) -> None:
    chat = await house.owner.chat()
    for query, field in {
        "limit=0": "limit",
        "limit=201": "limit",
        "limit=many": "limit",
        "before=-1": "before",
        f"after={2**60}": "after",
    }.items():
        answer = await house.owner.get(f"conversations/{chat}/messages?{query}")
        assert (answer.status, answer.code, answer.body["field"]) == (422, "invalid", field)
    for query in ("status=deleted", "q=a%00b", "cursor=%00", "cursor=nonsense", "characterId=%00"):
        answer = await house.owner.get(f"conversations?{query}")
        assert (answer.status, answer.code) == (422, "invalid"), query


async def test_too_many_messages_say_when_to_come_back(tmp_path: Path) -> None:
    async with open_rest_house(tmp_path, message_rate_limit=2) as house:
        chat = await house.owner.chat()
        path = f"conversations/{chat}/messages"
        assert [(await house.owner.post(path, {"content": "Hi"})).status for _ in range(2)] == [201, 201]
        answer = await house.owner.post(path, {"content": "Hi"})
        assert (answer.status, answer.code) == (429, "rate_limited")
        assert int(answer.headers["retry-after"]) >= 1
        assert answer.body["retryAfter"] > 0
        async with house.owner.streaming(path, {"content": "Hi"}) as (response, _):
            assert response.status == 429
            assert response.headers["content-type"] == "application/problem+json"


async def test_guessing_a_password_slows_down(house: RestHouse) -> None:
    codes = [
        (await house.stranger.post("auth/login", {"login": "nobody", "password": "wrong guess"})).code for _ in range(6)
    ]
    assert codes == ["unauthenticated"] * 5 + ["rate_limited"]


JUNK: list[bytes] = [
    b"",
    b"\x00",
    b"{}",
    b"[{}]",
    b'{"": ""}',
    b'{"__proto__": {"a": 1}}',
    b'{"\\ud83e": "\\udd8a"}',
    b'{"content": {"$ne": null}, "name": [[]], "login": {}, "upToSeq": 1e999, "status": 0}',
    b'{"content": "\\udcff", "name": "\\udcff", "login": "\\udcff", "password": "\\udcff", "refresh": "\\udcff"}',
    b'{"login": "a\\u0000b", "password": "a\\u0000bcdefgh", "name": "\\u0000", "refresh": "\\u0000", "title": "\\u0000"}',
    b'{"upToSeq": 99999999999999999999999999, "name": "' + b"x" * 5000 + b'"}',
    b"\xef\xbb\xbf{}",
]


async def test_junk_is_never_an_internal_error(house: RestHouse) -> None:
    document = (await house.stranger.get("openapi.json")).body
    routes = [(method, path) for path, operations in document["paths"].items() for method in operations]
    for method, path in routes:
        client = await house.person() if path.endswith("logout") else house.owner
        tries = [("mira", junk) for junk in JUNK] if method != "get" and "local" not in path else [("mira", b"")]
        for place, junk in [*tries, ("%ED%A0%80", b"{}"), ("\u202e", b"{}")]:
            url = path.replace("{id}", place).replace("{name}", place)
            query = "?q=%ED%A0%80&limit=%00&before=1e9&status[]=x&tag=%f0%9f" if method == "get" else ""
            headers = {"content-type": "application/json"}
            answer = await client.ask(method.upper(), url + query, data=junk, headers=headers)
            assert answer.status < 500, (method, url, junk, answer)


async def test_an_error_nobody_foresaw_tells_nothing(house: RestHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("the secret is quixotic")

    monkeypatch.setattr(house.app.conversations, "get", broken)
    answer = await house.owner.get("conversations/cnv_1")
    assert (answer.status, answer.code) == (500, "internal")
    assert "quixotic" not in json.dumps(answer.body)
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_registering_is_closed_unless_opened(tmp_path: Path) -> None:
    body = {"login": "robin", "password": PASSWORD, "name": "Robin"}
    async with open_rest_house(tmp_path / "closed") as house:
        assert (await house.stranger.post("auth/register", body)).code == "forbidden"
    async with open_rest_house(tmp_path / "open", signup=True) as house:
        made = await house.stranger.post("auth/register", body)
        assert (made.status, made.body["user"]["role"]) == (201, "user")
        assert (await house.stranger.post("auth/register", body)).code == "conflict"
        signed_in = await house.stranger.post("auth/login", {"login": "Robin", "password": PASSWORD})
        assert signed_in.body["user"] == made.body["user"]
        robin = Client(house.session, house.url, signed_in.body["access"])
        assert (await robin.get("auth/me")).body["name"] == "Robin"
        weak = await house.stranger.post("auth/register", {**body, "login": "mia", "password": "short"})
        assert (weak.code, weak.body["field"], weak.body["limit"]) == ("invalid", "password", 8)


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "everkin.example.org"},
        {"host": "127.0.0.1.nip.io:80"},
        {"host": ""},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:1"},
        {"x-forwarded-for": "127.0.0.1"},
        {"x-forwarded-host": "localhost"},
        {"forwarded": "for=127.0.0.1"},
        {"x-real-ip": "127.0.0.1"},
    ],
)
async def test_no_tokens_for_who_only_pretends_to_be_here(house: RestHouse, headers: dict[str, str]) -> None:
    answer = await house.stranger.post("auth/local", house.key(), headers=headers)
    assert (answer.status, answer.code) == (403, "forbidden")


async def test_tokens_for_who_is_here_and_has_a_key(house: RestHouse) -> None:
    port = house.url.rpartition(":")[2]
    for headers in ({}, {"host": f"localhost:{port}", "origin": f"http://localhost:{port}"}, {"origin": house.url}):
        answer = await house.stranger.post("auth/local", house.key(), headers=headers)
        assert answer.status == 200
        assert answer.body["user"]["role"] == "owner"
        assert answer.headers["cache-control"] == "no-store"
        client = Client(house.session, house.url, answer.body["access"])
        assert (await client.get("auth/me")).body.items() >= answer.body["user"].items()


async def test_no_tokens_where_others_can_connect(tmp_path: Path) -> None:
    async with open_rest_house(tmp_path, WebConfig(host="0.0.0.0")) as house:
        assert (await house.stranger.post("auth/local", house.key())).code == "forbidden"
        assert (await house.stranger.get("about")).body["localSignIn"] is False


async def test_no_tokens_where_it_is_switched_off(tmp_path: Path) -> None:
    async with open_rest_house(tmp_path, WebConfig(local_sign_in=False)) as house:
        answer = await house.stranger.post("auth/local", house.key())
        assert (answer.code, "LOCAL_SIGN_IN" in answer.body["detail"]) == ("forbidden", True)
        assert (await house.stranger.get("about")).body["localSignIn"] is False
        await house.app.accounts.set_password("owner", PASSWORD)
        signed_in = await house.stranger.post("auth/login", {"login": "owner", "password": PASSWORD})
        assert signed_in.body["user"]["role"] == "owner"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (None, "takes a sign-in key"),
        ({}, "takes a sign-in key"),
        ({"key": ""}, "takes a sign-in key"),
        ({"key": "nonsense \N{SNOWMAN}"}, "not a sign-in key of this Everkin"),
        ({"key": "A" * 48}, "not a sign-in key of this Everkin"),
    ],
)
async def test_no_tokens_without_a_good_key(house: RestHouse, body: dict[str, str] | None, reason: str) -> None:
    answer = await house.stranger.post("auth/local", body)
    assert (answer.status, answer.code) == (401, "unauthenticated")
    assert reason in answer.body["detail"]
    assert "everkin link" in answer.body["detail"], "how to get in"


async def test_a_key_opens_once_also_when_two_use_it_at_once(house: RestHouse) -> None:
    body = house.key()
    answers = await asyncio.gather(*[house.stranger.post("auth/local", body) for _ in range(8)])
    assert sorted(answer.status for answer in answers) == [200] + [401] * 7
    late = await house.stranger.post("auth/local", body)
    assert "used before" in late.body["detail"]
    tokens = next(answer.body for answer in answers if answer.status == 200)
    winner = Client(house.session, house.url, tokens["access"])
    assert (await winner.get("auth/me")).status == 200, "a used key ends nobody's sign-in"


async def test_other_origins_only_when_named(tmp_path: Path) -> None:
    known, foreign = "https://chat.example.org", "https://evil.example"
    asking = {"access-control-request-method": "POST", "access-control-request-headers": "authorization"}
    async with open_rest_house(tmp_path, WebConfig(cors_origins=(known,))) as house:
        allowed = await house.stranger.ask("OPTIONS", "conversations", headers={"origin": known, **asking})
        assert allowed.headers["access-control-allow-origin"] == known
        assert (await house.stranger.post("auth/local", house.key(), headers={"origin": known})).status == 200
        refused = await house.stranger.ask("OPTIONS", "conversations", headers={"origin": foreign, **asking})
        assert "access-control-allow-origin" not in refused.headers
        assert (await house.stranger.post("auth/local", house.key(), headers={"origin": foreign})).code == "forbidden"


async def test_refresh_and_logout_over_the_wire(house: RestHouse) -> None:
    first = (await house.stranger.post("auth/local", house.key())).body
    second = (await house.stranger.post("auth/refresh", {"refresh": first["refresh"]})).body
    client = Client(house.session, house.url, second["access"])
    assert (await client.get("auth/me")).status == 200
    assert (await client.post("auth/logout")).status == 204
    assert (await client.get("auth/me")).code == "unauthenticated"
    assert (await house.stranger.post("auth/refresh", {"refresh": second["refresh"]})).code == "unauthenticated"
    assert (await house.owner.get("auth/me")).status == 200, "another sign-in is another matter"


async def test_a_slow_reader_of_headers_costs_nothing_more(house: RestHouse) -> None:
    """Many strangers at once get their answer; the owner too."""
    async with aiohttp.ClientSession() as other:
        stranger = Client(other, house.url)
        answers = await asyncio.gather(*[stranger.get("auth/me") for _ in range(50)], house.owner.get("auth/me"))
    assert [answer.status for answer in answers] == [401] * 50 + [200]
