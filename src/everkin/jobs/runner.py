"""Job runner: runs the background jobs after replies, while no turn is being answered.

A job finds its work in the database by a watermark, so no work is lost when a process dies, and repeating it changes no
result. Events only signal that there may be work; a periodic search finds work without an event.
"""

import asyncio
import logging
import math
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from everkin.domain.errors import EverkinError, NotFound
from everkin.domain.events import Event, MessageAdded, MessageChanged, TurnEnded
from everkin.jobs.preemptible_model import Preempted
from everkin.kit.clock import Clock
from everkin.kit.release_memory import release_freed_memory
from everkin.kit.tasks import Tasks

log = logging.getLogger("everkin.jobs")


class Job(Protocol):
    """A background job."""

    @property
    def name(self) -> str:
        """Its name in figures and logs."""
        ...

    async def find(self, limit: int) -> Sequence[Any]:
        """Return up to `limit` pieces of work, in the form that `do` accepts."""

    async def do(self, work: Any) -> bool:
        """Do one piece of work; False when it was not needed or another node did it.

        Raises Unavailable when it cannot be done now; it is found again later.
        """


@dataclass(frozen=True, slots=True)
class JobRunnerConfig:
    """Settings of the job runner; times in seconds."""

    quiet: float = 1.0
    """Time without a running turn before work begins."""
    patience: float = 15.0
    """Longest wait for such a time; then work begins anyway."""
    look: float = 60.0
    """Interval of the search for work without an event."""
    at_once: int = 32
    """Pieces of work per job and round."""
    tidy: float = 60.0
    """Least interval between two calls of `tidying`."""


class JobRunner:
    """Runs jobs one after the other in the given order, so that on a small machine they leave CPU time to the turns.

    `busy` returns the number of running turns. `done` and `failed` count pieces of work by job; `woken` counts the
    calls of `wake`.
    """

    def __init__(
        self,
        jobs: Sequence[Job],
        busy: Callable[[], int],
        clock: Clock,
        rules: JobRunnerConfig | None = None,
        tidying: Callable[[], Awaitable[object]] = release_freed_memory,
    ) -> None:
        self.done: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self._jobs = tuple(jobs)
        self._busy = busy
        self._clock = clock
        self._rules = rules or JobRunnerConfig()
        self.woken = 0
        self._tidying = tidying
        self._tidied_at = -math.inf
        self._told = asyncio.Event()
        self._working = asyncio.Lock()
        self._tasks = Tasks("jobs")

    def open(self) -> None:
        """Start running jobs, beginning with work left by an earlier process."""
        self._told.set()
        self._tasks.start(self._go_on())
        self._tasks.start(self._look())

    async def close(self) -> None:
        """Stop running jobs; the remaining work is found at the next start."""
        await self._tasks.close()

    async def hear(self, event: Event) -> None:
        """Note from an event that there may be work."""
        if isinstance(event, MessageAdded | MessageChanged | TurnEnded):
            self._told.set()

    def wake(self) -> None:
        """Signal that there may be work without an event."""
        self.woken += 1
        self._told.set()

    async def settle(self) -> int:
        """Do all work now and return the number of pieces."""
        total = 0
        while done := await self._round():
            total += done
        return total

    async def _go_on(self) -> None:
        while True:
            await self._told.wait()
            await self._quiet()
            self._told.clear()
            while await self._round():
                await self._tidy()
                await self._quiet()

    async def _tidy(self) -> None:
        """Return freed memory at most every `tidy` seconds: jobs read far more than they retain."""
        now = self._clock.monotonic()
        if now - self._tidied_at >= self._rules.tidy:
            self._tidied_at = now
            await self._tidying()

    async def _look(self) -> None:
        while True:
            await self._clock.sleep(self._rules.look)
            self._told.set()

    async def _quiet(self) -> None:
        waited = 0.0
        await self._clock.sleep(self._rules.quiet)
        while self._busy() and waited < self._rules.patience:
            await self._clock.sleep(self._rules.quiet)
            waited += self._rules.quiet

    async def _round(self) -> int:
        async with self._working:
            return sum([await self._some(job) for job in self._jobs])

    async def _some(self, job: Job) -> int:
        try:
            works = await job.find(self._rules.at_once)
        except EverkinError as error:
            self._fell(job, error)
            return 0
        return sum([await self._one(job, work) for work in works])

    async def _one(self, job: Job, work: Any) -> bool:
        try:
            done = await job.do(work)
        except Preempted:
            return False
        except NotFound:
            return False  # it was deleted meanwhile
        except EverkinError as error:
            self._fell(job, error)
            return False
        except Exception:
            self.failed[job.name] += 1
            log.exception("the job %s failed on a piece of work", job.name)
            return False
        self.done[job.name] += done
        return done

    def _fell(self, job: Job, error: EverkinError) -> None:
        self.failed[job.name] += 1
        log.warning("the job %s could not be done (%s); it is tried again later", job.name, error)
