"""Relationships: a cache of folded relationships, so that a new event is added without reading all earlier ones."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass

from everkin.domain.ids import Millis
from everkin.domain.memory import Pair, Relationship
from everkin.memory.ports import MemoryRecord
from everkin.memory.relationship.formula import NOTHING_YET, RelationshipFold, advanced, seen

MOST_PAIRS = 1000
"""Relationships kept in memory; the least recently used are dropped first."""
OFF_LOOP = 64
"""Number of events from which they are folded off the event loop."""


@dataclass(frozen=True, slots=True)
class _Kept:
    folding: RelationshipFold
    """The fold of all events read so far."""
    epoch: int
    """The pair's epoch when its events were read."""
    events: int
    """Number of events in the database up to the time of the last folded one."""


class Relationships:
    """Cached relationships of the pairs used last. Each equals a fold of all events in the database."""

    def __init__(self, record: MemoryRecord, most: int = MOST_PAIRS) -> None:
        self.events_read = 0
        self._record = record
        self._most = most
        self._kept: OrderedDict[Pair, _Kept] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    async def at(self, pair: Pair, now: Millis) -> Relationship:
        """Return the pair's relationship at the time `now`. Raises StorageUnavailable."""
        kept = self._kept.get(pair)
        if kept is None or (folding := await self._advanced(pair, kept)) is None:
            folding = await self._advanced(pair, _Kept(NOTHING_YET, -1, 0)) or NOTHING_YET
        return seen(folding, now)

    def forget(self, pair: Pair) -> None:
        """Drop the pair's cached relationship."""
        self._kept.pop(pair, None)

    async def _advanced(self, pair: Pair, kept: _Kept) -> RelationshipFold | None:
        """Fold the events since `kept`. Return None where earlier events changed, so that all must be read again."""
        read = await self._record.bond_events_after(pair, kept.folding.last_at)
        if kept.folding is not NOTHING_YET and (read.epoch, read.earlier) != (kept.epoch, kept.events):
            return None
        self.events_read += len(read.events)
        if len(read.events) < OFF_LOOP:
            folding = advanced(kept.folding, read.events)
        else:
            folding = await asyncio.to_thread(advanced, kept.folding, read.events)
        self._kept[pair] = _Kept(folding, read.epoch, read.counted)
        self._kept.move_to_end(pair)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return folding
