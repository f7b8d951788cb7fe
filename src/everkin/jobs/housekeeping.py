"""Housekeeping: periodic clean-up and archiving, which the operator may also start, and purging on request."""

import logging
from collections.abc import Awaitable, Callable, Mapping

from everkin.domain.errors import Conflict
from everkin.jobs.long_task import LongTask, Progress
from everkin.jobs.retention import Retention
from everkin.kit.clock import Clock
from everkin.kit.tasks import Tasks

log = logging.getLogger("everkin.jobs")

Sweep = Callable[[], Awaitable[int]]
"""Cleans up one kind of data and returns the number of items."""

FIRST_SECONDS = 60.0
"""Delay of the first run after the start."""
EVERY_SECONDS = 6 * 3600.0
"""Interval of the periodic runs."""


class Housekeeping:
    """Runs the sweeps and the retention. `sweeps`: name of the counted items -> sweep, run in this order."""

    def __init__(self, retention: Retention, sweeps: Mapping[str, Sweep], clock: Clock) -> None:
        self.errand = LongTask("housekeeping", clock)
        self._retention = retention
        self._sweeps = dict(sweeps)
        self._clock = clock
        self._tasks = Tasks("housekeeping")

    def open(self) -> None:
        """Start the periodic runs; they never purge."""
        self._tasks.start(self._now_and_then())

    async def close(self) -> None:
        """Cancel the periodic runs and a run under way."""
        await self._tasks.close()
        await self.errand.close()

    def start(self, *, dry_run: bool = False, purge: bool = False) -> Progress:
        """Start a run and return its progress. `dry_run` only counts the items to process.

        Raises Conflict while a run is under way.
        """

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
