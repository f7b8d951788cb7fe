"""Retention of facts: facts that were mentioned long ago and matter little are archived. Pure.

Archiving is a rule applied on reading, not a flag in the database: facts are folded from findings, so a flag would have
to be carried through every fold and cleared at each new mention. A mention moves `last_reinforced_at`, a pin or a
correction by the user raises the weight, and a changed setting applies from the next read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from everkin.domain.ids import Millis
from everkin.domain.memory import Embedded, Fact, Memory, MemoryKind, PairState
from everkin.kit.clock import Clock
from everkin.memory.ports import Pair, Sources

LITTLE = 0.6
"""Facts below this importance may be archived. Entries by the user have 0.8; names, homes, jobs and family at least
0.6; tastes and moments begin at 0.5, and facts of a story at half of that."""

DAY_MS = 86_400_000
"""Milliseconds in a day."""


def is_resting(fact: Fact, now: Millis, days: int) -> bool:
    """Return whether the fact is archived: not pinned, below LITTLE, and not mentioned for `days`. 0 days: never."""
    return _rests(fact.pinned, fact.importance, fact.last_reinforced_at, now, days)


def rested_before(now: Millis, days: int) -> Millis:
    """Return the time before which the last mention of a fact of little importance must lie for it to be archived."""
    return Millis(now - days * DAY_MS)


def _rests(pinned: bool, importance: float, said_at: Millis, now: Millis, days: int) -> bool:
    return days > 0 and not pinned and importance < LITTLE and said_at < rested_before(now, days)


@dataclass(frozen=True, slots=True)
class Awake:
    """Sources without archived facts, for recall.

    A fact that becomes archived while a pair's table is cached is left out when the table is read next; a fact
    mentioned again returns with the fold.
    """

    sources: Sources
    """The sources that are filtered."""
    clock: Clock
    """Gives the time that ages are measured from."""
    days: int
    """Days without a mention after which a fact is archived; 0: never."""

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
