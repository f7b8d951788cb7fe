"""The seam for time. Shipped code asks a Clock; tests turn it by hand."""

import asyncio
import time
from typing import Protocol

from everkin.domain.ids import Millis


class Clock(Protocol):
    def now(self) -> Millis:
        """Wall clock, Unix milliseconds."""

    def monotonic(self) -> float:
        """Seconds that only go forward, for durations."""

    async def sleep(self, seconds: float) -> None: ...


class SystemClock:
    def now(self) -> Millis:
        return Millis(time.time_ns() // 1_000_000)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class ManualClock:
    """Stands still until `advance`; sleepers wake in the order of their deadlines."""

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
    """Lets everything that is ready to run do so."""
    for _ in range(rounds):
        await asyncio.sleep(0)
