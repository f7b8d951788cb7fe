"""The mirror: a vector index beside the record, kept equal to it. What cannot be put in now is made up for later."""

import logging
from collections.abc import Awaitable, Iterable, Sequence

from everkin.domain.errors import EverkinError
from everkin.domain.memory import Embedded, Pair, Scrubbed
from everkin.memory.ports import Sources, VectorIndex

log = logging.getLogger("everkin.memory")

CHUNK = 1000


class IndexSync:
    """`behind`: pairs whose vectors may differ from the record's; `unsure`: any pair's may, as at the start, since the index may
    have been lost while nobody was here. `failures` counts what the index would not take."""

    def __init__(self, index: VectorIndex, sources: Sources, embedder: str) -> None:
        self.failures = 0
        self.repaired = 0
        self.unsure = True
        self.behind: set[Pair] = set()
        self._index = index
        self._sources = sources
        self._embedder = embedder

    async def put(self, pairs: Iterable[Pair], vectors: Sequence[Embedded]) -> None:
        """Once they are in the record. Never raises: a pair the index would not take is behind."""
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
        """Never raises: what cannot be dropped now is dropped when the index is back."""
        await self._or_behind(pair, self._index.drop(pair, item_ids))

    async def forget(self, pair: Pair) -> None:
        """As `drop`, of all there is of the pair."""
        await self._or_behind(pair, self._index.forget(pair))

    async def scrub(self) -> Scrubbed:
        """Unavailable when the index cannot be reached."""
        return await self._index.scrub()

    async def known(self) -> set[Pair]:
        """Also those the record does not know any more. Unavailable."""
        return await self._index.pairs()

    async def repair(self, pair: Pair) -> int:
        """Makes the pair's vectors what the record holds; how many differed. Unavailable: it stays behind."""
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
        """What was forgotten between being written to the record and being put here."""
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
