"""Retention: archives idle conversations and, on request, purges old data.

The user can undo archiving. Conversations and facts that have been archived for as long again are purged only when the
operator requests it, through Erasure and with its receipts.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from everkin.domain.conversation import Conversation
from everkin.domain.errors import NotFound
from everkin.domain.events import ConversationChanged, Event
from everkin.domain.ids import ConversationId, Millis, UserId
from everkin.domain.memory import FactId
from everkin.jobs.long_task import Progress
from everkin.kit.clock import Clock
from everkin.kit.hub import Hub
from everkin.memory.erasure import Erasure
from everkin.memory.facts.retention import LITTLE, rested_before

LOT = 100
"""Items per step. The items of different users are erased concurrently and share the overwriting of the freed bytes."""


class Lying(Protocol):
    """Finds data past its retention time. Implemented by storage/sql/retention.py. Times are Unix milliseconds."""

    async def idle(self, before: Millis, limit: int) -> Sequence[ConversationId]:
        """Return active conversations idle since `before`."""
        ...

    async def count_idle(self, before: Millis) -> int:
        """Return the number of conversations that `idle` finds."""
        ...

    async def archive(self, conversation_id: ConversationId, before: Millis, at: Millis) -> Conversation | None:
        """Archive a conversation if it is still idle since `before`; else return None."""
        ...

    async def put_away(self, before: Millis, limit: int) -> Sequence[tuple[ConversationId, UserId]]:
        """Return conversations archived by retention and unchanged since `before`, with their owners."""
        ...

    async def count_put_away(self, before: Millis) -> int:
        """Return the number of conversations that `put_away` finds."""
        ...

    async def resting(self, before: Millis, below: float, limit: int) -> Sequence[tuple[FactId, UserId]]:
        """Return facts not pinned, less important than `below` and not mentioned since `before`, with their users."""
        ...

    async def count_resting(self, before: Millis, below: float) -> int:
        """Return the number of facts that `resting` finds."""
        ...


@dataclass(frozen=True, slots=True)
class RetentionRules:
    """Retention times."""

    memories: int = 90
    """Days without a mention after which a fact of little importance is archived; 0: never."""
    history: int = 30
    """Days of inactivity after which a conversation is archived; 0: never."""


@dataclass(frozen=True, slots=True)
class Due:
    """Counts of the data past its retention time."""

    idle: int
    """Conversations to archive."""
    resting: int
    """Archived facts, which prompts do not contain any more."""
    old_conversations: int
    """Archived conversations to purge."""
    old_facts: int
    """Facts to purge: they have been archived for as long again."""


class Retention:
    """Archives and purges by the rules."""

    def __init__(
        self, record: Lying, forgetting: Erasure, events: Hub[Event], clock: Clock, rules: RetentionRules
    ) -> None:
        self._record = record
        self._forgetting = forgetting
        self._events = events
        self._clock = clock
        self._rules = rules

    async def due(self) -> Due:
        """Count the data past its retention time."""
        rules, record = self._rules, self._record
        return Due(
            idle=await record.count_idle(self._days_ago(rules.history)) if rules.history else 0,
            resting=await record.count_resting(self._days_ago(rules.memories), LITTLE) if rules.memories else 0,
            old_conversations=await record.count_put_away(self._days_ago(rules.history)) if rules.history else 0,
            old_facts=await record.count_resting(self._days_ago(2 * rules.memories), LITTLE) if rules.memories else 0,
        )

    async def archive(self, progress: Progress) -> None:
        """Archive the idle conversations and publish the changes."""
        if not self._rules.history:
            return
        before = self._days_ago(self._rules.history)
        while found := await self._record.idle(before, LOT):
            archived = [await self._put_away(conversation_id, before) for conversation_id in found]
            progress.counts["archived"] += sum(archived)
            progress.done += len(found)
            if not any(archived):
                return  # other nodes archived them, or they became active

    async def purge(self, progress: Progress) -> None:
        """Erase the old data. Ages are judged by the current rules, so raising them keeps existing data."""
        if days := self._rules.history:
            old = self._days_ago(days)
            await self._forget(
                lambda: self._record.put_away(old, LOT), self._forgetting.conversation, progress, "conversations"
            )
        if days := self._rules.memories:
            last_said = self._days_ago(2 * days)
            await self._forget(
                lambda: self._record.resting(last_said, LITTLE, LOT), self._forgetting.fact, progress, "facts"
            )

    async def _put_away(self, conversation_id: ConversationId, before: Millis) -> bool:
        archived = await self._record.archive(conversation_id, before, self._clock.now())
        if archived is None:
            return False
        told = ConversationChanged(conversation_id=archived.id, audience=archived.user_ids, conversation=archived)
        await self._events.publish(told, archived.id)
        return True

    async def _forget(
        self,
        find: Callable[[], Awaitable[Sequence[tuple[Any, UserId]]]],
        forget: Callable[[Any, UserId], Awaitable[object]],
        progress: Progress,
        what: str,
    ) -> None:
        while found := await find():
            people = {user_id for _, user_id in found}
            theirs = [[target for target, user_id in found if user_id == person] for person in people]
            gone = await asyncio.gather(
                *(
                    self._forget_of(person, targets, forget, progress)
                    for person, targets in zip(people, theirs, strict=True)
                )
            )
            progress.counts[f"purged_{what}"] += sum(gone)
            if not any(gone):
                return

    async def _forget_of(
        self,
        person: UserId,
        targets: Sequence[Any],
        forget: Callable[[Any, UserId], Awaitable[object]],
        progress: Progress,
    ) -> int:
        """Erase a user's items one after the other, since each erasure recomputes the user's facts."""
        gone = 0
        for target in targets:
            gone += await _or_gone(forget(target, person))
            progress.done += 1
        return gone

    def _days_ago(self, days: int) -> Millis:
        return rested_before(self._clock.now(), days)


async def _or_gone(forgetting: Awaitable[object]) -> bool:
    try:
        await forgetting
    except NotFound:
        return False
    return True
