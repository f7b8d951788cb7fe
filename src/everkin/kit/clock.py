"""Clocks: all code takes time from a Clock, so that tests can set it."""

import asyncio
import time
from typing import Protocol

from everkin.domain.ids import Millis


class Clock(Protocol):
    """A source of time."""

    def now(self) -> Millis:
        """Return Unix milliseconds of the wall clock."""

    def monotonic(self) -> float:
        """Return seconds that never decrease, for measuring durations."""

    async def sleep(self, seconds: float) -> None:
        """Suspend the task for `seconds` of this clock."""


class SystemClock:
    """The time of the operating system."""

    def now(self) -> Millis:
        return Millis(time.time_ns() // 1_000_000)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class ManualClock:
    """A clock that moves only by `advance`. Sleeping tasks resume in the order of their deadlines."""

    def __init__(self, now: int = 1_800_000_000_000) -> None:
        self._start = now
        self._elapsed = 0.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def now(self) -> Millis:
        return Millis(self._start + round(self._elapsed * 1000))

    def monotonic(self) -> float:
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self._elapsed + seconds, future))
        await future

    async def advance(self, seconds: float) -> None:
        """Move the clock forward, resuming each sleeping task at its deadline."""
        until = self._elapsed + seconds
        while True:
            due = [sleeper for sleeper in self._sleepers if sleeper[0] <= until]
            if not due:
                break
            first = min(due, key=lambda sleeper: sleeper[0])
            self._sleepers.remove(first)
            self._elapsed = max(self._elapsed, first[0])
            if not first[1].done():
                first[1].set_result(None)
            await settle()
        self._elapsed = until
        await settle()


async def settle(rounds: int = 20) -> None:
    """Yield to the event loop `rounds` times, so that tasks that are ready can run."""
    for _ in range(rounds):
        await asyncio.sleep(0)
