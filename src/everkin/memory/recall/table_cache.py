"""TableCache: the tables of the pairs used last, within a memory budget, each brought up to date before use."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence

from everkin.domain.memory import Memory
from everkin.memory.ports import Pair, PairState, Sources
from everkin.memory.recall.table import Table

OFF_LOOP = 64
"""Number of new memories from which they are merged off the event loop."""

LATECOMERS = 4000
"""Vectors are stored a moment after their messages; this many of the newest rows without one are looked up again."""

CHUNK = 2000
"""Vectors read at a time."""


class Held:
    """One pair's table. `lock` must be held to read or change it."""

    def __init__(self, dimension: int) -> None:
        self.lock = asyncio.Lock()
        self.table = Table(dimension)
        self.state: PairState | None = None
        self.dimension = dimension


class TableCache:
    """Tables by pair, least recently used dropped first.

    `budget`: bytes of all tables together; the table used last always stays.
    """

    def __init__(self, sources: Sources, budget: int) -> None:
        self.built = 0
        self.grown = 0
        self.dropped = 0
        self._sources = sources
        self._budget = budget
        self._held: OrderedDict[Pair, Held] = OrderedDict()

    @property
    def size(self) -> int:
        """Approximate memory use of all tables in bytes."""
        return sum(held.table.size for held in self._held.values())

    def __len__(self) -> int:
        return len(self._held)

    def held(self, pair: Pair) -> Held:
        """Return the pair's entry. Lock it before use, then call `refresh`."""
        found = self._held.setdefault(pair, Held(0))
        self._held.move_to_end(pair)
        return found

    async def refresh(self, pair: Pair, held: Held, embedder: str, dimension: int) -> Table:
        """Bring the table up to date with the database, including removals. `held` must be locked.

        `embedder`: name of the embedder whose vectors are read; "" for none.
        """
        state = await self._sources.state(pair)
        if held.state == state and held.dimension == dimension:
            return held.table
        if (
            held.state is None
            or held.state.epoch != state.epoch
            or held.dimension != dimension
            or _wasteful(held.table)
        ):
            held.table, held.dimension, held.state = Table(dimension), dimension, None
            self.built += 1
        held.state = await self._grow(pair, held.table, embedder)
        self._shrink(pair)
        return held.table

    def forget(self, pair: Pair | None = None) -> None:
        """Drop the pair's table (None: all tables)."""
        if pair is None:
            self._held.clear()
        else:
            self._held.pop(pair, None)

    async def _grow(self, pair: Pair, table: Table, embedder: str) -> PairState:
        state, memories = await self._sources.memories(pair, dict(table.known))
        if len(memories) < OFF_LOOP:
            table.merge(memories)
        else:
            await asyncio.to_thread(_merge, table, memories)
        self.grown += 1
        if embedder and table.matrix is not None:
            rows = sorted(table.without_vector)
            wanted = [table.memories[row].id for row in (rows if len(rows) == len(table) else rows[-LATECOMERS:])]
            for start in range(0, len(wanted), CHUNK):
                found = await self._sources.vectors(wanted[start : start + CHUNK], embedder)
                table.fill(found)
        return state

    def _shrink(self, keep: Pair) -> None:
        left = self.size
        for pair in list(self._held):
            if left <= self._budget:
                return
            if pair != keep and not self._held[pair].lock.locked():
                left -= self._held.pop(pair).table.size
                self.dropped += 1


def _merge(table: Table, memories: Sequence[Memory]) -> None:
    table.merge(memories)
    table.freeze()


def _wasteful(table: Table) -> bool:
    return table.dead > 500 and table.dead > len(table) // 2
