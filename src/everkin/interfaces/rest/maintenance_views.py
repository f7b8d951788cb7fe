"""How far an errand of the house is."""

from everkin.interfaces.views import View
from everkin.jobs.long_task import Progress


class LongTaskView(View):
    """`endedAt` null: it runs. `total` is an estimate until then. `problem`: the sentence it ended with when it could not be
    finished, else empty. `counts`: what it came to, by name."""

    dry_run: bool
    purge: bool
    step: str
    done: int
    total: int
    counts: dict[str, int]
    problem: str
    started_at: int
    ended_at: int | None


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
