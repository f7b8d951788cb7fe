"""open_cache(settings): the cache and the counters, in this process or in Redis."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from everkin.cache.port import Cache, Counts
from everkin.domain.errors import StartError
from everkin.kit.clock import Clock
from everkin.observability.health import Condition, PartHealth
from everkin.services.operations import Pool
from everkin.settings import CacheSettings
from everkin.storage.local.cache import LocalCache
from everkin.storage.local.counts import LocalCounts

UNHEARD_SECONDS = 30.0
"""How long another node's change may go unnoticed by nodes without a Redis."""

WITHOUT_REDIS = (
    "Without Redis: other nodes' changes of characters and people are noticed within 30 s, and each node counts message "
    "limits for itself."
)


@dataclass(frozen=True, slots=True)
class CacheParts:
    cache: Cache
    """The cache."""
    counts: Counts
    """The counters of limits."""
    pools: tuple[Pool, ...] = ()
    """The connections to Redis, if any."""
    note: str = ""
    """Shown in health instead of the cache's own note; empty: the cache's own."""

    async def probe(self) -> PartHealth:
        stats = await self.cache.stats()
        figures = {
            "hits": stats.hits,
            "misses": stats.misses,
            "entries": stats.entries,
            "bytes": stats.bytes,
            "owed": stats.owed,
            "failures": stats.failures,
            "counted_in_process": self.counts.fallbacks,
        }
        return PartHealth(
            Condition(stats.status), self.note or stats.note, {name: float(value) for name, value in figures.items()}
        )


@asynccontextmanager
async def open_cache(settings: CacheSettings, node: str, clock: Clock, *, sole: bool) -> AsyncIterator[CacheParts]:
    """Open the cache. `sole`: no other node writes the same database. A Redis that cannot be reached is not used until
    it answers; raises StartError only when REDIS_URL is not an address, or the driver is not installed."""
    local, counts = LocalCache(clock, size=settings.memory_mib * 2**20), LocalCounts(clock)
    if not (settings.redis_url and settings.redis_enabled):
        if not sole:
            local.believed_seconds = UNHEARD_SECONDS
        yield CacheParts(local, counts, note="" if sole else WITHOUT_REDIS)
        return
    async with AsyncExitStack() as stack:
        yield await _open_redis(stack, settings, node, clock, local, counts)


async def _open_redis(
    stack: AsyncExitStack, settings: CacheSettings, node: str, clock: Clock, local: LocalCache, counts: LocalCounts
) -> CacheParts:
    try:
        from everkin.storage.redis.bus import Bus
        from everkin.storage.redis.cache import RedisCache
        from everkin.storage.redis.connection import RedisConnection
        from everkin.storage.redis.counts import RedisCounts
    except ImportError:
        raise StartError("REDIS_URL is set, but the driver is missing: pip install 'everkin[redis]'.") from None
    link = RedisConnection(settings.redis_url, clock, timeout=settings.redis_timeout_ms / 1000)
    bus = Bus(link, node, clock)
    cache = RedisCache(link, bus, local)
    await stack.enter_async_context(link.opened())
    await stack.enter_async_context(bus.opened())
    stack.push_async_callback(cache.close)
    return CacheParts(cache, RedisCounts(link, counts), (link,))
