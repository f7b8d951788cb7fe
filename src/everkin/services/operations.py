"""Operations: figures and clean-up functions for the operator, shared by all interfaces."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import psutil  # type: ignore[import-untyped,unused-ignore]

from everkin.cache.entities import EntityCaches
from everkin.cache.port import FAMILIES, patterns_of_user
from everkin.domain.cache import CacheStats
from everkin.domain.errors import Invalid
from everkin.domain.ids import UserId
from everkin.history.log_cache import HistoryCache
from everkin.turn.queue import ConversationQueues

LONGEST_PATTERN = 200
"""Characters of a key pattern."""


class Pool(Protocol):
    """A connection pool. Implemented by llm/providers/pool.py and storage/redis/connection.py."""

    @property
    def name(self) -> str:
        """The pool's name in reports."""
        ...

    def hosts(self) -> Mapping[str, tuple[int, int]]:
        """Return host -> (connections in use, idle connections)."""

    def most(self) -> int:
        """Return the maximum number of connections."""

    async def clean(self) -> int:
        """Close idle connections and return their number."""


@dataclass(frozen=True, slots=True)
class CacheFigures:
    """Figures of the two cache levels. `near`: decoded copies in this process, read first; `far`: the shared cache."""

    far: CacheStats
    """Figures of the shared cache behind the copies."""
    near_hits: int
    """Reads answered by a copy in this process."""
    near_misses: int
    """Reads passed on to the shared cache."""
    near_copies: int
    """Copies held in this process now."""

    @property
    def hit_rate(self) -> float:
        """Share of reads that needed no database query, 0..1."""
        asked = self.near_hits + self.near_misses
        return (self.near_hits + min(self.far.hits, self.near_misses)) / asked if asked else 0.0


@dataclass(frozen=True, slots=True)
class MemoryFigures:
    """Memory use of this process."""

    rss_bytes: int
    """Resident memory in bytes."""
    hot_logs: int
    """Conversation histories in memory."""
    live_turns: int
    """Turns queued or running."""
    near_copies: int
    """Decoded cache entries in memory."""


class AdminService:
    """Operator functions. Performs no access checks."""

    def __init__(
        self, shelves: EntityCaches, logs: HistoryCache, queues: ConversationQueues, pools: Sequence[Pool]
    ) -> None:
        self.pools = tuple(pools)
        self._shelves = shelves
        self._logs = logs
        self._queues = queues

    async def cache(self) -> CacheFigures:
        """Return the figures of the caches."""
        return CacheFigures(await self._shelves.cache.stats(), *self._shelves.near())

    async def clear_user(self, user_id: UserId) -> int:
        """Drop all cached values about one user on every node and return their number."""
        return sum([await self._shelves.cache.delete_matching(pattern) for pattern in patterns_of_user(user_id)])

    async def invalidate(self, pattern: str) -> int:
        """Drop the cached values that match and return their number, at most 10 000 in one call.

        Raises Invalid for a pattern outside Everkin's key space.
        """
        if not pattern.startswith(FAMILIES) or len(pattern) > LONGEST_PATTERN:
            raise Invalid(
                f"A pattern begins with one of {', '.join(FAMILIES)} and has at most {LONGEST_PATTERN} characters.",
                field="pattern",
            )
        return await self._shelves.cache.delete_matching(pattern)

    async def clean_pools(self) -> int:
        """Close idle connections and return their number; new ones open on demand."""
        return sum([await pool.clean() for pool in self.pools])

    def memory(self) -> MemoryFigures:
        """Return the memory use of this process."""
        return MemoryFigures(
            rss_bytes=psutil.Process().memory_info().rss,
            hot_logs=len(self._logs),
            live_turns=sum(1 for _ in self._queues.all_requests()),
            near_copies=self._shelves.near()[2],
        )
