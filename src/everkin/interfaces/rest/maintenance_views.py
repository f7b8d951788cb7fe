"""The view of a long task's progress."""

from everkin.interfaces.views import View
from everkin.jobs.long_task import Progress


class LongTaskView(View):
    """A long task. `endedAt` null: it is running. `total` is an estimate until it has ended. `problem`: the error
    sentence if it could not be finished, else empty. `counts`: its results, by name."""

    dry_run: bool
    """It only counts."""
    purge: bool
    """It also deletes permanently."""
    step: str
    """The current step."""
    done: int
    """Number of things done in this step."""
    total: int
    """Number of things to do; an estimate until it has ended."""
    counts: dict[str, int]
    """Results by name."""
    problem: str
    """The error sentence; empty: none."""
    started_at: int
    """Unix milliseconds."""
    ended_at: int | None
    """Unix milliseconds; null: it is running."""


def long_task_view(progress: Progress) -> LongTaskView:
    return LongTaskView(
        dry_run=progress.asked.get("dry_run", False),
        purge=progress.asked.get("purge", False),
        step=progress.step,
        done=progress.done,
        total=progress.total,
        counts=dict(progress.counts),
        problem=progress.problem,
        started_at=progress.started_at,
        ended_at=progress.ended_at,
    )
