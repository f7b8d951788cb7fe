"""The cache in this process: bounded in entries and bytes, evicting the least recently used entry first."""

from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from everkin.domain.cache import CacheStats, Stale
from everkin.kit.clock import Clock
from everkin.storage.local.glob import matcher

FENCE_SECONDS = 10.0
"""Seconds for which a deletion keeps `add` from storing an older copy."""

_OVERHEAD = 300
"""Bytes of an entry beside its key and value."""


@dataclass(slots=True)
class _Entry:
    value: bytes
    """The cached bytes; empty if the key was deleted recently."""
    until: float
    """Expiry, in seconds of the monotonic clock."""
    size: int
    """Bytes counted against the limit."""


class LocalCache:
    """The cache of one process. `believed_seconds` also limits the life of every entry, for nodes without a shared
    bus.
    """

    def __init__(
        self, clock: Clock, *, entries: int = 50_000, size: int = 32 * 2**20, believed_seconds: float = 86_400.0
    ) -> None:
        self.believed_seconds = believed_seconds
        self._clock = clock
        self._most_entries = entries
        self._most_bytes = size
        self._bytes = 0
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._locks: dict[str, tuple[object, float]] = {}
        self._watchers: list[Stale] = []
        self._hits = 0
        self._misses = 0

    async def get(self, key: str) -> bytes | None:
        entry = self._live(key)
        if entry is None or not entry.value:
            self._misses += 1
            return None
        self._hits += 1
        self._entries.move_to_end(key)
        return entry.value

    async def set(self, key: str, value: bytes, ttl_seconds: float) -> None:
        self._put(key, checked(value), ttl_seconds)

    async def add(self, key: str, value: bytes, ttl_seconds: float) -> bool:
        if self._live(key) is not None:
            return False
        self._put(key, checked(value), ttl_seconds)
        return True

    async def delete(self, *keys: str) -> None:
        for key in keys:
            self._put(key, b"", FENCE_SECONDS)
        for stale in self._watchers:
            stale(keys)

    async def delete_matching(self, pattern: str, most: int = 10_000) -> int:
        fits = matcher(pattern).fullmatch
        found = [key for key, entry in self._entries.items() if entry.value and fits(key) and self._alive(entry)][:most]
        await self.delete(*found)
        return len(found)

    @asynccontextmanager
    async def lock(self, key: str, ttl_seconds: float = 10.0) -> AsyncIterator[bool]:
        now, token = self._clock.monotonic(), object()
        holder = self._locks.get(key)
        if holder is not None and holder[1] > now:
            yield False
            return
        self._locks[key] = (token, now + ttl_seconds)
        try:
            yield True
        finally:
            if self._locks.get(key, (None,))[0] is token:
                del self._locks[key]

    def watch(self, stale: Stale) -> None:
        self._watchers.append(stale)

    async def stats(self) -> CacheStats:
        kept = sum(1 for entry in self._entries.values() if entry.value)
        return CacheStats("local", "ok", self._hits, self._misses, kept, self._bytes, "In this process.")

    def _live(self, key: str) -> _Entry | None:
        entry = self._entries.get(key)
        if entry is not None and not self._alive(entry):
            self._drop(key)
            return None
        return entry

    def _alive(self, entry: _Entry) -> bool:
        return entry.until > self._clock.monotonic()

    def _put(self, key: str, value: bytes, ttl_seconds: float) -> None:
        self._drop(key)
        size = len(key) + len(value) + _OVERHEAD
        until = self._clock.monotonic() + min(ttl_seconds, self.believed_seconds)
        self._entries[key] = _Entry(value, until, size)
        self._bytes += size
        while self._entries and (self._bytes > self._most_bytes or len(self._entries) > self._most_entries):
            self._drop(next(iter(self._entries)))

    def _drop(self, key: str) -> None:
        if (entry := self._entries.pop(key, None)) is not None:
            self._bytes -= entry.size


def checked(value: bytes) -> bytes:
    if not value:
        raise ValueError("an empty value cannot be cached")
    return value
