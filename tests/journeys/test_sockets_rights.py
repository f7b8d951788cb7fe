"""Who may connect, and for how long."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import socketio.exceptions

from everkin.interfaces.sockets.chat import SocketConfig
from everkin.kit.clock import ManualClock
from tests.journeys.socket_house import PATIENCE, Ear, SocketHouse, connect_packet, open_socket_house

CONFIG = SocketConfig(origins=("https://friends.example",), per_user=2, per_address=5)


@pytest.fixture
async def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def house(tmp_path: Path, clock: ManualClock) -> AsyncIterator[SocketHouse]:
    async with open_socket_house(tmp_path, clock=clock, config=CONFIG) as opened:
        yield opened


async def until_cut(clock: ManualClock, ear: Ear, most: float) -> None:
    """Turns the clock until the connection ends; it has to within `most` seconds of it."""
    for _ in range(round(most)):
        await clock.advance(1.0)
        if ear.bodies("error"):
            break
    async with asyncio.timeout(PATIENCE):
        await ear.cut.wait()


async def refusal(house: SocketHouse, token: str, **options: Any) -> dict[str, Any]:
    ear = Ear(house.url, token)
    with pytest.raises(socketio.exceptions.ConnectionError):
        await ear.connect(**options)
    assert ear.refusal is not None
    return ear.refusal


async def test_without_a_good_token_nobody_gets_in(house: SocketHouse) -> None:
    for options in ({}, {"auth": None}, {"auth": {"token": 7}}, {"auth": ["x"]}, {"auth": {}}):
        told = await refusal(house, "not.a.token", **options)
        assert told["data"]["code"] == "unauthenticated"
        assert told["message"] == told["data"]["sentence"] != ""


async def test_the_authorization_header_will_do(house: SocketHouse) -> None:
    token = await house.token()
    ear = await house.ear("", auth=None, headers={"Authorization": f"Bearer {token}"})
    assert (await ear.ask("conversation:leave", conversationId="cnv_1"))["ok"]


async def test_a_connection_ends_with_its_token(house: SocketHouse, clock: ManualClock) -> None:
    token = await house.token()
    ear = await house.ear(token)
    caller = await house.caller(token)
    await clock.advance((caller.expires_at - clock.now()) / 1000 - 1)
    assert (await ear.ask("conversation:leave", conversationId="cnv_1"))["ok"]
    await until_cut(clock, ear, most=6)
    assert [error["code"] for error in ear.bodies("error")] == ["unauthenticated"]


async def test_a_connection_ends_with_a_logout(house: SocketHouse, clock: ManualClock) -> None:
    token = await house.token()
    ear = await house.ear(token)
    await house.app.accounts.logout(await house.caller(token))
    assert (await ear.ask("message:send", conversationId="cnv_1", content="hi"))["error"]["code"] == "unauthenticated"
    await until_cut(clock, ear, most=5)


async def test_who_does_not_sign_in_is_cut(house: SocketHouse, clock: ManualClock) -> None:
    async with aiohttp.ClientSession() as session:
        silent = await session.ws_connect(f"{house.url}/socket.io/?EIO=4&transport=websocket")
        assert (await silent.receive(PATIENCE)).data.startswith("0")
        await clock.advance(CONFIG.connect_seconds - 1)
        assert (await house.figures())["open"] == 1
        await clock.advance(4)
        assert (await silent.receive(PATIENCE)).type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
        assert (await house.figures())["open"] == 0


async def test_who_leaves_the_namespace_has_to_sign_in_again(house: SocketHouse, clock: ManualClock) -> None:
    token = await house.token()
    async with aiohttp.ClientSession() as session:
        raw = await session.ws_connect(f"{house.url}/socket.io/?EIO=4&transport=websocket")
        await raw.receive(PATIENCE)
        for packet in (connect_packet(token), "41"):
            await raw.send_str(packet)
        assert (await raw.receive(PATIENCE)).data.startswith("40{")
        await house.until_figure("signed_in", 0)
        await clock.advance(CONFIG.connect_seconds + 4)
        assert (await raw.receive(PATIENCE)).type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)


async def test_origins(house: SocketHouse) -> None:
    token = await house.token()
    for origin in ("https://friends.example", house.url):
        ear = await house.ear(token, headers={"Origin": origin})
        await ear.close()
    for origin in ("https://evil.example", "null", f"{house.url}.evil.example"):
        with pytest.raises(socketio.exceptions.ConnectionError):
            await Ear(house.url, token).connect(headers={"Origin": origin})


async def test_one_user_and_one_address_hold_so_many_and_no_more(house: SocketHouse) -> None:
    sam, eve = await house.token("sam"), await house.token("eve")
    first, _ = [await house.ear(sam) for _ in range(2)]
    assert (await refusal(house, sam))["data"]["code"] == "rate_limited"
    await house.ear(eve)
    await first.close()
    await house.ear(sam)
    await house.until_figure("open", 3)
    async with aiohttp.ClientSession() as session:
        address = f"{house.url}/socket.io/?EIO=4&transport=websocket"
        kept = [await session.ws_connect(address) for _ in range(2)]
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(address)
        assert all(not each.closed for each in kept)
