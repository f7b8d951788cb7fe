"""FactStore: keeps facts and relationships consistent with the stored findings and events."""

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
"""Attempts to store a fold while other nodes change the same pair."""


@dataclass(frozen=True, slots=True)
class Changed:
    """Differences that a fold made for a pair."""

    pair: Pair
    """The pair that was folded."""
    conversation_id: ConversationId | None
    """The conversation with the new findings; None for entries by the user."""
    learnt: tuple[FactId, ...] = ()
    """Ids of new facts."""
    changed: tuple[FactId, ...] = ()
    """Ids of facts with other contents than before."""
    gone: tuple[FactId, ...] = ()
    """Ids of facts that no longer exist."""

    def __bool__(self) -> bool:
        """Whether any fact differs."""
        return bool(self.learnt or self.changed or self.gone)


Tell = Callable[[Changed, Relationship], Awaitable[None]]
"""Called after each fold with the differences and the pair's relationship."""


class FactStore:
    """Folds the findings of pairs and stores their facts.

    `tell` is called after every fold, also without differences, since copies of the pair are then out of date. Folds of
    one pair run one at a time.
    """

    def __init__(self, record: MemoryRecord, clock: Clock, tell: Tell, threshold: float = FACT_THRESHOLD) -> None:
        self._record = record
        self._clock = clock
        self._tell = tell
        self._threshold = threshold
        self._relationships = Relationships(record)
        self._locks: WeakValueDictionary[Pair, asyncio.Lock] = WeakValueDictionary()

    async def refold(self, pair: Pair, conversation_id: ConversationId | None = None) -> Changed:
        """Fold the pair's findings and store the facts.

        Raises Unavailable when other nodes keep changing the pair; the database records that the fold is pending.
        """
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
        """Return the pair's relationship now. Raises StorageUnavailable."""
        return await self._relationships.at(pair, self._clock.now())

    @property
    def relationships_kept(self) -> int:
        """Number of cached relationships."""
        return len(self._relationships)

    def forget(self, pair: Pair) -> None:
        """Drop everything cached for the pair."""
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
