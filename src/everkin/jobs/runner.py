"""Afterwards: what is done once a reply has been given, while nobody waits for it.

A job finds its work in the record by a watermark, so nothing is lost when a process dies in the middle, and doing it twice
changes nothing. Events only say that there may be work; a look now and then finds what nobody told of.
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
    @property
    def name(self) -> str: ...

    async def find(self, limit: int) -> Sequence[Any]:
        """What there is to do, in whatever form `do` takes it."""

    async def do(self, work: Any) -> bool:
        """A piece of the work; False when there was nothing to do after all, or another node did it. Unavailable when it
        cannot be done now: it is found again later."""


@dataclass(frozen=True, slots=True)
class JobRunnerConfig:
    """Seconds."""

    quiet: float = 1.0
    """Nobody is being answered for so long before work begins."""
    patience: float = 15.0
    """On a busy house it begins anyway after so long."""
    look: float = 60.0
    """How often work is looked for that no event told of."""
    at_once: int = 32
    """Conversations taken in one go."""
    tidy: float = 60.0
    """At most so often `tidying` is called once work is done."""


class JobRunner:
    """`busy`: how many answers are being spoken. Jobs run one after the other, in the order given: on a small machine they
    must not take the cores from a conversation."""

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
        """Begins with what an earlier run of the house left behind."""
        self._told.set()
        self._tasks.start(self._go_on())
        self._tasks.start(self._look())

    async def close(self) -> None:
        """What is left over is found at the next start."""
        await self._tasks.close()

    async def hear(self, event: Event) -> None:
        if isinstance(event, MessageAdded | MessageChanged | TurnEnded):
            self._told.set()

    def wake(self) -> None:
        """There may be work, of a kind that no event told of."""
        self.woken += 1
        self._told.set()

    async def settle(self) -> int:
        """Does all there is to do, now; how many pieces of work that was."""
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
        """Jobs read far more than they keep."""
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
