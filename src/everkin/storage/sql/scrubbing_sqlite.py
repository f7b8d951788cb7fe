"""Overwriting of erased data in a SQLite file while other connections go on writing (docs/adr/0015-erased-bytes.md).

SQLite zeroes deleted data (secure_delete). Copies remain in three places: the segments of the search index, the
write-ahead log (WAL), and gaps of pages. A pass merges the first, empties the second, and zeroes the third in the file
itself.

A pass relies on these properties:

- Gaps are never read, so zeroing one changes no result, and a crash leaves a valid file.
- A gap is zeroed only under SQLite's write lock, when the whole log was copied to the file: the file then holds the
  only version of the page, and no other connection writes it.
- A connection that holds an older copy of the page in memory could write it back. The transaction that holds the lock
  therefore commits a change, which makes every other connection read pages anew, and this one drops its own copies
  before the next write.
- Between two such steps pages are checked without a lock. Writes in between may move a gap's bytes to another page:
  when SQLite balances a tree it also exchanges page numbers. The next step therefore also cleans every page written
  since the one before, which the log lists. So after each step all pages up to the position of the pass are clean of
  data erased before it began.
"""

import asyncio
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from everkin.domain.errors import StorageUnavailable
from everkin.domain.memory import Scrubbed
from everkin.storage.sql import merging, owed
from everkin.storage.sql.database import Database
from everkin.storage.sql.engines import AUTOCHECKPOINT
from everkin.storage.sql.owed import Owed
from everkin.storage.sql.pacing import paced
from everkin.storage.sql.pages import Layout, OddPageError, is_dirty, leftovers
from everkin.storage.sql.raw_file import Log, RawFile, chunks

T = TypeVar("T")

WINDOW = 1 << 20
"""Bytes checked at once: about a millisecond."""

STRIDE = 16
"""Windows between two steps at most, where there is little to clean."""

BATCH = 256
"""Pages found after which a step is due. Writes wait for it: a few milliseconds, and three flushes to the disk."""

LOCK_MS, LONGEST_LOCK_MS = 25, 400
"""Milliseconds that a step waits, in the writer's thread, for readers who began before it and for other processes that
write. Doubled after each failed attempt, up to LONGEST_LOCK_MS.
"""

PATIENCE = 120.0
"""Seconds after which a pass fails."""

_STEP = "INSERT INTO unscrubbed (n, words, steps) VALUES (?, false, 1) ON CONFLICT (n) DO UPDATE SET steps = steps + 1"
"""The change that makes other connections read pages anew."""


class LostTrackError(Exception):
    """Another process has written and emptied the log: the pages it wrote are not known."""


@dataclass(slots=True)
class Pass:
    """The state of one pass over the file."""

    file: RawFile
    """The database file."""
    due: Owed
    """The pending scrub."""
    layout: Layout
    """The file's page layout."""
    until: float
    """`time.monotonic()` at which the pass fails."""
    found: list[int] = field(default_factory=list)
    """Offsets of pages to check in the next step."""
    log: Log | None = None
    """The log after the last step; None before the first."""
    in_vain: int = 0
    """Failed attempts of the current step."""
    cleaned: int = 0
    """Pages cleaned."""
    odd: int = 0
    """Pages left unchanged because they contradict themselves."""


class SqliteScrub:
    """Scrubs the SQLite file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def scrub(self) -> Scrubbed:
        """Run a pass if a scrub is pending. Raises StorageUnavailable."""
        due = await self._database.read(owed.owed)
        file = self._database.file
        if due is None or file is None:
            return Scrubbed()
        if due.words:
            await self._merge()
        layout = Layout.of(await asyncio.to_thread(file.read, 0, 100), file.size())
        going = Pass(file, due, layout, time.monotonic() + PATIENCE)
        try:
            await self._repeated(going)
        finally:
            await self._database.apart(_as_ever)
        await asyncio.to_thread(file.flush)
        return Scrubbed(pages=going.cleaned, odd=going.odd)

    async def _merge(self) -> None:
        level = await self._change(merging.begin)
        while level is not None and not await self._change(lambda connection: merging.go_on(connection, level)):
            pass

    async def _repeated(self, going: Pass) -> None:
        while True:
            try:
                return await self._clean(going)
            except LostTrackError:
                _check_patience(going)
                going.log, going.found = None, []
                await asyncio.sleep(random.uniform(0, 1))

    async def _clean(self, going: Pass) -> None:
        """Clean all pages, first to last. Raises LostTrackError."""
        await self._patiently(lambda connection: _emptied(connection, going), going)
        await self._step(going)
        file, layout = going.file, going.layout
        for number, (at, count) in enumerate(chunks(file.size(), WINDOW // layout.size * layout.size), 1):
            going.found += await paced(asyncio.to_thread(_dirty, file, layout, at, count))
            if number % STRIDE == 0 or len(going.found) >= BATCH:
                await self._step(going)
        await self._step(going)
        await self._patiently(lambda connection: _emptied(connection, going), going)

    async def _step(self, going: Pass) -> None:
        await self._patiently(lambda connection: _step(connection, going), going)

    async def _patiently(self, work: Callable[[sqlite3.Connection], bool], going: Pass) -> None:
        """Repeat `work` until it returns True. Raises StorageUnavailable."""
        going.in_vain = 0
        while not await paced(self._database.apart(work)):
            going.in_vain += 1
            _check_patience(going)

    async def _change(self, work: Callable[[Any], T]) -> T:
        return await paced(self._database.change(work))


def _check_patience(going: Pass) -> None:
    if time.monotonic() > going.until:
        raise StorageUnavailable(
            "Somebody else reads or writes the record all the while; what was erased will be overwritten later."
        )


def _dirty(file: RawFile, layout: Layout, at: int, count: int) -> list[int]:
    """Return offsets of pages that have bytes to clean. No lock is held, so each is checked again under it."""
    content = file.read(at, count)
    whole = len(content) // layout.size * layout.size
    return [at + start for start in range(0, whole, layout.size) if is_dirty(content, start, layout, at + start == 0)]


# -- in the writer's thread ------------------------------------------------------------------------------------------


def _step(connection: sqlite3.Connection, going: Pass) -> bool:
    """Run one step. Return False if a reader still uses the log, or another connection wrote to it first.

    Raises LostTrackError.
    """
    with _hurrying(connection, going):
        before = going.file.log()
        if going.log is not None and going.log.header != before.header:
            raise LostTrackError
        if connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()[0] or not _begun(connection):
            return False
        try:
            log = going.file.log()
            going.found = [*_written(going, before, log).union(going.found)]
            if log.header != before.header:
                going.log = going.log and log
                return False
            _zero(going)
            connection.execute(_STEP, (going.due.last,))
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            connection.execute("PRAGMA shrink_memory")
    going.log, going.found = going.file.log(), []
    return True


def _written(going: Pass, before: Log, now: Log) -> set[int]:
    """Return the pages written since the last step.

    SQLite overwrites the log only from the front, so no write between two reads of it is missed, unless it was
    restarted more than once or more frames were overwritten than had been read. Raises LostTrackError then.
    """
    if going.log is None:
        return set()
    if now.header == before.header:
        return now.current()
    if now.begun != before.begun + 1 or now.current_frames() > before.current_frames():
        raise LostTrackError
    return before.current().union(at for _, at in now.frames)


def _begun(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
            return False
        raise
    return True


def _emptied(connection: sqlite3.Connection, going: Pass) -> bool:
    with _hurrying(connection, going):
        return not connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]


def _zero(going: Pass) -> None:
    for at in going.found:
        page = going.file.read(at, going.layout.size)
        if len(page) < going.layout.size:
            continue  # of a transaction that was rolled back
        try:
            ranges = leftovers(page, going.layout, at == 0)
        except OddPageError:
            going.odd += 1
            continue
        for start, end in ranges:
            going.file.zero(at + start, end - start)
        going.cleaned += bool(ranges)


@contextmanager
def _hurrying(connection: sqlite3.Connection, going: Pass) -> Iterator[None]:
    """Use a short busy timeout, and stop automatic checkpoints: only a step, which reads the log first, may empty
    it.
    """
    before = connection.execute("PRAGMA busy_timeout").fetchone()[0]
    connection.execute(f"PRAGMA busy_timeout = {min(LOCK_MS << min(going.in_vain, 9), LONGEST_LOCK_MS)}")
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    try:
        yield
    finally:
        connection.execute(f"PRAGMA busy_timeout = {before}")


def _as_ever(connection: sqlite3.Connection) -> None:
    connection.execute(f"PRAGMA wal_autocheckpoint = {AUTOCHECKPOINT}")
