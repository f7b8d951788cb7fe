"""ExactIndex: exact dense search in memory, fast enough for the number of memories of one pair.

The database holds the vectors; the index holds a copy of those that were put, and is never written to disk.
"""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from everkin.domain.memory import Scrubbed
from everkin.memory.ports import Pair
from everkin.memory.recall.vectors import Matrix

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class ExactIndex:
    """Implements VectorIndex. All vectors of a pair have the dimension of the first one put."""

    def __init__(self) -> None:
        self._pairs: dict[Pair, _Rows] = {}

    async def put(self, pair: Pair, items: Sequence[tuple[str, bytes]]) -> None:
        if items:
            self._pairs.setdefault(pair, _Rows(len(items[0][1]) // 2)).put(items)

    async def search(self, pair: Pair, query: "NDArray[np.float32]", limit: int) -> Sequence[tuple[str, float]]:
        rows = self._pairs.get(pair)
        if rows is None or limit <= 0:
            return []
        return await asyncio.to_thread(rows.nearest, query, limit)

    async def drop(self, pair: Pair, item_ids: Sequence[str]) -> None:
        if rows := self._pairs.get(pair):
            rows.drop(item_ids)

    async def forget(self, pair: Pair) -> None:
        self._pairs.pop(pair, None)

    async def scrub(self) -> Scrubbed:
        return Scrubbed()

    async def pairs(self) -> set[Pair]:
        return {pair for pair, rows in self._pairs.items() if rows.at}

    async def ids(self, pair: Pair) -> set[str]:
        rows = self._pairs.get(pair)
        return set(rows.at) if rows else set()

    async def close(self) -> None:
        self._pairs.clear()


class _Rows:
    def __init__(self, dimension: int) -> None:
        self.at: dict[str, int] = {}
        self._matrix = Matrix(dimension)
        self._free: list[int] = []

    def put(self, items: Sequence[tuple[str, bytes]]) -> None:
        for item, stored in items:
            if item not in self.at:
                self.at[item] = self._free.pop() if self._free else len(self._matrix)
                self._matrix.grow(self.at[item] + 1)
            self._matrix.fill([(self.at[item], stored)])

    def drop(self, item_ids: Sequence[str]) -> None:
        for item in item_ids:
            row = self.at.pop(item, None)
            if row is not None:
                self._matrix.rows[row] = 0.0
                self._free.append(row)

    def nearest(self, query: "NDArray[np.float32]", limit: int) -> list[tuple[str, float]]:
        import numpy as np

        items = list(self.at.items())
        rows = self._matrix.rows
        if not items or rows.shape[1] != len(query):
            return []
        found = (rows @ query.astype(np.float32))[[row for _, row in items]]
        order = np.argsort(-found, kind="stable")[:limit]
        return [(items[place][0], float(found[place])) for place in order]
