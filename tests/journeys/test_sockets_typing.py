"""Who is typing: several devices of one person, and an end that comes by itself."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from everkin.kit.clock import HandClock
from tests.journeys.socket_house import Ear, SocketHouse, open_socket_house


@pytest.fixture
async def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def house(tmp_path: Path, clock: HandClock) -> AsyncIterator[SocketHouse]:
    async with open_socket_house(tmp_path, clock=clock, typing_timeout_ms=3000) as opened:
        yield opened


def indicators(ear: Ear) -> list[bool]:
    return [body["isTyping"] for body in ear.bodies("typing:indicator")]


async def test_typing_ends_by_itself(house: SocketHouse, clock: HandClock) -> None:
    token = await house.token()
    conversation = await house.conversation(token)
    watcher, typist = await house.ear(token), await house.ear(token)
    await watcher.ask("conversation:join", conversationId=conversation.id)
    assert (await typist.ask("typing:start", conversationId=conversation.id))["ok"]
    await clock.advance(2.0)
    await typist.ask("typing:start", conversationId=conversation.id)
    await clock.advance(2.0)
    await watcher.ask("conversation:leave", conversationId="cnv_other")
    assert indicators(watcher) == [True]
    await clock.advance(1.5)
    await watcher.until(lambda ear: len(indicators(ear)) == 2)
    assert indicators(watcher) == [True, False]
    assert watcher.bodies("typing:indicator")[0]["userId"] == (await house.caller(token)).user_id


async def test_a_person_types_as_long_as_one_device_does(house: SocketHouse, clock: HandClock) -> None:
    token = await house.token()
    conversation = await house.conversation(token)
    watcher, desk, phone = [await house.ear(token) for _ in range(3)]
    await watcher.ask("conversation:join", conversationId=conversation.id)
    await desk.ask("typing:start", conversationId=conversation.id)
    await phone.ask("typing:start", conversationId=conversation.id)
    await desk.ask("typing:stop", conversationId=conversation.id)
    await watcher.ask("conversation:leave", conversationId="cnv_other")
    assert indicators(watcher) == [True]
    await phone.close()
    await watcher.until(lambda ear: len(indicators(ear)) == 2)
    assert indicators(watcher) == [True, False]
    await desk.ask("typing:start", conversationId=conversation.id)
    await desk.ask("typing:stop", conversationId=conversation.id)
    await watcher.until(lambda ear: len(indicators(ear)) == 4)
    assert indicators(watcher) == [True, False, True, False]
