"""What REST tells about language models."""

from typing import Literal

from everkin.interfaces.views import View
from everkin.llm.registry.entries import ModelEntry, ModelStatus, PullProgress


class ModelView(View):
    """`name` is what `PUT models/current` takes. `sizeBytes`: of the download, 0 where there is none."""

    name: str
    title: str
    kind: str
    state: str
    note: str
    size_bytes: int


class ModelsView(View):
    """Who speaks now, how it is (`ready`, `starting`, `down`), a better choice worth offering, and all choices. `reason`: a
    setting names it, it was chosen, or nobody chose. `answering`: who answers a usual message just now: the current one, or a
    fallback while it is down; empty: nobody. `long`, `uncensored`: who answers such messages instead; empty: nobody else.
    `fallbacks`: who stands in, in order."""

    current: ModelView
    condition: str
    note: str
    reason: Literal["setting", "chosen", "default"]
    answering: str
    long: str
    uncensored: str
    fallbacks: list[str]
    better: ModelView | None
    entries: list[ModelView]


class PullView(View):
    """`totalBytes` 0: not known yet."""

    done_bytes: int
    total_bytes: int
    note: str


def model_view(entry: ModelEntry) -> ModelView:
    return ModelView(
        name=entry.name,
        title=entry.title,
        kind=entry.kind,
        state=entry.state,
        note=entry.note,
        size_bytes=entry.size_bytes,
    )


def models_view(status: ModelStatus, entries: list[ModelEntry]) -> ModelsView:
    return ModelsView(
        current=model_view(status.current),
        condition=status.condition,
        note=status.note,
        reason=status.plan.reason,
        answering=status.plan.answering(status.condition),
        long=status.plan.long,
        uncensored=status.plan.uncensored,
        fallbacks=list(status.plan.fallbacks),
        better=model_view(status.better) if status.better else None,
        entries=[model_view(entry) for entry in entries],
    )


def pull_view(progress: PullProgress) -> PullView:
    return PullView(done_bytes=progress.done_bytes, total_bytes=progress.total_bytes, note=progress.note)
