"""Group commit: all waiting writes become one transaction, acknowledged by one flush to disk."""

import asyncio
import logging
import queue
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine

from everkin.domain.errors import StorageUnavailable
from everkin.storage.sql.faults import is_collision, is_disconnection, is_outage, reason, translated
from everkin.storage.sql.operations import NonTransactional, Operation

log = logging.getLogger("everkin.storage")

I = TypeVar("I")  # noqa: E741
R = TypeVar("R")

MOST_IN_A_BATCH = 512
COLLISION_RETRIES = 5

Waiting = tuple[Operation[Any, Any], Any, "asyncio.Future[Any]"]
Settled = tuple["asyncio.Future[Any]", Any]
Committed = Callable[[float, int], None]
"""Called in the writer's thread for each transaction on disk, with its seconds and number of writes."""


def _unwatched(seconds: float, writes: int) -> None:
    """The default callback, which has no effect."""


class Writer:
    """One thread with one connection. The result of `write` is done once its item is committed and on disk.

    Writes of one operation keep their order. If a caller is cancelled while it waits, its item is still written and
    other callers are not affected. At most `capacity` items wait; further ones raise StorageUnavailable at once.
    """

    def __init__(self, engine: Engine, loop: asyncio.AbstractEventLoop, capacity: int = 20_000) -> None:
        self.waiting = 0
        self.committed: Committed = _unwatched
        self._engine = engine
        self._loop = loop
        self._capacity = capacity
        self._asked: list[Waiting] = []
        self._queue: queue.SimpleQueue[list[Waiting] | None] = queue.SimpleQueue()
        self._connection: Connection | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="everkin-writer", daemon=True)
        self._thread.start()

    def write(self, operation: Operation[I, R], item: I) -> Awaitable[R]:
        if self._closed or self.waiting >= self._capacity:
            raise StorageUnavailable()
        future: asyncio.Future[R] = self._loop.create_future()
        if not self._asked:
            self._loop.call_soon(self._hand_over)
        self._asked.append((operation, item, future))
        self.waiting += 1
        return future

    async def close(self) -> None:
        """Write all waiting items and stop the thread."""
        if not self._closed:
            self._closed = True
            self._hand_over()
            self._queue.put(None)
            await asyncio.to_thread(self._thread.join)

    def _hand_over(self) -> None:
        """Pass waiting items to the thread, once per round of the event loop: all writes ready by then go together, and
        the thread is not woken in between to compete with the loop for the GIL.
        """
        if self._asked:
            self._queue.put(self._asked)
            self._asked = []

    def _resolve(self, settled: Sequence[Settled]) -> None:
        self.waiting -= len(settled)
        for future, result in settled:
            if future.done():
                continue
            if isinstance(result, Exception):
                future.set_exception(result)
            else:
                future.set_result(result)

    # -- in the writer's thread -----------------------------------------------------------------------------------

    def _work(self) -> None:
        going_on = True
        while going_on:
            asked, going_on = self._drain()
            for batch in _batches(asked):
                self._acknowledge(self._settle(batch))
        self._disconnect()

    def _drain(self) -> tuple[list[Waiting], bool]:
        """Wait for items and take all that are queued. False means that these are the last."""
        asked: list[Waiting] = []
        more = self._queue.get()
        while more is not None:
            asked += more
            try:
                more = self._queue.get_nowait()
            except queue.Empty:
                return asked, True
        return asked, False

    def _settle(self, batch: Sequence[Waiting]) -> Sequence[Settled]:
        try:
            return self._together(batch)
        except Exception as error:  # noqa: BLE001  the thread's boundary: every caller must get the error
            if is_outage(error) or len(batch) == 1:
                return _all_failed(batch, error)
            log.warning("a batch of %d writes is repeated one by one: %s", len(batch), reason(error))
            return [settled for waiting in batch for settled in self._settle((waiting,))]

    def _together(self, batch: Sequence[Waiting]) -> Sequence[Settled]:
        """Run one transaction. It is repeated if another node interfered, and once if the connection was found dead."""
        tries, reconnected = 0, False
        while True:
            transaction = _Transaction()
            begun = time.perf_counter()
            try:
                settled = transaction.run(self._connected(), batch)
            except Exception as error:
                if is_outage(error):
                    self._disconnect()
                tries += 1
                stale = is_disconnection(error) and not transaction.committing and not reconnected
                reconnected = reconnected or stale
                if not stale and not (is_collision(error) and tries <= COLLISION_RETRIES):
                    raise
            else:
                self.committed(time.perf_counter() - begun, len(batch))
                return settled

    def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = self._engine.connect()
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            try:
                connection.close()
            except Exception as error:  # noqa: BLE001  a dead connection may fail to close; it is dropped either way
                log.warning("closing a connection failed: %s", reason(error))

    def _acknowledge(self, settled: Sequence[Settled]) -> None:
        try:
            self._loop.call_soon_threadsafe(self._resolve, settled)
        except RuntimeError:
            log.warning("%d writes ended after their event loop had closed", len(settled))


class _Transaction:
    """One transaction. `committing` is set once COMMIT was sent: a lost connection then no longer means that no rows
    were written.
    """

    __slots__ = ("committing",)

    def __init__(self) -> None:
        self.committing = False

    def run(self, connection: Connection, batch: Sequence[Waiting]) -> Sequence[Settled]:
        if isinstance(batch[0][0], NonTransactional):
            return [(future, operation.run(connection, [item])[0]) for operation, item, future in batch]
        groups: dict[int, list[Waiting]] = {}
        for waiting in batch:
            groups.setdefault(id(waiting[0]), []).append(waiting)
        settled: list[Settled] = []
        with connection.begin() as transaction:
            for group in groups.values():
                results = group[0][0].run(connection, [item for _, item, _ in group])
                settled.extend(zip([future for _, _, future in group], results, strict=True))
            self.committing = True
            transaction.commit()
        return settled


def _batches(asked: Sequence[Waiting]) -> Iterator[Sequence[Waiting]]:
    """Yield batches in order. A non-transactional operation is a batch of its own."""
    batch: list[Waiting] = []
    for waiting in asked:
        if batch and (len(batch) == MOST_IN_A_BATCH or NonTransactional in (type(waiting[0]), type(batch[-1][0]))):
            yield batch
            batch = []
        batch.append(waiting)
    if batch:
        yield batch


def _all_failed(batch: Sequence[Waiting], error: Exception) -> Sequence[Settled]:
    said = translated(error)
    return [(future, said) for _, _, future in batch]
