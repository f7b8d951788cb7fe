"""The database connection: one writer and a few readers, SQLite or PostgreSQL depending on the address."""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, text

from everkin.domain.errors import StartError, StorageUnavailable
from everkin.kit.private_files import make_private
from everkin.storage.sql import raw_file
from everkin.storage.sql.engines import READERS, Address, make_engine, page_cache_limit
from everkin.storage.sql.faults import is_disconnection, is_outage, reason, translated
from everkin.storage.sql.operations import NonTransactional, Operation, PerItem
from everkin.storage.sql.writer import Committed, Writer

log = logging.getLogger("everkin.storage")

T = TypeVar("T")
I = TypeVar("I")  # noqa: E741
R = TypeVar("R")


class Database:
    """Database access, bound to the event loop in which it was opened.

    Calls raise StorageUnavailable while the database cannot serve them; each call tries it afresh.
    """

    def __init__(self, address: Address, writing: Engine, reading: Engine, readers: int) -> None:
        self.address = address
        self.dialect = address.dialect
        self._reading = reading
        self._writing = writing
        self._writer = Writer(writing, asyncio.get_running_loop())
        self._readers = ThreadPoolExecutor(readers, "everkin-reader")
        self._reader_count = readers
        self._local = threading.local()
        self._connections: list[Connection] = []
        self._closed = False
        self.file = raw_file.shared(Path(address.url.database or "")) if self.dialect == "sqlite" else None

    @property
    def waiting(self) -> int:
        """Number of writes that wait for the next transaction."""
        return self._writer.waiting

    @property
    def page_cache_limit(self) -> int:
        """Bytes of database pages that this process may cache; 0 for PostgreSQL, whose server caches them."""
        return page_cache_limit(self._reader_count) if self.dialect == "sqlite" else 0

    def tell_commits(self, committed: Committed) -> None:
        """Set the callback for commits. It is called in the writer's thread."""
        self._writer.committed = committed

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a reader's thread. It sees one snapshot of the database and cannot write."""
        if self._closed:
            raise StorageUnavailable()
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    def write(self, operation: Operation[I, R], item: I) -> Awaitable[R]:
        """Return when the item is committed and on disk, together with the other waiting items."""
        return self._writer.write(operation, item)

    async def change(self, work: Callable[[Connection], T]) -> T:
        """Run `work` as a write. Meant for work that happens once, such as a migration."""
        return await self.write(PerItem(lambda connection, _: work(connection)), None)

    async def apart(self, work: Callable[[Any], T]) -> T:
        """Run `work` with the driver's connection outside of any transaction. All writes wait meanwhile."""
        return await self.write(NonTransactional(work), None)

    async def beside(self, work: Callable[[Any], T]) -> T:
        """Run `work` with a driver's connection of its own, which is closed afterwards. Neither readers nor writes wait
        for it.
        """
        if self._closed:
            raise StorageUnavailable()
        return await asyncio.to_thread(self._beside, work)

    async def close(self) -> None:
        self._closed = True
        await self._writer.close()
        await asyncio.to_thread(self._readers.shutdown, True)
        for connection in self._connections:
            connection.close()
        self._reading.dispose()
        self._writing.dispose()
        if self.file is not None:
            raw_file.release(self.file)
            self.file = None

    def _beside(self, work: Callable[[Any], T]) -> T:
        try:
            with self._writing.connect() as connection:
                return work(connection.connection.driver_connection)
        except Exception as error:
            raise translated(error) from error

    def _read(self, work: Callable[[Connection], T]) -> T:
        try:
            return self._attempt(work)
        except Exception as error:
            if not is_disconnection(error):
                raise translated(error) from error
        try:
            return self._attempt(work)
        except Exception as error:
            raise translated(error) from error

    def _attempt(self, work: Callable[[Connection], T]) -> T:
        connection = self._connected()
        try:
            with connection.begin():
                return work(connection)
        except Exception as error:
            if is_outage(error):
                self._forget(connection)
            raise

    def _connected(self) -> Connection:
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._reading.connect()
            self._connections.append(connection)
        return connection

    def _forget(self, connection: Connection) -> None:
        self._local.connection = None
        self._connections.remove(connection)
        connection.close()


async def open_database(url: str, data: Path, *, busy_seconds: float = 5.0, readers: int = READERS) -> Database:
    """Open the database at `url` (as in DATABASE_URL). An empty `url` means SQLite in `everkin.db` in the folder
    `data`, which is created if missing.

    `busy_seconds` is how long a call waits for another process that holds SQLite's lock. Raises StartError if the
    address is invalid or the database does not answer.
    """
    address = Address.of(url, data)
    writing = make_engine(address, "write", busy_seconds)
    try:
        await asyncio.to_thread(_first_contact, writing)
    except Exception as error:
        writing.dispose()
        log.debug("first contact failed: %s", reason(error))
        raise StartError(f"{address.complaint} ({reason(error)})") from error
    return Database(address, writing, make_engine(address, "read", busy_seconds), readers)


def _first_contact(engine: Engine) -> None:
    """Run one statement. The database file is made private first, as SQLite gives -wal and -shm the same
    permissions.
    """
    if engine.dialect.name == "sqlite" and engine.url.database:
        make_private(Path(engine.url.database))
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
