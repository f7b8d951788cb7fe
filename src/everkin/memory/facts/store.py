"""Keeping: facts and relationship in step with what was found, for whoever changes what was found."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from weakref import WeakValueDictionary

from everkin.domain.errors import Unavailable
from everkin.domain.ids import ConversationId
from everkin.domain.memory import Fact, FactId, Pair, Relationship
from everkin.kit.clock import Clock
from everkin.memory.facts.fold import FACT_THRESHOLD, fold
from everkin.memory.ports import MemoryRecord
from everkin.memory.relationships import Relationships

log = logging.getLogger("everkin.memory")

TRIES = 5


@dataclass(frozen=True, slots=True)
class Changed:
    """What a fold changed for a pair."""

    pair: Pair
    conversation_id: ConversationId | None
    """Where it was said, None where a person's own hand did it."""
    learnt: tuple[FactId, ...] = ()
    changed: tuple[FactId, ...] = ()
    gone: tuple[FactId, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.learnt or self.changed or self.gone)


Tell = Callable[[Changed, Relationship], Awaitable[None]]


class FactStore:
    """`tell` hears of every fold, also of one that changed no fact: copies of the pair are out of date."""

    def __init__(self, record: MemoryRecord, clock: Clock, tell: Tell, threshold: float = FACT_THRESHOLD) -> None:
        self._record = record
        self._clock = clock
        self._tell = tell
        self._threshold = threshold
        self._relationships = Relationships(record)
        self._locks: WeakValueDictionary[Pair, asyncio.Lock] = WeakValueDictionary()

    async def refold(self, pair: Pair, conversation_id: ConversationId | None = None) -> Changed:
        """The pair's facts become what its findings amount to. Unavailable when other nodes keep changing it meanwhile; the
        record knows that it is owed."""
        async with self._locks.setdefault(pair, asyncio.Lock()):
            return await self._refold(pair, conversation_id)

    async def _refold(self, pair: Pair, conversation_id: ConversationId | None) -> Changed:
        for _ in range(TRIES):
            state = await self._record.state(pair)
            before = await self._record.facts(pair)
            findings = await self._record.findings(pair)
            facts = await asyncio.to_thread(fold, findings, pair.character_id, pair.user_id, self._threshold)
            if await self._record.fold(pair, state, facts):
                changed = _difference(pair, conversation_id, before, facts)
                await self._tell(changed, await self.relationship(pair))
                return changed
        raise Unavailable("Somebody else is changing the same memories. It is tried again in a moment.")

    async def relationship(self, pair: Pair) -> Relationship:
        return await self._relationships.at(pair, self._clock.now())

    @property
    def relationships_kept(self) -> int:
        return len(self._relationships)

    def forget(self, pair: Pair) -> None:
        """Nothing of the pair is kept in memory any more."""
        self._relationships.forget(pair)


def _difference(
    pair: Pair, conversation_id: ConversationId | None, before: Sequence[Fact], after: Sequence[Fact]
) -> Changed:
    old, new = {fact.id: fact for fact in before}, {fact.id: fact for fact in after}
    return Changed(
        pair,
        conversation_id,
        learnt=tuple(each for each in new if each not in old),
        changed=tuple(each for each, fact in new.items() if each in old and old[each] != fact),
        gone=tuple(each for each in old if each not in new),
    )
