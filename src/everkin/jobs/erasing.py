"""Erasing: conversations that were deleted are forgotten for good, down to the bytes; so is what a crash interrupted."""

from collections.abc import Sequence
from typing import Protocol

from everkin.domain.errors import NotFound
from everkin.domain.ids import ConversationId, UserId
from everkin.memory.forgetting import Forgetting


class Deleted(Protocol):
    """Fulfilled by storage/sql/erasing.py."""

    async def to_erase(self, limit: int) -> Sequence[tuple[ConversationId, UserId]]: ...


class ErasingDeleted:
    name = "erasing"

    def __init__(self, deleted: Deleted, forgetting: Forgetting) -> None:
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
