"""What an operator can look at and tidy up. The same functions stand behind every door."""

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


class Pool(Protocol):
    """Fulfilled by llm/providers/pool.py and storage/redis/connection.py."""

    @property
    def name(self) -> str: ...

    def hosts(self) -> Mapping[str, tuple[int, int]]:
        """Host -> connections (in use, idle)."""

    def most(self) -> int:
        """How many there may be in all."""

    async def clean(self) -> int:
        """Closes what is idle; how many."""


@dataclass(frozen=True, slots=True)
class CacheFigures:
    """`near`: decoded copies in this process, asked first."""

    far: CacheStats
    """The cache behind them."""
    near_hits: int
    near_misses: int
    near_copies: int

    @property
    def hit_rate(self) -> float:
        """Of all that was asked, what needed no reading of the record."""
        asked = self.near_hits + self.near_misses
        return (self.near_hits + min(self.far.hits, self.near_misses)) / asked if asked else 0.0


@dataclass(frozen=True, slots=True)
class MemoryFigures:
    """Of this process."""

    rss_bytes: int
    """Resident memory."""
    hot_logs: int
    live_turns: int
    near_copies: int


class AdminService:
    def __init__(
        self, shelves: EntityCaches, logs: HistoryCache, queues: ConversationQueues, pools: Sequence[Pool]
    ) -> None:
        self.pools = tuple(pools)
        self._shelves = shelves
        self._logs = logs
        self._queues = queues

    async def cache(self) -> CacheFigures:
        return CacheFigures(await self._shelves.cache.stats(), *self._shelves.near())

    async def clear_user(self, user_id: UserId) -> int:
        """Everything cached about one person, on every node; how many values."""
        return sum([await self._shelves.cache.delete_matching(pattern) for pattern in patterns_of_user(user_id)])

    async def invalidate(self, pattern: str) -> int:
        """How many values were dropped, at most 10 000 in one call. Invalid for a pattern outside our key space."""
        if not pattern.startswith(FAMILIES) or len(pattern) > LONGEST_PATTERN:
            raise Invalid(
                f"A pattern begins with one of {', '.join(FAMILIES)} and has at most {LONGEST_PATTERN} characters.",
                field="pattern",
            )
        return await self._shelves.cache.delete_matching(pattern)

    async def clean_pools(self) -> int:
        """Idle connections that were closed; new ones open by themselves."""
        return sum([await pool.clean() for pool in self.pools])

    def memory(self) -> MemoryFigures:
        return MemoryFigures(
            rss_bytes=psutil.Process().memory_info().rss,
            hot_logs=len(self._logs),
            live_turns=sum(1 for _ in self._queues.all_requests()),
            near_copies=self._shelves.near()[2],
        )
