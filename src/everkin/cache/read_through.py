"""Read-through caches in two tiers: decoded values in this process (L1), the cache behind them (L2), then the
database."""

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
"""A value that took longer to load is not stored in the cache: the period in which `Cache.add` rejects outdated
copies may be over by then."""


class _LeaderLeft(Exception):
    """The task that loaded a value was cancelled; another waiting task has to load it."""


@dataclass(slots=True, eq=False)
class _Flight(Generic[V]):
    """A load in progress, shared by all callers that wait for the key."""

    landed: asyncio.Future[V] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    """The result."""
    stale: bool = False
    """True: the key was invalidated after the load began."""


class ReadThroughCache(Generic[V]):
    """A cache of values of one type.

    After `cache.delete(key)` on this node, a `get` that begins later never returns an older value; on other nodes from
    the moment the invalidation arrives. L1 copies live for the cache's `believed_seconds` at most, L2 copies for
    `ttl_seconds`.

    L1 holds at most `size` copies and `most_bytes` in encoded form; the oldest are evicted first.

    `kind` is any type msgspec can encode and decode. A copy written by a version of Everkin in which `kind` had other
    fields is ignored.
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
        """Return the value, loading it with `load` from the database if necessary.

        An exception of `load` is raised to all callers that share the load, and no value is stored.
        """
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
            flight.landed.exception()  # marks it as retrieved: no other task may be waiting
            raise
        if not flight.stale:
            self._keep(key, value, size)
        self._end(key, flight)
        flight.landed.set_result(value)
        return value

    async def _fetch(self, key: str, load: Callable[[], Awaitable[V]], flight: _Flight[V]) -> tuple[V, int]:
        """Return the value and its size in encoded form."""
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
    """Return a prefix that changes with the fields of the type."""
    return b"%08x " % zlib.crc32(msgspec.json.encode(msgspec.json.schema(kind), order="deterministic"))
