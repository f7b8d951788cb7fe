"""Delta buffer: gathers the tokens of a reply into fewer, larger deltas."""

import asyncio
from collections.abc import Awaitable, Callable

from everkin.kit.tasks import Tasks

Tell = Callable[[str, int], Awaitable[None]]
"""Publishes a delta: (text, offset in code points)."""


class DeltaBuffer:
    """Passes the first piece of text to `tell` at once and gathers later ones for `interval` seconds.

    Deltas keep their order and leave no gap. With `held`, no delta is sent before the first `flush`.
    """

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
        """Append text; send it now or at the end of the current interval."""
        self._waiting.append(text)
        if self._held:
            return
        loop = asyncio.get_running_loop()
        if loop.time() >= self._next_at:
            await self.flush()
        elif self._timer is None:
            self._timer = loop.call_at(self._next_at, self._due)

    async def flush(self) -> None:
        """Send the gathered text now and end the holding."""
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
