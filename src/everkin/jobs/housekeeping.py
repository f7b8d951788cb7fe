"""Housekeeping: what a house does for itself now and then, and somebody may ask for at any time."""

import logging
from collections.abc import Awaitable, Callable, Mapping

from everkin.domain.errors import Conflict
from everkin.jobs.long_task import LongTask, Progress
from everkin.jobs.retention import Retention
from everkin.kit.clock import Clock
from everkin.kit.tasks import Tasks

log = logging.getLogger("everkin.jobs")

Sweep = Callable[[], Awaitable[int]]
"""Tidies one thing up; how many pieces that was."""

FIRST_SECONDS = 60.0
EVERY_SECONDS = 6 * 3600.0


class Housekeeping:
    """`sweeps` by what they count, done in this order."""

    def __init__(self, retention: Retention, sweeps: Mapping[str, Sweep], clock: Clock) -> None:
        self.errand = LongTask("housekeeping", clock)
        self._retention = retention
        self._sweeps = dict(sweeps)
        self._clock = clock
        self._tasks = Tasks("housekeeping")

    def open(self) -> None:
        """Now and then by itself; nothing is ever purged so."""
        self._tasks.start(self._now_and_then())

    async def close(self) -> None:
        await self._tasks.close()
        await self.errand.close()

    def start(self, *, dry_run: bool = False, purge: bool = False) -> Progress:
        """`dry_run`: counts what there is to do, and leaves it. Conflict while it runs."""

        async def work(progress: Progress) -> None:
            await (self._look(progress) if dry_run else self._tidy(progress, purge=purge))

        return self.errand.start(work, {"dry_run": dry_run, "purge": purge})

    async def _look(self, progress: Progress) -> None:
        due = await self._retention.due()
        progress.counts.update(
            to_archive=due.idle,
            resting=due.resting,
            to_purge_conversations=due.old_conversations,
            to_purge_facts=due.old_facts,
        )

    async def _tidy(self, progress: Progress, *, purge: bool) -> None:
        due = await self._retention.due()
        progress.total = len(self._sweeps) + due.idle + (due.old_conversations + due.old_facts if purge else 0)
        progress.counts["resting"] = due.resting
        for what, sweep in self._sweeps.items():
            progress.step = what
            progress.counts[what] += await sweep()
            progress.done += 1
        progress.step = "archiving"
        await self._retention.archive(progress)
        if purge:
            progress.step = "purging"
            await self._retention.purge(progress)
        progress.total = progress.done

    async def _now_and_then(self) -> None:
        await self._clock.sleep(FIRST_SECONDS)
        while True:
            try:
                self.start()
            except Conflict:
                log.info("housekeeping is being done already")
            await self._clock.sleep(EVERY_SECONDS)
