"""Passes that overwrite what was erased: one at a time, and all who erase before one begins share it.

What is owed stands in the record, so a process that ends in the middle of a pass does it again after its next start.
"""

import asyncio
import contextlib
import logging
import time
from typing import Protocol

from everkin.domain.errors import EverkinError
from everkin.domain.memory import Scrubbed
from everkin.kit.tasks import Tasks

log = logging.getLogger("everkin.memory")

PATIENCE = 30.0
"""Seconds that somebody who forgets waits for the pass; then their receipt says that the bytes follow."""

REST = 2.0
"""Seconds at most between two passes; less where passes are short: as long as the last one took."""

RETRY = (10.0, 30.0, 60.0, 300.0)
"""Seconds before a pass that failed is tried again; the last one stays."""


class Files(Protocol):
    """Fulfilled by storage/sql/erasure.py."""

    async def owed(self) -> int: ...

    async def scrub(self) -> Scrubbed: ...

    async def settle(self, number: int) -> None: ...


class Index(Protocol):
    """Fulfilled by memory/index_sync.py."""

    async def scrub(self) -> Scrubbed: ...


class Scrubbing:
    """`left`: what the last pass could not overwrite, in sentences. `seconds`: how long it took. `pages`, `odd`: of the record's
    file, since the start."""

    def __init__(self, files: Files, index: Index | None, tasks: Tasks) -> None:
        self.failures = 0
        self.passes = 0
        self.pages = 0
        self.odd = 0
        self.seconds = 0.0
        self.left: tuple[str, ...] = ()
        self._files = files
        self._index = index
        self._tasks = tasks
        self._asked: list[asyncio.Future[bool]] = []
        self._working: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()

    @property
    def pending(self) -> int:
        """1: a pass is running or owed."""
        return int(self._working is not None and not self._working.done())

    def soon(self) -> "asyncio.Future[bool]":
        """A pass that begins later than now; whether it overwrote everything."""
        asked: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._asked.append(asked)
        if not self.pending:
            self._working = self._tasks.start(self._work())
        return asked

    async def done(self) -> bool:
        """Waits for such a pass, as long as patience lasts. False: it is still to come, or could not do all."""
        asked = self.soon()
        await asyncio.wait({asked}, timeout=PATIENCE)
        return asked.done() and not asked.cancelled() and asked.result()

    def finish(self) -> None:
        """Pause no longer between passes and retry none: the process is about to end."""
        self._closing.set()

    async def _work(self) -> None:
        failed = 0
        try:
            while self._asked or (failed and not self._closing.is_set()):
                asked, self._asked = self._asked, []
                done = await self._attempt()
                failed = 0 if done is not None else failed + 1
                _answer(asked, bool(done))
                await self._pause(RETRY[min(failed, len(RETRY)) - 1] if failed else min(REST, self.seconds))
        finally:
            _answer(self._asked, False)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._closing.wait(), seconds)

    async def _attempt(self) -> bool | None:
        """None: it failed and is still owed."""
        try:
            await self._pass()
        except EverkinError as error:
            self.failures += 1
            log.warning("what was forgotten could not be overwritten yet (%s)", error)
            return None
        return not self.left

    async def _pass(self) -> None:
        """The record first: of an index that is away nobody should have to wait for the record's bytes."""
        number = await self._files.owed()
        if not number:
            return
        begun = time.monotonic()
        scrubbed = await self._files.scrub()
        self.pages += scrubbed.pages
        self.odd += scrubbed.odd
        left = scrubbed.left
        if self._index is not None:
            left += (await self._index.scrub()).left
        await self._files.settle(number)
        for sentence in left:
            log.warning("%s", sentence)
        self.left, self.seconds = left, time.monotonic() - begun
        self.passes += 1


def _answer(asked: "list[asyncio.Future[bool]]", done: bool) -> None:
    for each in asked:
        if not each.done():
            each.set_result(done)
