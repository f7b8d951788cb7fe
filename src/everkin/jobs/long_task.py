"""Long tasks: work started by a request that continues after the request; one run of each kind at a time."""

import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from everkin.domain.errors import Conflict, EverkinError
from everkin.domain.ids import Millis
from everkin.kit.clock import Clock
from everkin.kit.tasks import Tasks

log = logging.getLogger("everkin.jobs")


@dataclass(slots=True)
class Progress:
    """Progress of one run; updated while it runs."""

    started_at: Millis
    """Unix milliseconds."""
    asked: Mapping[str, bool] = field(default_factory=dict)
    """The options of the request."""
    step: str = ""
    """Name of the current step; empty at the end."""
    done: int = 0
    """Items processed so far."""
    total: int = 0
    """Items in all; an estimate until the end."""
    counts: Counter[str] = field(default_factory=Counter)
    """Results by name."""
    problem: str = ""
    """Why it could not be finished, as a sentence; empty: no problem."""
    ended_at: Millis | None = None
    """Unix milliseconds; None while it runs."""


Work = Callable[[Progress], Awaitable[None]]
"""The work of one run; it updates the progress."""


class LongTask:
    """Runs one kind of work in the background. `last` is the progress of the newest run, None before the first."""

    def __init__(self, name: str, clock: Clock) -> None:
        self.last: Progress | None = None
        self._name = name
        self._clock = clock
        self._tasks = Tasks(name)

    def start(self, work: Work, asked: Mapping[str, bool] | None = None) -> Progress:
        """Start a run and return its progress. Raises Conflict while one is under way."""
        if self.last is not None and self.last.ended_at is None:
            raise Conflict("This is being done already. Ask how far it is.")
        self.last = Progress(self._clock.now(), asked or {})
        self._tasks.start(self._run(work, self.last))
        return self.last

    async def close(self) -> None:
        """Cancel a run under way; the remaining work is found by the next run."""
        await self._tasks.close()

    async def _run(self, work: Work, progress: Progress) -> None:
        try:
            await work(progress)
        except EverkinError as error:
            progress.problem = error.sentence
            log.warning("%s ended early (%s)", self._name, error)
        except Exception:
            progress.problem = "It failed unexpectedly; the log says why. What was done stays done."
            log.exception("%s failed", self._name)
        finally:
            progress.step, progress.ended_at = "", self._clock.now()
