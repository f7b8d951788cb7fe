"""Errands: long work somebody asked for, one at a time of its kind, which goes on when who asked has gone."""

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
    started_at: Millis
    asked: Mapping[str, bool] = field(default_factory=dict)
    step: str = ""
    """What is being done now."""
    done: int = 0
    """Of `total` pieces, which is an estimate until the end."""
    total: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    """What it has come to."""
    problem: str = ""
    """The sentence it ended with when it could not be finished."""
    ended_at: Millis | None = None
    """None: it runs."""


Work = Callable[[Progress], Awaitable[None]]


class LongTask:
    def __init__(self, name: str, clock: Clock) -> None:
        self.last: Progress | None = None
        self._name = name
        self._clock = clock
        self._tasks = Tasks(name)

    def start(self, work: Work, asked: Mapping[str, bool] | None = None) -> Progress:
        """Conflict while it runs."""
        if self.last is not None and self.last.ended_at is None:
            raise Conflict("This is being done already. Ask how far it is.")
        self.last = Progress(self._clock.now(), asked or {})
        self._tasks.start(self._run(work, self.last))
        return self.last

    async def close(self) -> None:
        """What is left undone is found the next time."""
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
