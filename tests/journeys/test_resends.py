"""A message sent again with its key is the message it was, whatever would be refused by now."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from everkin.domain.conversation import ConversationStatus
from everkin.domain.errors import Busy, Conflict, KeyReused, NotFound, TooMany, Unavailable
from everkin.kit.clock import ManualClock
from tests.contracts.valkey import Valkey, running_valkey
from tests.journeys.conftest import Runtime, open_runtime
from tests.journeys.rest_house import Answer, Client, RestHouse, open_rest_house
from tests.journeys.socket_house import open_socket_house
from tests.journeys.test_turns import conversation_of

LIMIT = 30
"""MESSAGE_RATE_LIMIT as it ships."""


@pytest.fixture(scope="module")
def valkey() -> Iterator[Valkey]:
    with running_valkey() as server:
        yield server


@pytest.fixture(params=["local", "redis"])
async def limited(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[RestHouse]:
    told: dict[str, Any] = {"message_rate_limit": LIMIT}
    if request.param == "redis":
        server: Valkey = request.getfixturevalue("valkey")
        server.ask(b"FLUSHALL")
        told["redis_url"] = server.url
    async with open_rest_house(tmp_path, **told) as opened:
        yield opened


async def post(client: Client, chat: str, number: int, content: str = "", **named: Any) -> Answer:
    body = {"content": content or f"/echo {number}", "clientId": f"key-{number}"}
    return await client.post(f"conversations/{chat}/messages", body, **named)


async def test_at_the_limit_everything_can_be_sent_again_over_rest(limited: RestHouse) -> None:
    client = limited.owner
    chat = await client.chat()
    first = [await post(client, chat, number) for number in range(LIMIT)]
    assert {each.status for each in first} == {201}
    again = [await post(client, chat, number) for number in range(LIMIT)]
    assert {each.status for each in again} == {200}
    assert [each.body["id"] for each in again] == [each.body["id"] for each in first]
    by_header = await client.post(
        f"conversations/{chat}/messages", {"content": "/echo 7"}, headers={"idempotency-key": "key-7"}
    )
    assert (by_header.status, by_header.body["id"]) == (200, first[7].body["id"])
    waited = await post(client, chat, 8, params={"wait": "true"})
    assert (waited.status, [each["content"] for each in waited.body["replies"]]) == (200, ["8"])
    other = await post(client, chat, 3, "/echo other")
    assert (other.status, other.code) == (422, "key_reused")
    fresh = await post(client, chat, LIMIT)
    assert (fresh.status, fresh.code) == (429, "rate_limited")


async def test_at_the_limit_a_stream_tells_the_answer_again(limited: RestHouse) -> None:
    client = limited.owner
    chat = await client.chat()
    for number in range(LIMIT):
        await post(client, chat, number)
    body = {"content": "/echo 5", "clientId": "key-5"}
    async with client.streaming(f"conversations/{chat}/messages", body) as (response, events):
        heard = [(name, told) async for name, told in events]
    assert response.status == 200
    assert heard[0][0] == "accepted"
    assert heard[-1][1]["message"]["content"] == "5"


async def test_sends_of_one_key_at_once_are_one_message_even_at_the_limit(limited: RestHouse) -> None:
    client = limited.owner
    chat = await client.chat()
    for number in range(LIMIT - 1):
        await post(client, chat, number)
    answers = await asyncio.gather(*(post(client, chat, LIMIT - 1) for _ in range(8)))
    assert sorted(each.status for each in answers) == [*[200] * 7, 201]
    assert len({each.body["id"] for each in answers}) == 1
    assert (await post(client, chat, LIMIT)).status == 429


async def test_at_the_limit_everything_can_be_sent_again_over_a_socket(tmp_path: Path) -> None:
    async with open_socket_house(tmp_path, rate=LIMIT) as house:
        token = await house.token()
        chat = (await house.conversation(token)).id
        ear = await house.ear(token)
        sends = [{"conversationId": chat, "content": f"/echo {n}", "clientId": f"key-{n}"} for n in range(LIMIT)]
        first = [await ear.ask("message:send", **body) for body in sends]
        assert all(each["ok"] and not each["duplicate"] for each in first)
        phone = await house.ear(token)
        again = [await phone.ask("message:send", **body) for body in sends]
        assert all(each["ok"] and each["duplicate"] for each in again)
        assert [each["message"]["id"] for each in again] == [each["message"]["id"] for each in first]
        refused = await ear.ask("message:send", conversationId=chat, content="/echo more", clientId="more")
        assert refused["error"]["code"] == "rate_limited"


async def test_a_socket_that_hears_too_much_still_gets_its_message_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("everkin.interfaces.sockets.fanout.MOST_CONVERSATIONS", 1)
    async with open_socket_house(tmp_path) as house:
        token = await house.token()
        chats = [(await house.conversation(token)).id for _ in range(2)]
        body = {"conversationId": chats[1], "content": "/echo once", "clientId": "k"}
        sent = await (await house.ear(token)).ask("message:send", **body)
        full = await house.ear(token)
        await full.ask("conversation:join", conversationId=chats[0])
        again = await full.ask("message:send", **body)
        assert again["duplicate"]
        assert again["message"]["id"] == sent["message"]["id"]
        refused = await full.ask("message:send", **{**body, "clientId": "k2"})
        assert refused["error"]["code"] == "rate_limited"


# -- each refusal by itself -----------------------------------------------------------------------------------------


async def test_while_the_queue_is_full(tmp_path: Path) -> None:
    async with open_runtime(tmp_path, max_waiting=2) as runtime:
        sam = await runtime.person()
        chat = (await conversation_of(runtime, sam)).id
        sent = await runtime.turns.say(sam, chat, "/hang", client_id="k")
        await runtime.turns.say(sam, chat, "/hang")
        with pytest.raises(Busy):
            await runtime.turns.say(sam, chat, "/echo new", client_id="k2")
        again = await runtime.turns.say(sam, chat, "/hang", client_id="k")
        assert again.duplicate
        assert again.message == sent.message
        with pytest.raises(KeyReused):
            await runtime.turns.say(sam, chat, "/echo other", client_id="k")
        await runtime.turns.stop(sam, chat)


async def test_sends_of_one_key_at_once_take_one_place_in_the_queue(tmp_path: Path) -> None:
    async with open_runtime(tmp_path, max_waiting=1) as runtime:
        sam = await runtime.person()
        chat = (await conversation_of(runtime, sam)).id
        sends = (runtime.turns.say(sam, chat, "/hang", client_id="k") for _ in range(8))
        answers = await asyncio.gather(*sends)
        assert sorted(each.duplicate for each in answers) == [False, *[True] * 7]
        assert len({each.message.id for each in answers}) == 1
        await runtime.turns.stop(sam, chat)


async def test_in_an_archived_conversation(runtime: Runtime) -> None:
    sam = await runtime.person()
    chat = (await conversation_of(runtime, sam)).id
    sent = await runtime.turns.say(sam, chat, "/echo before", client_id="k")
    await runtime.conversations.set_status(sam, chat, ConversationStatus.ARCHIVED)
    assert (await runtime.turns.say(sam, chat, "/echo before", client_id="k")).message.id == sent.message.id
    with pytest.raises(Conflict):
        await runtime.turns.say(sam, chat, "/echo after", client_id="k2")


async def test_while_the_house_is_closing(runtime: Runtime) -> None:
    sam = await runtime.person()
    chat = (await conversation_of(runtime, sam)).id
    sent = await runtime.turns.say(sam, chat, "/echo before", client_id="k")
    await runtime.turns.drain(20)
    async with asyncio.timeout(20), runtime.turns.saying(sam, chat, "/echo before", client_id="k") as (again, events):
        assert again.message.id == sent.message.id
        assert [event async for event in events], "the answer is told again"
    with pytest.raises(Unavailable):
        await runtime.turns.say(sam, chat, "/echo after", client_id="k2")


async def test_a_spent_budget_takes_no_message_back(tmp_path: Path) -> None:
    async with open_rest_house(tmp_path, daily_token_budget=1) as house:
        chat = await house.owner.chat()
        sent = await post(house.owner, chat, 1, params={"wait": "true"})
        fresh = await post(house.owner, chat, 2)
        assert (fresh.status, fresh.code) == (429, "budget_spent")
        again = await post(house.owner, chat, 1)
        assert (again.status, again.body["id"]) == (200, sent.body["message"]["id"])


async def test_the_message_comes_back_as_it_is_now(tmp_path: Path) -> None:
    async with open_runtime(tmp_path, rate=2) as runtime:
        sam = await runtime.person()
        chat = (await conversation_of(runtime, sam)).id
        edited = (await runtime.turns.say(sam, chat, "/echo one", client_id="k1")).message
        deleted = (await runtime.turns.say(sam, chat, "/echo two", client_id="k2")).message
        await runtime.conversations.edit(sam, edited.id, "/echo better")
        await runtime.conversations.delete(sam, deleted.id)
        assert (await runtime.turns.say(sam, chat, "/echo one", client_id="k1")).message.content == "/echo better"
        again = (await runtime.turns.say(sam, chat, "/echo two", client_id="k2")).message
        assert (again.id, again.content) == (deleted.id, "")
        await runtime.conversations.set_status(sam, chat, ConversationStatus.DELETED)
        with pytest.raises(NotFound):
            await runtime.turns.say(sam, chat, "/echo one", client_id="k1")


async def test_what_others_sent_is_found_by_nobody_else(tmp_path: Path) -> None:
    async with open_runtime(tmp_path, rate=1) as runtime:
        sam, kim = await runtime.person("Sam"), await runtime.person("Kim")
        chat = (await runtime.conversations.create(sam, [(await runtime.character(sam)).id], people=[kim.user_id])).id
        await runtime.turns.say(sam, chat, "/echo mine", client_id="k")
        theirs = await runtime.turns.say(kim, chat, "/echo theirs", client_id="k")
        assert not theirs.duplicate
        with pytest.raises(NotFound):
            await runtime.turns.say(await runtime.person("Lee"), chat, "/echo mine", client_id="k")


async def test_a_resend_counts_towards_no_limit(tmp_path: Path) -> None:
    clock = ManualClock()
    async with open_runtime(tmp_path, clock=clock, rate=2) as runtime:
        sam = await runtime.person()
        chat = (await conversation_of(runtime, sam)).id

        async def say(key: str) -> bool:
            return (await runtime.turns.say(sam, chat, f"/echo {key}", client_id=key)).duplicate

        assert [await say(key) for key in ("a", "a", "a", "b", "a")] == [False, True, True, False, True]
        with pytest.raises(TooMany):
            await say("c")
        await clock.advance(61)
        assert [await say(key) for key in ("a", "b", "a", "c", "d")] == [True, True, True, False, False]
        with pytest.raises(TooMany):
            await say("e")
        assert await say("a"), "long after it was counted, and at the limit"
        await clock.advance(59)
        assert await say("c"), "not counted anew by coming again"
        await clock.advance(1)
        assert [await say(key) for key in ("e", "f")] == [False, False]
