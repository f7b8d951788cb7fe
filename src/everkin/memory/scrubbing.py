"""Scrub passes: overwrite erased bytes, one pass at a time; all erasures before its start share a pass.

Pending passes are recorded in the database, so that a process that ends during a pass repeats it after its next start.
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
"""Seconds an erasure waits for its pass; after them the receipt states that the bytes follow."""

REST = 2.0
"""Longest pause in seconds between two passes; the pause is as long as the last pass if that was shorter."""

RETRY = (10.0, 30.0, 60.0, 300.0)
"""Seconds before a failed pass is repeated; the last value is used for all further retries."""


class Files(Protocol):
    """The database's files. Implemented in storage/sql/erasure.py."""

    async def owed(self) -> int:
        """Return the number of the last erasure without a scrub pass; 0 when no pass is pending."""

    async def scrub(self) -> Scrubbed:
        """Overwrite in the files what was erased before this call. Raises Unavailable."""

    async def settle(self, number: int) -> None:
        """Record that a scrub pass covered all erasures up to this number."""


class Index(Protocol):
    """The vector index. Implemented in memory/index_sync.py."""

    async def scrub(self) -> Scrubbed:
        """Overwrite removed vectors on disk. Raises Unavailable."""


class Scrubbing:
    """Runs scrub passes.

    `left`: sentences about the bytes that the last pass could not overwrite. `seconds`: duration of the last pass.
    `pages`, `odd`: totals since the start, as in `Scrubbed` (domain/memory.py).
    """

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
        """1 while a pass is running or pending, else 0."""
        return int(self._working is not None and not self._working.done())

    def soon(self) -> "asyncio.Future[bool]":
        """Request a pass that begins after this call. The future's result is whether it overwrote everything."""
        asked: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._asked.append(asked)
        if not self.pending:
            self._working = self._tasks.start(self._work())
        return asked

    async def done(self) -> bool:
        """Request a pass and wait at most PATIENCE seconds.

        False: it has not finished, or could not overwrite everything.
        """
        asked = self.soon()
        await asyncio.wait({asked}, timeout=PATIENCE)
        return asked.done() and not asked.cancelled() and asked.result()

    def finish(self) -> None:
        """End the pauses between passes and retry no failed pass, since the process is about to end."""
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
        """Return whether everything was overwritten, or None if the pass failed and is still pending."""
        try:
            await self._pass()
        except EverkinError as error:
            self.failures += 1
            log.warning("what was forgotten could not be overwritten yet (%s)", error)
            return None
        return not self.left

    async def _pass(self) -> None:
        """Overwrite the database first, so that an unavailable vector index does not delay it."""
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
