"""Who is typing: several devices of one person, and an end that comes by itself."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from everkin.kit.clock import ManualClock
from tests.journeys.socket_house import Ear, SocketHouse, open_socket_house


@pytest.fixture
async def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def house(tmp_path: Path, clock: ManualClock) -> AsyncIterator[SocketHouse]:
    async with open_socket_house(tmp_path, clock=clock, typing_timeout_ms=3000) as opened:
        yield opened


def indicators(ear: Ear) -> list[bool]:
    return [body["isTyping"] for body in ear.bodies("typing:indicator")]


@dataclass
class Company:
    """Sam and Kim in one conversation; Kim listens."""

    chat: str
    sam: str
    sam_id: str
    watcher: Ear


@pytest.fixture
async def company(house: SocketHouse) -> Company:
    sam, kim = await house.token("sam"), await house.token("kim")
    caller = await house.caller(sam)
    ada = await house.runtime.character(caller)
    people = [(await house.caller(kim)).user_id]
    chat = (await house.app.conversations.create(caller, [ada.id], people=people)).id
    watcher = await house.ear(kim)
    await watcher.ask("conversation:join", conversationId=chat)
    return Company(chat, sam, caller.user_id, watcher)


async def test_typing_ends_by_itself(house: SocketHouse, clock: ManualClock, company: Company) -> None:
    watcher, typist = company.watcher, await house.ear(company.sam)
    assert (await typist.ask("typing:start", conversationId=company.chat))["ok"]
    await clock.advance(2.0)
    await typist.ask("typing:start", conversationId=company.chat)
    await clock.advance(2.0)
    await watcher.ask("conversation:leave", conversationId="cnv_other")
    assert indicators(watcher) == [True]
    await clock.advance(1.5)
    await watcher.until(lambda ear: len(indicators(ear)) == 2)
    assert indicators(watcher) == [True, False]
    assert watcher.bodies("typing:indicator")[0]["userId"] == company.sam_id


async def test_a_person_types_as_long_as_one_device_does(house: SocketHouse, company: Company) -> None:
    watcher, desk, phone = company.watcher, await house.ear(company.sam), await house.ear(company.sam)
    await desk.ask("typing:start", conversationId=company.chat)
    await phone.ask("typing:start", conversationId=company.chat)
    await desk.ask("typing:stop", conversationId=company.chat)
    await watcher.ask("conversation:leave", conversationId="cnv_other")
    assert indicators(watcher) == [True]
    await phone.close()
    await watcher.until(lambda ear: len(indicators(ear)) == 2)
    assert indicators(watcher) == [True, False]
    await desk.ask("typing:start", conversationId=company.chat)
    await desk.ask("typing:stop", conversationId=company.chat)
    await watcher.until(lambda ear: len(indicators(ear)) == 4)
    assert indicators(watcher) == [True, False, True, False]


async def test_no_device_of_a_person_is_told_that_this_person_types(house: SocketHouse, company: Company) -> None:
    desk, phone = await house.ear(company.sam), await house.ear(company.sam)
    for ear in (desk, phone):
        await ear.ask("conversation:join", conversationId=company.chat)
    await desk.ask("typing:start", conversationId=company.chat)
    await desk.ask("typing:stop", conversationId=company.chat)
    await company.watcher.until(lambda ear: len(indicators(ear)) == 2)
    await company.watcher.ask("typing:start", conversationId=company.chat)
    for ear in (desk, phone):
        await ear.until(indicators)
        assert indicators(ear) == [True], "only what the other one types"
