"""Forgetting: whatever is taken out of the record is taken out of everything that was made from it, and a receipt says so.

Order: the record first (one transaction), then the indexes and every copy in memory, then facts and relationship are folded
anew from what is left, and last a pass overwrites the bytes (memory/scrubbing.py). A process that dies in between has forgotten in
the record; indexes are compared with it at the next start, and a pass that was owed is done then.
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
"""Drops what a part holds in memory of what was erased. Idempotent."""


class Signing(Protocol):
    """Fulfilled by security/receipts.py."""

    def receipt(
        self, user_id: UserId, what: str, target: str, counts: dict[str, int], at: Millis, *, scrubbed: bool
    ) -> Receipt: ...

    def is_about(self, receipt: Receipt, what: str, target: str) -> bool: ...


class Vectors(Protocol):
    """An index beside the record. Fulfilled by memory/index_sync.py."""

    async def drop(self, pair: Pair, item_ids: Sequence[str]) -> None:
        """Never raises; nor does `forget`."""

    async def forget(self, pair: Pair) -> None: ...

    async def scrub(self) -> Scrubbed:
        """Unavailable."""


class Receipts(Protocol):
    """Fulfilled by storage/sql/erasure_receipts.py."""

    async def keep(self, receipt: Receipt) -> None: ...

    async def of_user(self, user_id: UserId) -> Sequence[Receipt]:
        """Newest first."""


class Erasure:
    """`copies`: everything that holds copies (hot logs, caches, replies kept for reuse, token counts, recall)."""

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
        """Does the pass that an earlier process owed."""
        self.scrubbing.soon()

    def unsaid(self, erased: Erased | None) -> None:
        """What an edit or a deletion took along is let go of soon; None: a conversation was deleted, to be erased by a job."""
        if erased is None:
            self.on_deleted()
        else:
            self._tasks.start(self._let_go_and_scrub(erased))

    async def _let_go_and_scrub(self, erased: Erased) -> None:
        await self.let_go(erased)
        self.scrubbing.soon()

    async def close(self) -> None:
        """Waits a moment for what is being overwritten; the rest is done after the next start."""
        self.scrubbing.finish()
        await self._tasks.drain(10.0)
        await self._tasks.close()

    async def fact(self, fact_id: str, user_id: UserId) -> Receipt:
        """The fact, and from now on the messages it came from are not recalled. NotFound."""
        erased = await self._erasing.forget_fact(FactId(fact_id), user_id, self._clock.now())
        return await self._finish(erased, "fact", fact_id, user_id)

    async def message(self, message_id: MessageId, user_id: UserId, erased: Erased | None) -> Receipt:
        """Of a message that the record has just deleted. `erased` None: it was deleted before; then it is the receipt of
        that time, where this person was given it. Goes on when the caller is cancelled."""
        if erased is None:
            earlier = await self._receipts.of_user(user_id)
            given = [each for each in earlier if self._signing.is_about(each, "message", message_id)]
            if given:
                return given[-1]
        finishing = self._finish(erased or Erased({}, (), (), ()), "message", message_id, user_id)
        return await asyncio.shield(self._tasks.start(finishing))

    async def conversation(self, conversation_id: str, user_id: UserId) -> Receipt:
        """NotFound; only its owner may."""
        erased = await self._erasing.forget_conversation(ConversationId(conversation_id), user_id, self._clock.now())
        return await self._finish(erased, "conversation", conversation_id, user_id)

    async def user(self, user_id: UserId) -> Receipt:
        """Everything about a person. Their account is gone when this returns."""
        erased = await self._erasing.forget_user(user_id, self._clock.now())
        return await self._finish(erased, "user", user_id, user_id)

    async def receipts(self, user_id: UserId) -> Sequence[Receipt]:
        return await self._receipts.of_user(user_id)

    async def let_go(self, erased: Erased) -> None:
        """For what the record has erased by itself (a message that was edited or deleted): indexes, copies, folds."""
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
        """What cannot be folded now is owed in the record, and a job makes up for it."""
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
