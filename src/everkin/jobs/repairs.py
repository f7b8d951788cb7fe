"""Repair jobs: synchronise the vector index with the database, erase deleted conversations, refold outdated facts."""

from collections.abc import Sequence
from typing import Protocol

from everkin.domain.errors import NotFound
from everkin.domain.ids import ConversationId, UserId
from everkin.domain.memory import Pair
from everkin.memory.erasure import Erasure
from everkin.memory.facts.store import FactStore
from everkin.memory.index_sync import IndexSync


class Known(Protocol):
    """Lists the pairs of the database. Implemented by storage/sql/memories.py."""

    async def pairs(self) -> Sequence[Pair]:
        """Return all pairs that have memories."""


class RepairIndex:
    """The job that makes a vector index equal to the database after failed writes or a loss."""

    name = "mirroring"

    def __init__(self, known: Known, mirror: IndexSync) -> None:
        self._known = known
        self._mirror = mirror

    async def find(self, limit: int) -> Sequence[Pair]:
        """Return pairs whose index may differ from the database."""
        if self._mirror.unsure:
            self._mirror.behind.update(await self._known.pairs())
            self._mirror.behind.update(await self._mirror.known())
            self._mirror.unsure = False
        return sorted(self._mirror.behind, key=str)[:limit]

    async def do(self, work: Pair) -> bool:
        """Repair the index of a pair. Raises Unavailable."""
        await self._mirror.repair(work)
        return True


class Deleted(Protocol):
    """Finds deleted conversations. Implemented by storage/sql/erasure.py."""

    async def to_erase(self, limit: int) -> Sequence[tuple[ConversationId, UserId]]:
        """Return deleted conversations that are not erased yet, with their owners."""
        ...


class EraseDeleted:
    """The job that erases deleted conversations."""

    name = "erasing"

    def __init__(self, deleted: Deleted, forgetting: Erasure) -> None:
        self._deleted = deleted
        self._forgetting = forgetting

    async def find(self, limit: int) -> Sequence[tuple[ConversationId, UserId]]:
        """Return conversations to erase."""
        return await self._deleted.to_erase(limit)

    async def do(self, work: tuple[ConversationId, UserId]) -> bool:
        """Erase a conversation; False if it is gone already."""
        try:
            await self._forgetting.conversation(*work)
        except NotFound:
            return False
        return True


class Unfolded(Protocol):
    """Finds outdated facts. Implemented by storage/sql/memories.py."""

    async def to_fold(self, limit: int) -> Sequence[Pair]:
        """Return pairs whose facts are not up to date with their findings."""


class RefoldFacts:
    """The job that recomputes outdated facts."""

    name = "folding"

    def __init__(self, unfolded: Unfolded, keeping: FactStore) -> None:
        self._unfolded = unfolded
        self._keeping = keeping

    async def find(self, limit: int) -> Sequence[Pair]:
        """Return pairs with outdated facts."""
        return await self._unfolded.to_fold(limit)

    async def do(self, work: Pair) -> bool:
        """Recompute the facts of a pair."""
        await self._keeping.refold(work)
        return True
