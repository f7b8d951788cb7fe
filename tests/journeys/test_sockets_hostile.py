"""Clients that break the protocol or do not read: they are cut, and nobody else notices."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import msgspec
import pytest
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as connect_websocket

from everkin.domain.events import MessageChanged
from everkin.interfaces.sockets import wire
from everkin.interfaces.sockets.chat import SocketConfig
from everkin.interfaces.sockets.resume import PACE_BYTES
from everkin.kit.clock import settle
from tests.journeys.socket_house import PATIENCE, SocketHouse, connect_packet, open_socket_house, remember

ENDED = (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSING)
MALFORMED = [
    "",
    "x",
    "7",
    "4",
    "49",
    "42",
    "42{}",
    "42/admin,[]",
    "42" + "9" * 400 + "[]",
    "4[1,2]",
    '451-["message:send",{"_placeholder":true,"num":0}]',
    "459999999999-[]",
    '43["ack nobody asked for"]',
    "44",
    '40{"token":',
    "bAAAA",
    "é",
]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[SocketHouse]:
    async with open_socket_house(tmp_path, config=SocketConfig(outbox_bytes=256 * 1024)) as opened:
        yield opened


async def signed_in(house: SocketHouse, session: aiohttp.ClientSession, token: str) -> aiohttp.ClientWebSocketResponse:
    raw = await session.ws_connect(f"{house.url}/socket.io/?EIO=4&transport=websocket")
    await raw.receive(PATIENCE)
    await raw.send_str(connect_packet(token))
    assert (await raw.receive(PATIENCE)).data.startswith("40")
    return raw


async def test_malformed_packets_close_the_socket_and_nothing_else(
    house: SocketHouse, caplog: pytest.LogCaptureFixture
) -> None:
    token = await house.token()
    conversation = await house.conversation(token)
    ear = await house.ear(token)
    async with aiohttp.ClientSession() as session:
        for packet in (*MALFORMED, b"\x00\x01", b"42[]"):
            raw = await signed_in(house, session, token)
            await (raw.send_bytes(packet) if isinstance(packet, bytes) else raw.send_str(packet))
            assert (await raw.receive(PATIENCE)).type in ENDED, packet
            await raw.close()
        too_big = await signed_in(house, session, token)
        await too_big.send_str("42" + "[" * 200_000)
        assert (await too_big.receive(PATIENCE)).type in ENDED
        await too_big.close()
    await ear.ask("message:send", conversationId=conversation.id, content="/echo Still here.")
    await ear.until_ended()
    await house.until_figure("open", 1)
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []


async def test_broken_json_is_answered(house: SocketHouse) -> None:
    async with aiohttp.ClientSession() as session:
        raw = await signed_in(house, session, await house.token())
        for packet in (
            "42[",
            "421[1]",
            "421[]",
            '421["message:stop",{"conversationId":"cnv_1"},{"conversationId":"cnv_2"}]',
            '421["message:send",{"conversationId":"\\ud800"}]',
            "421[" + "[" * 3000,
        ):
            await raw.send_str(packet)
            answer = (await raw.receive(PATIENCE)).data
            assert '"code":"invalid"' in answer, (packet[:40], answer)
        await raw.close()


@pytest.mark.parametrize("request_", wire.REQUESTS, ids=lambda each: each.name)
async def test_an_unknown_field_is_refused_by_name(house: SocketHouse, request_: wire.Request) -> None:
    ear = await house.ear(await house.token())
    known = {"conversationId": "cnv_1", "content": "Hi", "upToSeq": 1, "messageId": "msg_1"}
    fields = msgspec.structs.fields(request_.body)
    body = {each.encode_name: known[each.encode_name] for each in fields if each.encode_name in known}
    refused = await ear.ask(request_.name, **body, nosuch=1)
    assert (refused["ok"], refused["error"]["code"], refused["error"]["field"]) == (False, "invalid", "nosuch")
    assert all(each.encode_name in refused["error"]["sentence"] for each in fields)
    long = await ear.ask(request_.name, **{"x" * 5000: 1})
    assert len(long["error"]["field"]) == 120


async def deaf_client(
    house: SocketHouse, token: str, conversation_id: str, last_seq: int | None = None
) -> ClientConnection:
    """Joins, then never reads: one message in its queue, the smallest TCP window."""
    small = socket.socket()
    small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    host, port = house.url.removeprefix("http://").split(":")
    small.connect((host, int(port)))
    small.setblocking(False)
    raw = await connect_websocket(
        f"ws://{host}:{port}/socket.io/?EIO=4&transport=websocket", sock=small, max_queue=1, ping_interval=None,
        close_timeout=0.1, compression=None,
    )  # fmt: skip
    await raw.recv()
    await raw.send(connect_packet(token))
    await raw.recv()
    since = "" if last_seq is None else f',"lastSeq":{last_seq}'
    await raw.send(f'421["conversation:join",{{"conversationId":"{conversation_id}"{since}}}]')
    await raw.recv()
    return raw


async def test_a_client_that_does_not_read_is_cut_and_slows_nobody(house: SocketHouse) -> None:
    token = await house.token()
    conversation = await house.conversation(token)
    deaf = await deaf_client(house, token, conversation.id)
    ear = await house.ear(token)
    await ear.ask("conversation:join", conversationId=conversation.id)
    accepted = await ear.ask("message:send", conversationId=conversation.id, content="/echo Yes.")
    await ear.until_ended()
    caller = await house.caller(token)
    entry = await house.app.conversations.message(caller, accepted["message"]["id"])
    event = MessageChanged(
        conversation_id=conversation.id, audience=conversation.user_ids, message=entry.message, turns=entry.turns
    )
    told = 0
    async with asyncio.timeout(PATIENCE):
        while not (await house.figures()).get("cut_slow"):
            for _ in range(50):
                await house.runtime.events.publish(event, conversation.id)
            told += 50
            await ear.until(lambda each, told=told: len(each.bodies("message:updated")) == told)
    await house.until_figure("open", 1)
    await ear.ask("message:send", conversationId=conversation.id, content="/echo Still.")
    await ear.until_ended(2)
    deaf.transport.abort()


async def test_a_client_that_goes_away_while_it_catches_up_leaves_nothing_behind(tmp_path: Path) -> None:
    async with open_socket_house(tmp_path) as house:
        token = await house.token()
        conversation = await house.conversation(token)
        caller = await house.caller(token)
        texts = ["x" * 2000] * 3000
        await asyncio.gather(*(remember(house.runtime.record, conversation, caller, text) for text in texts))
        deaf = await deaf_client(house, token, conversation.id, last_seq=0)
        async with asyncio.timeout(PATIENCE):
            while (await house.figures())["waiting_bytes"] < PACE_BYTES:
                await settle(1)
        assert (await house.figures())["waiting_bytes"] < 2 * PACE_BYTES
        deaf.transport.abort()
        await house.until_figure("open", 0)
