"""Recaller: selects the memories of a pair that are relevant to a message.

Access is decided first and by structure: a memory qualifies only if all who will receive the reply witnessed it.
Qualifying memories are searched by words and vectors, ranked (ranker.py) and cleared of duplicates (selection.py). No
language model is used.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from everkin.domain.errors import EverkinError
from everkin.domain.memory import Recollection
from everkin.memory.ports import Embedder, Pair, Sources, VectorIndex
from everkin.memory.recall import features, ranker
from everkin.memory.recall.query import WINDOW_LINES, Query, RecallRequest, read
from everkin.memory.recall.selection import chosen
from everkin.memory.recall.table import Table
from everkin.memory.recall.table_cache import Held, TableCache

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["RecallRequest", "Recaller"]

FROM_INDEX = 200
"""Nearest memories requested from a vector index beside the database."""

READ_ON_LOOP = 1000
"""Characters of a message and the lines before it up to which they are analysed on the event loop."""

OFF_LOOP = 4000
"""Pairs with more memories than this are searched off the event loop."""

LINES = 2
"""Lines before the message that its context is compared with."""

MIB = 2**20
"""Bytes in a mebibyte."""


@dataclass(frozen=True, slots=True)
class Vectors:
    """Vectors of the query's texts."""

    rows: "NDArray[np.float32] | None" = None
    """One unit row for each text; None when vectors are not compared."""
    from_index: Mapping[str, float] | None = None
    """Cosine by item id from the vector index; None when the table's own vectors are compared."""


class Recaller:
    """Recalls memories of pairs.

    `embedder` None: by words alone. `index` None: vectors are compared exactly, in the table. `budget`: bytes for
    tables in memory. `weights` None: those of ranker.json.
    """

    def __init__(
        self,
        sources: Sources,
        embedder: Embedder | None = None,
        index: VectorIndex | None = None,
        *,
        budget: int = 256 * MIB,
        weights: ranker.RankerWeights | None = None,
    ) -> None:
        self.pairs = TableCache(sources, budget)
        self.failures: Counter[str] = Counter()
        self._embedder = embedder
        self._index = index
        self._weights = weights
        self._asked = 0
        self._seconds = 0.0

    async def recall(self, pair: Pair, asked: RecallRequest) -> list[Recollection]:
        """Return at most `asked.limit` relevant memories, best first. Raises StorageUnavailable."""
        began = time.perf_counter()
        long = len(asked.text) + sum(map(len, asked.window[-WINDOW_LINES:])) > READ_ON_LOOP
        query = await asyncio.to_thread(read, asked) if long else read(asked)
        if query.idle:
            return []
        held = self.pairs.held(pair)
        if not len(held.table) and not await self._refreshed(pair, held):
            return []
        vectors, _ = await asyncio.gather(self._vectors(pair, query, asked), self._refreshed(pair, held))
        if held.dimension != self._dimension:
            await self._refreshed(pair, held)  # a server's dimension is known only after its first answer
        if self.pairs.held(pair) is not held:
            return await self.recall(pair, asked)  # erased meanwhile: what was read may not be shown
        weights = self._weights or ranker.shipped()
        async with held.lock:
            if len(held.table) <= OFF_LOOP:
                found = search(held.table, query, asked, vectors, weights)
            else:
                found = await asyncio.to_thread(search, held.table, query, asked, vectors, weights)
        self._asked += 1
        self._seconds += time.perf_counter() - began
        return found

    async def ready(self, pair: Pair) -> None:
        """Load the embedder and the pair's table ahead of `recall`. Raises Unavailable."""
        if self._embedder is not None:
            await self._embedder.embed(("hello",))
        await self._refreshed(pair, self.pairs.held(pair))

    def forget(self, pair: Pair | None = None) -> None:
        """Drop everything held in memory for the pair (None: for all pairs)."""
        self.pairs.forget(pair)
        if (clear := getattr(self._embedder, "forget", None)) is not None:
            clear()

    def figures(self) -> dict[str, float]:
        """Return counts, times and sizes for health and metrics."""
        return {
            "recalls": self._asked,
            "mean_ms": self._seconds / self._asked * 1000 if self._asked else 0.0,
            "pairs": len(self.pairs),
            "bytes": self.pairs.size,
            "tables_built": self.pairs.built,
            "tables_dropped": self.pairs.dropped,
            "embedder_failures": self.failures["embedder"],
            "index_failures": self.failures["index"],
        }

    async def _refreshed(self, pair: Pair, held: Held) -> bool:
        """Bring the table up to date with the database and return whether it has any rows."""
        dimension = self._dimension
        name = self._embedder.name if dimension and self._embedder else ""
        async with held.lock:
            return len(await self.pairs.refresh(pair, held, name, dimension)) > 0

    @property
    def _dimension(self) -> int:
        """Dimension of the vectors compared in the table; 0: none."""
        return self._embedder.dimension if self._embedder is not None and self._index is None else 0

    async def _vectors(self, pair: Pair, query: Query, asked: RecallRequest) -> Vectors:
        """Return vectors of the query. Lines whose vectors are stored are not embedded again."""
        if self._embedder is None:
            return Vectors()
        try:
            rows = await self._embedder.embed(query.texts[:1] if asked.window_ids else query.texts)
        except EverkinError:
            self.failures["embedder"] += 1
            return Vectors()
        if self._index is None:
            return Vectors(rows)
        try:
            return Vectors(rows, dict(await self._index.search(pair, rows[0], FROM_INDEX)))
        except EverkinError:
            self.failures["index"] += 1
            return Vectors()


def search(
    table: Table, query: Query, asked: RecallRequest, vectors: Vectors, weights: ranker.RankerWeights
) -> list[Recollection]:
    """Return the relevant memories, best first. Pure, except for the columns that the table caches."""
    allowed = witnessed(table, asked)
    if not allowed.any():
        return []
    cosine, window = _cosines(table, vectors, asked.window_ids[-LINES:] if query.context else ())
    scores = features.scores(table, query, allowed, cosine, window)
    found = features.candidates(table, query, scores, allowed, asked.now)
    return chosen(table, query, scores, found, weights.of(cosine is not None), asked.limit)


def witnessed(table: Table, asked: RecallRequest) -> "NDArray[np.bool_]":
    """Return a mask of the rows that may be recalled.

    These are live, witnessed by all participants present, and not contained in the prompt already.
    """
    import numpy as np

    if not len(table):
        return np.zeros(0, bool)
    knows = np.array([asked.present <= witnesses for witnesses in table.witness_sets])
    allowed: NDArray[np.bool_] = (table.column("alive") > 0) & knows[table.column("witnesses")]
    for item in asked.shown:
        if (row := table.row_of.get(item)) is not None:
            allowed[row] = False
    return allowed


def _cosines(
    table: Table, vectors: Vectors, lines: Sequence[str]
) -> "tuple[NDArray[np.float32] | None, NDArray[np.float32] | None]":
    """Return for each row the cosine with the message and that with its context; NaN where it is unknown."""
    import numpy as np

    if vectors.rows is None:
        return None, None
    if vectors.from_index is not None:
        all_of_it = len(vectors.from_index) < FROM_INDEX
        cosine = np.full(len(table), np.nan if all_of_it else min(vectors.from_index.values()), np.float32)
        for item, value in vectors.from_index.items():
            if (row := table.row_of.get(item)) is not None:
                cosine[row] = value
        return cosine, None
    if table.matrix is None or not len(table.matrix):
        return None, None
    asked = _with_window(table, vectors.rows, lines)
    found = table.matrix.rows @ asked.T
    if table.without_vector:
        found[sorted(table.without_vector)] = np.nan
    return found[:, 0], found[:, 1] if found.shape[1] > 1 else None


def _with_window(table: Table, rows: "NDArray[np.float32]", lines: Sequence[str]) -> "NDArray[np.float32]":
    """Return the message's vector and, as a second row, that of the message with the lines before it.

    The second row is a sum with stored vectors, to unit length. If `rows` has a second row already, or none of those
    lines has a stored vector, `rows` is returned unchanged.
    """
    import numpy as np

    there = [row for item in lines if (row := table.row_of.get(item)) is not None and row not in table.without_vector]
    if table.matrix is None or not there or len(rows) > 1:
        return rows
    together = rows[0] + table.matrix.rows[there].sum(0)
    return np.stack([rows[0], together / (np.linalg.norm(together) + 1e-9)])
