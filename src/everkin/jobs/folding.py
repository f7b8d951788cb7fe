"""Folding: facts that a crash or another node left out of step are folded again."""

from collections.abc import Sequence
from typing import Protocol

from everkin.domain.memory import Pair
from everkin.memory.keeping import Keeping


class Unfolded(Protocol):
    """Fulfilled by storage/sql/memories.py."""

    async def to_fold(self, limit: int) -> Sequence[Pair]:
        """Pairs whose facts are not what their findings amount to."""


class FoldingRest:
    name = "folding"

    def __init__(self, unfolded: Unfolded, keeping: Keeping) -> None:
        self._unfolded = unfolded
        self._keeping = keeping

    async def find(self, limit: int) -> Sequence[Pair]:
        return await self._unfolded.to_fold(limit)

    async def do(self, work: Pair) -> bool:
        await self._keeping.refold(work)
        return True
