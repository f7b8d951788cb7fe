"""Retention of facts: what was said once, long ago, and matters little rests. Pure.

Resting is a rule applied when facts are read, never a mark in the record: facts are a fold over findings, so a mark would have to
be carried through every fold, and would have to be taken back whenever a fact is said again. The rule does both by itself: a
mention moves `last_reinforced_at`, a person's pin or correction makes it weighty, and another setting holds from the next reading.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from everkin.domain.ids import Millis
from everkin.domain.memory import Embedded, Fact, Memory, MemoryKind, PairState
from everkin.kit.clock import Clock
from everkin.memory.ports import Pair, Sources

LITTLE = 0.6
"""Importance below this may rest. What is noted by a person's hand has 0.8, names, homes, jobs and family 0.6 or more; tastes and
moments begin at 0.5, and what belongs to a story at half of that."""

DAY_MS = 86_400_000


def is_resting(fact: Fact, now: Millis, days: int) -> bool:
    """Not pinned, of little importance, and not said again for `days`; 0: nothing rests."""
    return _rests(fact.pinned, fact.importance, fact.last_reinforced_at, now, days)


def rested_before(now: Millis, days: int) -> Millis:
    """Little facts last said before this rest."""
    return Millis(now - days * DAY_MS)


def _rests(pinned: bool, importance: float, said_at: Millis, now: Millis, days: int) -> bool:
    return days > 0 and not pinned and importance < LITTLE and said_at < rested_before(now, days)


@dataclass(frozen=True, slots=True)
class Awake:
    """Sources without the facts that rest, for recall. What begins to rest while a pair's table is held is left out when it is
    next read; what is said again comes back with the fold."""

    sources: Sources
    clock: Clock
    days: int

    async def state(self, pair: Pair) -> PairState:
        return await self.sources.state(pair)

    async def memories(self, pair: Pair, known: Mapping[str, Memory]) -> tuple[PairState, Sequence[Memory]]:
        state, found = await self.sources.memories(pair, known)
        now = self.clock.now()
        return state, [each for each in found if each.kind is not MemoryKind.FACT or not self._resting(each, now)]

    async def vectors(self, item_ids: Sequence[str], embedder: str) -> Sequence[Embedded]:
        return await self.sources.vectors(item_ids, embedder)

    def _resting(self, fact: Memory, now: Millis) -> bool:
        return _rests(fact.pinned, fact.importance, fact.at, now, self.days)
