"""Mirroring: a vector index that missed something, or was lost, is made equal to the record again."""

from collections.abc import Sequence
from typing import Protocol

from everkin.domain.memory import Pair
from everkin.memory.mirror import Mirror


class Known(Protocol):
    """Fulfilled by storage/sql/memories.py."""

    async def pairs(self) -> Sequence[Pair]:
        """All there are memories of."""


class Mirroring:
    name = "mirroring"

    def __init__(self, known: Known, mirror: Mirror) -> None:
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
