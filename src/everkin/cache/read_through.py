"""Values of one kind, ready to use: decoded copies in this process, the cache behind them, the record behind that."""

import asyncio
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import msgspec

from everkin.cache.port import Cache
from everkin.kit.clock import Clock

V = TypeVar("V")

SLOWEST_LOAD_SECONDS = 5.0
"""A copy that took longer to read is not put into the cache: what keeps older copies out may be over by then."""


class _LeaderLeft(Exception):
    """Who was loading for all was cancelled; somebody else has to."""


@dataclass(slots=True, eq=False)
class _Flight(Generic[V]):
    """One load that all who ask meanwhile share."""

    landed: asyncio.Future[V] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    stale: bool = False
    """The key was invalidated since it began."""


class ReadThroughCache(Generic[V]):
    """After `cache.delete(key)` on this node no `get` that begins here answers an older value; on other nodes from the
    moment they hear of it. Near copies live for the cache's `believed_seconds` at most, far ones for `ttl_seconds`.

    At most `size` near copies are held, and `most_bytes` as they are written; the oldest go first.

    `kind` is anything msgspec can write and read. A copy written by a version of Everkin whose `kind` had other fields is
    not believed.
    """

    def __init__(
        self,
        kind: type[V],
        ttl_seconds: float,
        cache: Cache,
        clock: Clock,
        *,
        size: int = 4096,
        most_bytes: int = 16 * 2**20,
    ) -> None:
        self.hits = 0
        self.misses = 0
        self.unreadable = 0
        self._cache = cache
        self._clock = clock
        self._ttl = ttl_seconds
        self._size = size
        self._most_bytes = most_bytes
        self._bytes = 0
        self._form = _form_of(kind)
        self._encoder = msgspec.json.Encoder()
        self._decoder = msgspec.json.Decoder(kind)
        self._near: dict[str, tuple[float, V, int]] = {}
        self._flights: dict[str, _Flight[V]] = {}
        cache.watch(self._forget)

    def __len__(self) -> int:
        return len(self._near)

    async def get(self, key: str, load: Callable[[], Awaitable[V]]) -> V:
        """`load` reads the record; what it raises is raised to all who share the load, and nothing is kept."""
        kept = self._near.get(key)
        if kept is not None and kept[0] > self._clock.monotonic():
            self.hits += 1
            return kept[1]
        self.misses += 1
        while (flight := self._flights.get(key)) is not None:
            try:
                return await asyncio.shield(flight.landed)
            except _LeaderLeft:
                continue
        return await self._lead(key, load)

    async def _lead(self, key: str, load: Callable[[], Awaitable[V]]) -> V:
        flight = self._flights[key] = _Flight()
        try:
            value, size = await self._fetch(key, load, flight)
        except BaseException as error:
            self._end(key, flight)
            flight.landed.set_exception(_LeaderLeft() if isinstance(error, asyncio.CancelledError) else error)
            flight.landed.exception()  # there may be nobody else to whom it matters
            raise
        if not flight.stale:
            self._keep(key, value, size)
        self._end(key, flight)
        flight.landed.set_result(value)
        return value

    async def _fetch(self, key: str, load: Callable[[], Awaitable[V]], flight: _Flight[V]) -> tuple[V, int]:
        """The value and its size as it is written."""
        if (kept := await self._cache.get(key)) is not None and (read := self._read(kept)) is not None:
            return read, len(kept)
        began = self._clock.monotonic()
        value = await load()
        written = self._form + self._encoder.encode(value)
        if not flight.stale and self._clock.monotonic() - began < SLOWEST_LOAD_SECONDS:
            await self._cache.add(key, written, self._ttl)
        return value, len(written)

    def _read(self, kept: bytes) -> V | None:
        if kept.startswith(self._form):
            try:
                return self._decoder.decode(memoryview(kept)[len(self._form) :])
            except (msgspec.DecodeError, UnicodeDecodeError):
                pass  # counted below
        self.unreadable += 1
        return None

    def _keep(self, key: str, value: V, size: int) -> None:
        self._drop(key)
        until = self._clock.monotonic() + min(self._ttl, self._cache.believed_seconds)
        self._near[key] = (until, value, size)
        self._bytes += size
        while self._bytes > self._most_bytes or len(self._near) > self._size:
            self._drop(next(iter(self._near)))

    def _drop(self, key: str) -> None:
        if (kept := self._near.pop(key, None)) is not None:
            self._bytes -= kept[2]

    def _end(self, key: str, flight: _Flight[V]) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]

    def _forget(self, keys: tuple[str, ...] | None) -> None:
        if keys is None:
            keys = (*self._near, *self._flights)
        for key in keys:
            self._drop(key)
            if (flight := self._flights.pop(key, None)) is not None:
                flight.stale = True


def _form_of(kind: type[object]) -> bytes:
    """Changes when the fields do."""
    return b"%08x " % zlib.crc32(msgspec.json.encode(msgspec.json.schema(kind), order="deterministic"))
