"""Erasure of messages, facts, conversations and users from the database and from everything derived from them.

Each erasure returns a signed receipt.

Order: first the database (one transaction), then vector indexes and every copy in memory, then facts and relationship
are folded again from the remaining findings, and last a scrub pass overwrites the bytes (memory/scrubbing.py). If the
process dies in between, the database has already erased: indexes are compared with it at the next start, and a pending
scrub pass is run then.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from everkin.domain.errors import EverkinError
from everkin.domain.ids import ConversationId, MessageId, Millis, UserId
from everkin.domain.memory import Erased, FactId, Pair, Scrubbed
from everkin.domain.receipt import Receipt
from everkin.kit.clock import Clock
from everkin.kit.tasks import Tasks
from everkin.memory.facts.store import FactStore
from everkin.memory.ports import Erasing
from everkin.memory.scrubbing import Scrubbing

log = logging.getLogger("everkin.memory")

Forget = Callable[[Erased], Awaitable[None]]
"""Remove from one component's memory the copies of erased items. Idempotent."""


class Signing(Protocol):
    """Signs erasure receipts and recognises their targets. Implemented in security/receipts.py."""

    def receipt(
        self, user_id: UserId, what: str, target: str, counts: dict[str, int], at: Millis, *, scrubbed: bool
    ) -> Receipt:
        """Return a signed receipt for the erasure of `target`; `what` is fact, message, conversation or user."""

    def is_about(self, receipt: Receipt, what: str, target: str) -> bool:
        """Return whether the receipt is for the erasure of this target."""


class Vectors(Protocol):
    """A vector index beside the database. Implemented in memory/index_sync.py."""

    async def drop(self, pair: Pair, item_ids: Sequence[str]) -> None:
        """Remove vectors of a pair. Never raises."""

    async def forget(self, pair: Pair) -> None:
        """Remove all vectors of a pair. Never raises."""

    async def scrub(self) -> Scrubbed:
        """Overwrite removed vectors on disk. Raises Unavailable."""


class Receipts(Protocol):
    """Stored erasure receipts. Implemented in storage/sql/erasure_receipts.py."""

    async def keep(self, receipt: Receipt) -> None:
        """Store a receipt."""

    async def of_user(self, user_id: UserId) -> Sequence[Receipt]:
        """Return the user's receipts, newest first."""


class Erasure:
    """Erases messages, facts, conversations and users.

    `copies` are the callbacks of all components that hold copies: history caches, other caches, cached replies, token
    counts, recall tables.
    """

    def __init__(
        self,
        erasing: Erasing,
        index: Vectors | None,
        keeping: FactStore,
        receipts: Receipts,
        signing: Signing,
        clock: Clock,
        copies: Sequence[Forget] = (),
    ) -> None:
        self.failures = 0
        self._erasing = erasing
        self._index = index
        self._keeping = keeping
        self._receipts = receipts
        self._signing = signing
        self._clock = clock
        self.on_deleted: Callable[[], None] = _nobody_hears
        self._copies = tuple(copies)
        self._tasks = Tasks("forgetting")
        self.scrubbing = Scrubbing(erasing, index, self._tasks)

    def open(self) -> None:
        """Start the scrub pass that an earlier process left pending."""
        self.scrubbing.soon()

    def unsaid(self, erased: Erased | None) -> None:
        """Clean up in the background after an edit or a deletion.

        `erased` None: a conversation was deleted; `on_deleted` is called, and a job erases it later.
        """
        if erased is None:
            self.on_deleted()
        else:
            self._tasks.start(self._let_go_and_scrub(erased))

    async def _let_go_and_scrub(self, erased: Erased) -> None:
        await self.let_go(erased)
        self.scrubbing.soon()

    async def close(self) -> None:
        """Wait at most 10 seconds for running work; the rest is done after the next start."""
        self.scrubbing.finish()
        await self._tasks.drain(10.0)
        await self._tasks.close()

    async def fact(self, fact_id: str, user_id: UserId) -> Receipt:
        """Erase a fact; the messages it came from are no longer recalled. Raises NotFound."""
        erased = await self._erasing.forget_fact(FactId(fact_id), user_id, self._clock.now())
        return await self._finish(erased, "fact", fact_id, user_id)

    async def message(self, message_id: MessageId, user_id: UserId, erased: Erased | None) -> Receipt:
        """Finish the erasure of a message that the database has just deleted.

        `erased` None means that the message was deleted before; the receipt of that time is returned if this user was
        given one. Continues when the caller is cancelled.
        """
        if erased is None:
            earlier = await self._receipts.of_user(user_id)
            given = [each for each in earlier if self._signing.is_about(each, "message", message_id)]
            if given:
                return given[-1]
        finishing = self._finish(erased or Erased({}, (), (), ()), "message", message_id, user_id)
        return await asyncio.shield(self._tasks.start(finishing))

    async def conversation(self, conversation_id: str, user_id: UserId) -> Receipt:
        """Erase a conversation. Raises NotFound; Forbidden for participants other than its owner."""
        erased = await self._erasing.forget_conversation(ConversationId(conversation_id), user_id, self._clock.now())
        return await self._finish(erased, "conversation", conversation_id, user_id)

    async def user(self, user_id: UserId) -> Receipt:
        """Erase everything about a user. The account is gone when this returns."""
        erased = await self._erasing.forget_user(user_id, self._clock.now())
        return await self._finish(erased, "user", user_id, user_id)

    async def receipts(self, user_id: UserId) -> Sequence[Receipt]:
        """Return the user's receipts, newest first."""
        return await self._receipts.of_user(user_id)

    async def let_go(self, erased: Erased) -> None:
        """Remove from indexes and copies the items that the database has already erased, and fold again."""
        if self._index is not None:
            for pair in erased.pairs if erased.items else ():
                await self._index.drop(pair, erased.items)
            for pair in erased.gone:
                await self._index.forget(pair)
        for forget in self._copies:
            await forget(erased)
        for pair in erased.pairs:
            await self._refold(pair, next(iter(erased.conversations), None))

    async def _refold(self, pair: Pair, conversation_id: ConversationId | None) -> None:
        """Fold the pair's facts again. A failed fold stays pending in the database, and a job repeats it."""
        try:
            await self._keeping.refold(pair, conversation_id)
        except EverkinError as error:
            self.failures += 1
            log.warning("memories could not be folded anew now (%s)", error)

    async def _finish(self, erased: Erased, what: str, target: str, user_id: UserId) -> Receipt:
        await self.let_go(erased)
        scrubbed = await self.scrubbing.done()
        counts = dict(erased.counts)
        receipt = self._signing.receipt(user_id, what, target, counts, self._clock.now(), scrubbed=scrubbed)
        await self._receipts.keep(receipt)
        return receipt


def _nobody_hears() -> None:
    return None
