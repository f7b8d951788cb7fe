"""Telling: a reply's text on its way to the doors, a piece now and then rather than every token."""

import asyncio
from collections.abc import Awaitable, Callable

from everkin.kit.tasks import Tasks

Tell = Callable[[str, int], Awaitable[None]]
"""(text, offset in code points)"""


class DeltaBuffer:
    """The first piece goes out at once; later ones are gathered for `interval` seconds. Pieces keep their order and
    leave no gap. `held`: nothing goes out before the first `flush`."""

    def __init__(self, tell: Tell, interval: float, tasks: Tasks, *, held: bool = False) -> None:
        self._tell = tell
        self._interval = interval
        self._held = held
        self._tasks = tasks
        self._waiting: list[str] = []
        self._told = 0
        self._next_at = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._turn = asyncio.Lock()

    async def add(self, text: str) -> None:
        self._waiting.append(text)
        if self._held:
            return
        loop = asyncio.get_running_loop()
        if loop.time() >= self._next_at:
            await self.flush()
        elif self._timer is None:
            self._timer = loop.call_at(self._next_at, self._due)

    async def flush(self) -> None:
        self._held = False
        async with self._turn:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            text = "".join(self._waiting)
            self._waiting.clear()
            if not text:
                return
            self._next_at = asyncio.get_running_loop().time() + self._interval
            offset, self._told = self._told, self._told + len(text)
            await self._tell(text, offset)

    def _due(self) -> None:
        self._timer = None
        self._tasks.start(self.flush())
