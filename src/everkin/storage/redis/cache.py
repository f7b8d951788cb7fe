"""The cache in Redis, shared by nodes.

A deleted key is overwritten with an empty value for 10 s instead of being removed, so that a copy another node read
before the update finds its place taken (`add` is SET NX). Deletions that wait for Redis are sent together, in one round
trip with the message that notifies the other nodes.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any, cast

from redis.asyncio import Redis

from everkin.domain.cache import CacheStats, Stale
from everkin.kit.tasks import Tasks
from everkin.storage.local.cache import FENCE_SECONDS, LocalCache, checked
from everkin.storage.redis.bus import Bus
from everkin.storage.redis.connection import RedisConnection, RedisOffline
from everkin.storage.redis.keys import LOCKS, VALUES, glob_of
from everkin.storage.redis.pending_invalidations import PendingInvalidations

HEARING_SECONDS = 30.0
DEAF_SECONDS = 5.0
_FENCE_MS = round(FENCE_SECONDS * 1000)
_SCAN = 1_000

_RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


class RedisCache:
    """The cache in Redis. `instead` provides the locks while Redis is offline."""

    def __init__(self, link: RedisConnection, bus: Bus, instead: LocalCache) -> None:
        link.before_return = self._pay
        self._link = link
        self._bus = bus
        self._instead = instead
        self._owed = PendingInvalidations()
        self._sending = asyncio.Lock()
        self._tasks = Tasks("cache")
        self._hits = 0
        self._misses = 0

    @property
    def believed_seconds(self) -> float:
        return HEARING_SECONDS if self._bus.hearing else DEAF_SECONDS

    async def get(self, key: str) -> bytes | None:
        value: Any = None
        if key not in self._owed:
            try:
                value = await self._link.ask(lambda redis: redis.get(VALUES + key))
            except RedisOffline:
                value = None
        if not value or key in self._owed:  # may have been deleted while Redis answered
            self._misses += 1
            return None
        self._hits += 1
        return cast(bytes, value)

    async def set(self, key: str, value: bytes, ttl_seconds: float) -> None:
        await self._write(key, value, ttl_seconds, only_new=False)

    async def add(self, key: str, value: bytes, ttl_seconds: float) -> bool:
        return await self._write(key, value, ttl_seconds, only_new=True)

    async def delete(self, *keys: str) -> None:
        self._owed.add(keys)
        self._bus.tell(keys)
        if keys and not self._link.away:
            await asyncio.shield(self._tasks.start(self._send_together(keys)))

    async def delete_matching(self, pattern: str, most: int = 10_000) -> int:
        try:
            return await self._delete_matching(pattern, most)
        except RedisOffline:
            self._owed.everything = True
            return 0
        finally:  # after the deletion: a copy taken during it may be outdated
            self._bus.tell(None)

    @asynccontextmanager
    async def lock(self, key: str, ttl_seconds: float = 10.0) -> AsyncIterator[bool]:
        name, token = LOCKS + key, secrets.token_bytes(16)
        try:
            won = await self._link.ask(lambda redis: redis.set(name, token, nx=True, px=round(ttl_seconds * 1000)))
        except RedisOffline:
            async with self._instead.lock(key, ttl_seconds) as held:
                yield held
            return
        try:
            yield bool(won)
        finally:
            if won:
                await self._release(name, token)

    def watch(self, stale: Stale) -> None:
        self._bus.watch(stale)

    async def stats(self) -> CacheStats:
        entries = size = 0
        try:
            memory = await self._link.ask(lambda redis: redis.info("memory"))
            entries, size = int(await self._link.ask(lambda redis: redis.dbsize())), int(memory["used_memory"])
        except RedisOffline:
            pass  # status and note report it
        away = self._link.away
        status, note = ("degraded", self._link.why) if away else ("ok", "Redis answers.")
        if not away and not self._bus.hearing:
            status, note = "degraded", "Changes made by other nodes are not heard at the moment."
        return CacheStats(
            "redis", status, self._hits, self._misses, entries, size, note, len(self._owed), self._link.failures
        )

    async def close(self) -> None:
        await self._tasks.drain(self._link.timeout)
        await self._tasks.close()

    async def _write(self, key: str, value: bytes, ttl_seconds: float, *, only_new: bool) -> bool:
        checked(value)
        if key in self._owed:
            return False
        try:
            done = await self._link.ask(
                lambda redis: redis.set(VALUES + key, value, px=max(1, round(ttl_seconds * 1000)), nx=only_new)
            )
        except RedisOffline:
            return False
        return bool(done)

    async def _release(self, name: str, token: bytes) -> None:
        try:
            await self._link.ask(lambda redis: redis.eval(_RELEASE, 1, name, token))
        except RedisOffline:
            return  # it expires by itself

    # -- sending pending invalidations --------------------------------------------------------------------------------

    async def _send_together(self, keys: Iterable[str]) -> None:
        """Send all pending keys; the holder of the lock sends for all callers that wait for it."""
        async with self._sending:
            if self._owed.waiting(keys) and not self._link.away:
                try:
                    await self._link.ask(self._send)
                except RedisOffline:
                    return  # still pending

    async def _send(self, redis: Redis) -> None:
        keys = self._owed.take()
        try:
            await self._fence(redis, [VALUES + key for key in keys], keys)
        except BaseException:
            self._owed.fail()
            raise
        self._owed.settle()

    async def _fence(self, redis: Redis, names: Iterable[str | bytes], told: tuple[str, ...] | None) -> int:
        """Overwrite keys with empty values, and return how many of them existed."""
        async with redis.pipeline(transaction=True) as pipe:
            for name in names:
                pipe.strlen(name)
                pipe.set(name, b"", px=_FENCE_MS)
            pipe.publish(self._bus.channel, self._bus.message(told))
            answers = await pipe.execute()
        return sum(1 for length in answers[:-1:2] if length)

    async def _pay(self, redis: Redis) -> None:
        """Send all pending invalidations when Redis returns, before any value is read from it."""
        async with self._sending:
            if self._owed.everything:
                await self._sweep(redis)
            while len(self._owed):
                async with asyncio.timeout(self._link.timeout):
                    await self._send(redis)

    async def _sweep(self, redis: Redis) -> None:
        """Invalidate every key. Runs only while the connection is marked offline, so that no value is read
        meanwhile.
        """
        cursor, self._owed.everything = 0, False
        try:
            while True:
                async with asyncio.timeout(self._link.timeout):
                    cursor, names = await redis.scan(cursor, match=f"{VALUES}*", count=_SCAN)
                    await self._fence(redis, names, None)
                if not cursor:
                    return
        except BaseException:
            self._owed.everything = True
            raise

    async def _delete_matching(self, pattern: str, most: int) -> int:
        match, cursor, done = VALUES + glob_of(pattern), 0, 0
        while True:
            at = cursor
            cursor, names = await self._link.ask(lambda redis: redis.scan(at, match=match, count=_SCAN))  # noqa: B023
            if found := names[: most - done]:
                done += await self._link.ask(lambda redis: self._fence(redis, found, None))
            if not cursor or done >= most:
                return done
