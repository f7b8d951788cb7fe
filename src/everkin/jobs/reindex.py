"""Reindexing: rebuilds the search index from the database through the regular jobs, while conversations go on."""

from collections.abc import Callable
from typing import Protocol

from everkin.domain.errors import Conflict
from everkin.jobs.long_task import LongTask, Progress
from everkin.kit.clock import Clock
from everkin.memory.index_sync import IndexSync

LOOK_SECONDS = 0.5
"""Interval in which the progress is read."""
PATIENCE_SECONDS = 120.0
"""Time without progress after which the run ends; the jobs continue the work."""


class Restarting(Protocol):
    """Restarts indexing. Implemented by storage/sql/reindex.py."""

    async def restart(self) -> int:
        """Set every conversation to be indexed from its first message and return their number."""
        ...

    async def left(self, embedder: str) -> int:
        """Return the number of messages to index plus items without a vector of this embedder; "": no vectors."""
        ...


class Reindex:
    """The task that rebuilds the index.

    `wake` makes the jobs search for work; None means that memory is switched off. `mirror` is a separate vector index
    that is compared with the database. `embedder` is the name of the embedder, empty for none; vectors of other
    embedders are replaced one by one and never compared with the new ones.
    """

    def __init__(
        self,
        record: Restarting,
        wake: Callable[[], None] | None,
        embedder: str,
        clock: Clock,
        mirror: IndexSync | None = None,
    ) -> None:
        self.errand = LongTask("reindexing", clock)
        self._record = record
        self._wake = wake
        self._embedder = embedder
        self._clock = clock
        self._mirror = mirror

    async def close(self) -> None:
        """Cancel a run under way; the jobs continue the work."""
        await self.errand.close()

    def start(self) -> Progress:
        """Start a run and return its progress. Raises Conflict while one is under way or memory is switched off."""
        if self._wake is None:
            raise Conflict("Memory is switched off, so there is no index. MEMORY_ENABLED=true brings it back.")
        return self.errand.start(self._reindex)

    async def _reindex(self, progress: Progress) -> None:
        progress.step = "indexing"
        progress.counts["conversations"] = await self._record.restart()
        if self._mirror is not None:
            self._mirror.unsure = True
        progress.total = left = await self._left()
        if self._wake is not None:
            self._wake()
        since = self._clock.monotonic()
        while left and self._clock.monotonic() - since < PATIENCE_SECONDS:
            await self._clock.sleep(LOOK_SECONDS)
            before, left = left, await self._left()
            if left < before:
                since = self._clock.monotonic()
            progress.total = max(progress.total, left)
            progress.done = progress.total - left
        if left:
            progress.problem = (
                f"{left} messages or memories could not be indexed yet; health says what is away. "
                "It goes on by itself when that is back."
            )

    async def _left(self) -> int:
        pairs = len(self._mirror.behind) + self._mirror.unsure if self._mirror is not None else 0
        return pairs + await self._record.left(self._embedder)
