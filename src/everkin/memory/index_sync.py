"""IndexSync: keeps a vector index equal to the database. Writes that the index refuses are repaired later."""

import logging
from collections.abc import Awaitable, Iterable, Sequence

from everkin.domain.errors import EverkinError
from everkin.domain.memory import Embedded, Pair, Scrubbed
from everkin.memory.ports import Sources, VectorIndex

log = logging.getLogger("everkin.memory")

CHUNK = 1000
"""Vectors read from the database at a time."""


class IndexSync:
    """Copies vectors from the database into a vector index.

    `behind`: pairs whose vectors may differ from the database's. `unsure`: any pair's may differ, as at the start,
    since the index may have been lost while no process ran. `failures`: writes that the index refused. `repaired`:
    vectors that `repair` added or removed.
    """

    def __init__(self, index: VectorIndex, sources: Sources, embedder: str) -> None:
        self.failures = 0
        self.repaired = 0
        self.unsure = True
        self.behind: set[Pair] = set()
        self._index = index
        self._sources = sources
        self._embedder = embedder

    async def put(self, pairs: Iterable[Pair], vectors: Sequence[Embedded]) -> None:
        """Add vectors that are already in the database. Never raises: a pair the index refused is marked as behind."""
        items = [(each.item_id, each.vector) for each in vectors]
        for pair in pairs if items else ():
            try:
                await self._index.put(pair, items)
                await self._take_back(pair, [item for item, _ in items])
            except EverkinError as error:
                self.failures += 1
                self.behind.add(pair)
                log.warning("the vector index did not take new vectors (%s); it is repaired later", error)

    async def drop(self, pair: Pair, item_ids: Sequence[str]) -> None:
        """Remove vectors. Never raises: a failed removal is made up for when the index is available again."""
        await self._or_behind(pair, self._index.drop(pair, item_ids))

    async def forget(self, pair: Pair) -> None:
        """Remove all vectors of the pair. Never raises, as `drop`."""
        await self._or_behind(pair, self._index.forget(pair))

    async def scrub(self) -> Scrubbed:
        """Overwrite removed vectors on disk. Raises Unavailable when the index cannot be reached."""
        return await self._index.scrub()

    async def known(self) -> set[Pair]:
        """Return the pairs in the index, including those no longer in the database. Raises Unavailable."""
        return await self._index.pairs()

    async def repair(self, pair: Pair) -> int:
        """Make the pair's vectors equal to the database's and return how many differed.

        Raises Unavailable; the pair then stays marked as behind.
        """
        _, memories = await self._sources.memories(pair, {})
        wanted = [memory.id for memory in memories]
        there = await self._index.ids(pair)
        missing = [item for item in wanted if item not in there]
        surplus = sorted(there.difference(wanted))
        if surplus:
            await self._index.drop(pair, surplus)
        put = 0
        for start in range(0, len(missing), CHUNK):
            vectors = await self._sources.vectors(missing[start : start + CHUNK], self._embedder)
            if vectors:
                await self._index.put(pair, [(each.item_id, each.vector) for each in vectors])
                put += len(vectors)
        if surplus:
            await self._index.scrub()
        self.behind.discard(pair)
        self.repaired += put + len(surplus)
        return put + len(surplus)

    async def _take_back(self, pair: Pair, item_ids: Sequence[str]) -> None:
        """Remove items that were erased between the write to the database and the write to the index."""
        held = {each.item_id for each in await self._sources.vectors(item_ids, self._embedder)}
        if gone := [item for item in item_ids if item not in held]:
            await self.drop(pair, gone)

    async def _or_behind(self, pair: Pair, work: Awaitable[None]) -> None:
        try:
            await work
        except EverkinError as error:
            self.failures += 1
            self.behind.add(pair)
            log.warning("vectors could not be dropped now (%s); the index is repaired later", error)
