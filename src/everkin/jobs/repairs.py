"""Mirroring: a vector index that missed something, or was lost, is made equal to the record again."""

from collections.abc import Sequence
from typing import Protocol

from everkin.domain.errors import NotFound
from everkin.domain.ids import ConversationId, UserId
from everkin.domain.memory import Pair
from everkin.memory.erasure import Erasure
from everkin.memory.facts.store import FactStore
from everkin.memory.index_sync import IndexSync


class Known(Protocol):
    """Fulfilled by storage/sql/memories.py."""

    async def pairs(self) -> Sequence[Pair]:
        """All there are memories of."""


class RepairIndex:
    name = "mirroring"

    def __init__(self, known: Known, mirror: IndexSync) -> None:
        self._known = known
        self._mirror = mirror

    async def find(self, limit: int) -> Sequence[Pair]:
        if self._mirror.unsure:
            self._mirror.behind.update(await self._known.pairs())
            self._mirror.behind.update(await self._mirror.known())
            self._mirror.unsure = False
        return sorted(self._mirror.behind, key=str)[:limit]

    async def do(self, work: Pair) -> bool:
        await self._mirror.repair(work)
        return True


class Deleted(Protocol):
    """Fulfilled by storage/sql/erasure.py."""

    async def to_erase(self, limit: int) -> Sequence[tuple[ConversationId, UserId]]: ...


class EraseDeleted:
    name = "erasing"

    def __init__(self, deleted: Deleted, forgetting: Erasure) -> None:
        self._deleted = deleted
        self._forgetting = forgetting

    async def find(self, limit: int) -> Sequence[tuple[ConversationId, UserId]]:
        return await self._deleted.to_erase(limit)

    async def do(self, work: tuple[ConversationId, UserId]) -> bool:
        try:
            await self._forgetting.conversation(*work)
        except NotFound:
            return False
        return True


class Unfolded(Protocol):
    """Fulfilled by storage/sql/memories.py."""

    async def to_fold(self, limit: int) -> Sequence[Pair]:
        """Pairs whose facts are not what their findings amount to."""


class RefoldFacts:
    name = "folding"

    def __init__(self, unfolded: Unfolded, keeping: FactStore) -> None:
        self._unfolded = unfolded
        self._keeping = keeping

    async def find(self, limit: int) -> Sequence[Pair]:
        return await self._unfolded.to_fold(limit)

    async def do(self, work: Pair) -> bool:
        await self._keeping.refold(work)
        return True
