"""The waiting room in front of the password hash: shared fairly, and never longer than it may be."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field

import pytest

from everkin.domain.errors import Busy
from everkin.kit.clock import settle
from everkin.security.hashing_queue import RUNNING, WAITING, Applicant, HashingQueue


@dataclass
class Room:
    """Everybody who has their turn stays until `let_go`."""

    queue: HashingQueue = field(default_factory=HashingQueue)
    served: list[str] = field(default_factory=list)
    personal_data: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))

    async def come(self, key: str, *, first: bool = False) -> asyncio.Task[None]:
        task = asyncio.ensure_future(self._stay(Applicant(key, first)))
        await settle(2)
        return task

    async def let_go(self, count: int) -> None:
        for _ in range(count):
            self.personal_data.release()
        await settle()

    async def _stay(self, applicant: Applicant) -> None:
        async with self.queue.turn(applicant):
            self.served.append(applicant.key)
            await self.personal_data.acquire()


async def was_busy(task: Awaitable[None]) -> bool:
    try:
        await asyncio.wait_for(task, 5)
    except Busy:
        return True
    return False


async def test_addresses_take_turns() -> None:
    room = Room()
    for key in "aaaaaaabbc":
        await room.come(key)
    await room.let_go(10)
    assert room.served == list("aaabcabaaa"), "two at once, then one of each in turn"


async def test_known_devices_are_next_however_many_strangers_wait() -> None:
    room = Room()
    for number in range(RUNNING + WAITING):
        await room.come(f"stranger {number}")
    robin = await room.come("robin", first=True)
    await room.let_go(1)
    assert room.served[-1] == "robin"
    await room.let_go(200)
    assert not await was_busy(robin)


async def test_who_overfills_a_full_room_makes_place_for_others() -> None:
    room = Room()
    flood = [await room.come("flood") for _ in range(RUNNING + WAITING)]
    over = await room.come("flood")
    other = await room.come("another address")
    await room.let_go(200)
    assert await was_busy(over)
    assert [await was_busy(each) for each in flood] == [False] * (RUNNING + WAITING - 1) + [True]
    assert not await was_busy(other)
    assert "another address" in room.served[: RUNNING + 2]


async def test_the_room_is_never_larger_than_it_may_be() -> None:
    room = Room()
    tasks = [await room.come(f"{number}", first=number % 2 == 0) for number in range(500)]
    await room.let_go(500)
    assert sum([not await was_busy(each) for each in tasks]) == RUNNING + WAITING


async def test_who_gives_up_leaves_their_place_to_others() -> None:
    room = Room()
    for key in "ab":
        await room.come(key)
    gone, stays = await room.come("gone"), await room.come("stays")
    gone.cancel()
    await room.let_go(3)
    assert room.served == ["a", "b", "stays"]
    await stays
    last = await room.come("last")
    await room.let_go(1)
    await last


async def test_who_gives_up_in_the_moment_of_their_turn_passes_it_on() -> None:
    room = Room()
    for key in "ab":
        await room.come(key)
    gone, stays = await room.come("gone"), await room.come("stays")
    room.personal_data.release()
    while "a" in room.served and not gone.done():
        await asyncio.sleep(0)
        gone.cancel()
    await room.let_go(2)
    with pytest.raises(asyncio.CancelledError):
        await gone
    assert room.served[-1] == "stays"
    await room.let_go(1)
    await stays
