"""A whole conversation over Socket.IO, and everything a client may do wrong."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.socket_house import SocketHouse, open_socket_house


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[SocketHouse]:
    async with open_socket_house(tmp_path) as opened:
        yield opened


async def test_a_message_is_accepted_answered_and_told_in_order(house: SocketHouse) -> None:
    token = await house.token()
    conversation = await house.conversation(token)
    ear = await house.ear(token)
    accepted = await ear.ask(
        "message:send", conversationId=conversation.id, content="/echo The kettle is on.", clientId="one"
    )
    await ear.until_ended()
    assert accepted["ok"] is True
    assert accepted["duplicate"] is False
    assert accepted["message"]["seq"] == 2
    assert accepted["message"]["turns"][0]["state"] == "pending"
    assert [name for name in ear.story() if name != "conversation:updated"] == [
        "message:received",
        "message:delivered",
        "typing:indicator",
        "started",
        "delta",
        "message:read",
        "typing:indicator",
        "message:received",
        "completed",
    ]
    said, reply = ear.bodies("message:received")
    assert said == accepted["message"]
    assert reply["content"] == "The kettle is on." == ear.spoken(ear.ends()[0]["turnId"])
    assert ear.ends()[0]["message"] == reply
    assert ear.ends()[0]["turn"]["state"] == "completed"


async def test_the_same_client_id_is_the_same_message(house: SocketHouse) -> None:
    token = await house.token()
    conversation = await house.conversation(token)
    ear = await house.ear(token)
    body = {"conversationId": conversation.id, "content": "/echo Yes.", "clientId": "one"}
    first = await ear.ask("message:send", **body)
    await ear.until_ended()
    again = await ear.ask("message:send", **body)
    assert again["duplicate"] is True
    assert again["message"]["id"] == first["message"]["id"]
    other = await ear.ask("message:send", **{**body, "content": "something else"})
    assert other["error"]["code"] == "key_reused"
    assert len(ear.bodies("message:received")) == 2


WRONG_SHAPES: list[tuple[str, Any, str | None]] = [
    ("message:send", {"content": "hi"}, "conversationId"),
    ("message:send", {"conversationId": "cnv_1", "content": 7}, "content"),
    ("message:send", {"conversationId": "cnv_1", "content": "hi", "type": "image"}, "type"),
    ("message:send", ["cnv_1"], None),
    ("message:send", None, None),
    ("message:stop", {}, "conversationId"),
    ("message:retry", {"messageId": 1}, "messageId"),
    ("message:read", {"conversationId": "cnv_1", "upToSeq": "3"}, "upToSeq"),
    ("conversation:join", {"conversationId": "cnv_1", "lastSeq": 1.5}, "lastSeq"),
    ("typing:start", "cnv_1", None),
    ("message:burn", {}, None),
]


async def test_a_wrong_shape_is_refused_by_name_and_the_connection_stays(house: SocketHouse) -> None:
    ear = await house.ear(await house.token())
    refusals = []
    for name, body, field in WRONG_SHAPES:
        answer = await ear.socket.call(name, body)
        assert answer["ok"] is False
        assert (answer["error"]["code"], answer["error"]["field"]) == ("invalid", field), name
        refusals.append(answer["error"])
        await ear.tell(name, body)
    await ear.until(lambda each: len(each.bodies("error")) == len(WRONG_SHAPES))
    assert ear.bodies("error") == refusals
    assert ear.socket.connected


async def test_texts_arrive_byte_for_byte_and_nul_is_refused(house: SocketHouse) -> None:
    token = await house.token()
    conversation = await house.conversation(token)
    ear = await house.ear(token)
    text = '\U0001f469‍\U0001f467 שלום ‏مرحبا e\u0301 \u202e\\ "x" </script>\n\tend'
    accepted = await ear.ask("message:send", conversationId=conversation.id, content=text)
    assert accepted["message"]["content"] == text
    await ear.until_ended()
    assert ear.bodies("message:received")[0]["content"] == text
    nul = await ear.ask("message:send", conversationId=conversation.id, content="a\0b")
    assert nul["error"]["code"] == "invalid"
    half = await ear.ask("message:send", conversationId=conversation.id, content="half \ud800 of one")
    assert half["error"]["code"] == "invalid"
    long = await ear.ask("message:send", conversationId=conversation.id, content="x" * 2001)
    assert (long["error"]["code"], long["error"]["limit"]) == ("too_long", 2000)
    empty = await ear.ask("message:send", conversationId=conversation.id, content="  ")
    assert empty["error"]["code"] == "empty_text"


async def test_another_users_ids_do_not_exist(house: SocketHouse) -> None:
    sam, eve = await house.token("sam"), await house.token("eve")
    conversation = await house.conversation(sam)
    ear, thief = await house.ear(sam), await house.ear(eve)
    accepted = await ear.ask("message:send", conversationId=conversation.id, content="/echo A secret.")
    asked: list[tuple[str, dict[str, Any]]] = [
        ("message:send", {"conversationId": conversation.id, "content": "hello"}),
        ("message:stop", {"conversationId": conversation.id}),
        ("message:retry", {"messageId": accepted["message"]["id"]}),
        ("message:read", {"conversationId": conversation.id, "upToSeq": 2}),
        ("typing:start", {"conversationId": conversation.id}),
        ("conversation:join", {"conversationId": conversation.id, "lastSeq": 0}),
    ]
    for name, body in asked:
        assert (await thief.ask(name, **body))["error"]["code"] == "not_found", name
    await ear.until_ended()
    await ear.ask("message:send", conversationId=conversation.id, content="/echo Another.")
    await ear.until_ended(2)
    assert (await thief.ask("conversation:leave", conversationId=conversation.id))["ok"]
    assert thief.heard == []


async def test_two_devices_hear_the_same(house: SocketHouse) -> None:
    token = await house.token()
    conversation = await house.conversation(token)
    desk, phone = await house.ear(token), await house.ear(token)
    assert (await phone.ask("conversation:join", conversationId=conversation.id))["missed"] == 0
    await desk.ask("message:send", conversationId=conversation.id, content="/echo To both.")
    await desk.until_ended()
    await phone.until_ended()
    assert phone.heard == desk.heard
    await phone.ask("message:read", conversationId=conversation.id, upToSeq=3)
    await desk.until(lambda ear: len(ear.bodies("message:read")) == 2)
    assert desk.bodies("message:read")[1]["upToSeq"] == 3
    await desk.ask("message:send", conversationId=conversation.id, content="/echo All of it.")
    await phone.until_ended(2)
    assert (await phone.ask("message:read", conversationId=conversation.id))["ok"]
    await desk.until(lambda ear: len(ear.bodies("message:read")) == 4)
    assert desk.bodies("message:read")[3]["upToSeq"] == 5, "without a seq: all there is"
    await phone.ask("conversation:leave", conversationId=conversation.id)
    before = len(phone.bodies("character:response"))
    await desk.ask("message:send", conversationId=conversation.id, content="/echo To one.")
    await desk.until_ended(3)
    assert len(phone.bodies("character:response")) == before


async def test_stopping_keeps_what_was_said(house: SocketHouse) -> None:
    token = await house.token()
    conversation = await house.conversation(token)
    ear = await house.ear(token)
    await ear.ask("message:send", conversationId=conversation.id, content="/slow")
    await ear.until(lambda each: each.responses("delta"))
    turn = ear.responses("started")[0]["turnId"]
    assert (await ear.ask("message:stop", conversationId=conversation.id, turnId="trn_other"))["stopped"] == 0
    assert (await ear.ask("message:stop", conversationId=conversation.id, turnId=turn))["stopped"] == 1
    await ear.until_ended()
    (end,) = ear.ends()
    assert end["phase"] == "stopped"
    assert end["message"]["content"] == ear.spoken(turn).rstrip() != ""
    assert end["turn"]["replyId"] == end["message"]["id"]
    history = await house.app.conversations.history(await house.caller(token), conversation.id)
    assert history.entries[-1].message.content == end["message"]["content"]


async def test_a_failure_is_told_and_can_be_mended(house: SocketHouse) -> None:
    token = await house.token()
    conversation = await house.conversation(token)
    ear = await house.ear(token)
    accepted = await ear.ask("message:send", conversationId=conversation.id, content="/fail-once Are you there?")
    await ear.until_ended()
    (failed,) = ear.ends()
    assert (failed["phase"], failed["code"]) == ("failed", "model_overloaded")
    assert failed["sentence"]
    again = await ear.ask("message:retry", messageId=accepted["message"]["id"])
    assert again["message"]["turns"][0]["attempt"] == 2
    await ear.until_ended(2)
    assert [end["phase"] for end in ear.ends()] == ["completed", "failed"]
    assert ear.bodies("message:updated")[0]["message"]["id"] == accepted["message"]["id"]
    assert (await ear.ask("message:retry", messageId=accepted["message"]["id"]))["error"]["code"] == "conflict"


async def test_every_device_learns_what_stands_aside(house: SocketHouse) -> None:
    """What a device shows by `headId` and `parentId` is what a device is brought that joins anew."""
    token = await house.token()
    conversation = await house.conversation(token)
    ear = await house.ear(token)
    await ear.ask("conversation:join", conversationId=conversation.id, lastSeq=0)
    asked = {"conversationId": conversation.id}
    first = await ear.ask("message:send", **asked, content="/echo one", clientId="1")
    await ear.until_ended()
    await ear.ask("message:send", **asked, content="/echo two", clientId="2")
    await ear.until_ended(2)
    await house.app.conversations.go_back_to(await house.caller(token), first["message"]["id"])
    await ear.ask("message:send", **asked, content="/echo three", clientId="3")
    await ear.until_ended(3)
    other = await house.ear(token)
    await other.ask("conversation:join", **asked, lastSeq=0)
    held = {each["id"]: each for each in ear.bodies("message:received")}
    at, shown = ear.bodies("conversation:updated")[-1]["headId"], []
    while at is not None:
        shown.append(at)
        at = held[at]["parentId"]
    assert [held[each]["seq"] for each in reversed(shown)] == [1, 2, 6, 7]
    assert [each["id"] for each in other.bodies("message:received")] == shown[::-1]
