"""Recall: what of everything a character remembers of a person belongs to this message.

Who may know is decided first and by structure: a memory qualifies only if all who will hear the answer witnessed it. Then it is
found by words and by meaning, ranked (rank.py), and thinned of what says the same twice. No language model is asked.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from everkin.domain.errors import EverkinError
from everkin.domain.memory import Recollection
from everkin.memory import features, rank
from everkin.memory.choosing import chosen
from everkin.memory.pairs import Pairs
from everkin.memory.ports import Embedder, Pair, Sources, VectorIndex
from everkin.memory.query import Asked, Query, read
from everkin.memory.table import Table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Asked", "Recaller"]

FROM_INDEX = 200
"""Nearest memories that an index beside the record is asked for."""

OFF_LOOP = 4000
"""Pairs with more memories are searched off the event loop."""

MIB = 2**20


@dataclass(frozen=True, slots=True)
class Vectors:
    """Of the query's texts; `texts` empty when nothing is compared by meaning."""

    rows: "NDArray[np.float32] | None" = None
    from_index: Mapping[str, float] | None = None


class Recaller:
    """`embedder` None: by words alone. `index` None: vectors are compared here, exactly, beside the words."""

    def __init__(
        self,
        sources: Sources,
        embedder: Embedder | None = None,
        index: VectorIndex | None = None,
        *,
        budget: int = 256 * MIB,
        weights: rank.Weights | None = None,
    ) -> None:
        self.pairs = Pairs(sources, budget)
        self.failures: Counter[str] = Counter()
        self._embedder = embedder
        self._index = index
        self._weights = weights
        self._asked = 0
        self._seconds = 0.0

    async def recall(self, pair: Pair, asked: Asked) -> list[Recollection]:
        """Best first, at most `asked.limit`; empty when nothing has to do with the message. StorageUnavailable."""
        began = time.perf_counter()
        query = read(asked)
        if query.idle:
            return []
        vectors = await self._vectors(pair, query)
        dimension = 0 if vectors.rows is None or self._embedder is None else self._embedder.dimension
        name = self._embedder.name if dimension and self._embedder else ""
        held = self.pairs.held(pair)
        async with held.lock:
            in_memory = dimension if self._index is None else 0
            table = await self.pairs.refresh(pair, held, name if in_memory else "", in_memory)
            weights = self._weights or rank.shipped()
            if len(table) <= OFF_LOOP:
                found = search(table, query, asked, vectors, weights)
            else:
                found = await asyncio.to_thread(search, table, query, asked, vectors, weights)
        self._asked += 1
        self._seconds += time.perf_counter() - began
        return found

    async def ready(self, pair: Pair) -> None:
        """Reads ahead what `recall` will look through, and has the embedder loaded."""
        if self._embedder is not None:
            await self._embedder.embed(("hello",))
        dimension = self._embedder.dimension if self._embedder is not None and self._index is None else 0
        held = self.pairs.held(pair)
        async with held.lock:
            await self.pairs.refresh(pair, held, self._embedder.name if dimension and self._embedder else "", dimension)

    def forget(self, pair: Pair | None = None) -> None:
        """Nothing of the pair (None: of anybody) is held in memory any more."""
        self.pairs.forget(pair)
        if (clear := getattr(self._embedder, "forget", None)) is not None:
            clear()

    def figures(self) -> dict[str, float]:
        """For health and metrics."""
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

    async def _vectors(self, pair: Pair, query: Query) -> Vectors:
        if self._embedder is None:
            return Vectors()
        try:
            rows = await self._embedder.embed(query.texts)
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


def search(table: Table, query: Query, asked: Asked, vectors: Vectors, weights: rank.Weights) -> list[Recollection]:
    """Pure, but for the columns the table keeps."""
    allowed = witnessed(table, asked)
    if not allowed.any():
        return []
    cosine, window = _cosines(table, vectors)
    scores = features.scores(table, query, allowed, cosine, window)
    found = features.candidates(table, query, scores, allowed, asked.now)
    return chosen(table, query, scores, found, weights.of(cosine is not None), asked.limit)


def witnessed(table: Table, asked: Asked) -> "NDArray[np.bool_]":
    """Rows that everybody present may know, that still stand, and that the prompt does not hold already."""
    import numpy as np

    if not len(table):
        return np.zeros(0, bool)
    knows = np.array([asked.present <= witnesses for witnesses in table.witness_sets])
    allowed: NDArray[np.bool_] = (table.column("alive") > 0) & knows[table.column("witnesses")]
    for item in asked.shown:
        if (row := table.row_of.get(item)) is not None:
            allowed[row] = False
    return allowed


def _cosines(table: Table, vectors: Vectors) -> "tuple[NDArray[np.float32] | None, NDArray[np.float32] | None]":
    """Of each row with what is said, and with the window; NaN where it is not known."""
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
    found = table.matrix.rows @ vectors.rows.T
    if table.without_vector:
        found[sorted(table.without_vector)] = np.nan
    return found[:, 0], found[:, 1] if found.shape[1] > 1 else None
