"""Views of language models."""

from typing import Literal

from everkin.interfaces.views import View
from everkin.llm.registry.entries import ModelEntry, ModelStatus, PullProgress


class ModelView(View):
    """`name` is the value for `PUT models/current`. `sizeBytes`: size of the download, 0 if there is none."""

    name: str
    """The value for `PUT models/current`."""
    title: str
    """A readable name."""
    kind: str
    """The kind of model, such as `local`."""
    state: str
    """`ready`, `pullable`, `needs_key` or `missing`."""
    note: str
    """A sentence about it."""
    size_bytes: int
    """Size of the download; 0: none."""


class ModelsView(View):
    """The current model, its condition (`ready`, `starting`, `down`), a better choice worth offering, and all choices.
    `reason`: a setting names it, it was chosen, or it is the default. `answering`: the model that answers a usual
    message now: the current one, or a fallback while it is down; empty: no model. `long`, `uncensored`: the models that
    answer such messages instead; empty: no other. `fallbacks`: the models that replace a failing one, in order."""

    current: ModelView
    """The current model."""
    condition: str
    """`ready`, `starting` or `down`."""
    note: str
    """A sentence about its condition."""
    reason: Literal["setting", "chosen", "default"]
    """Why it is the current one."""
    answering: str
    """The model that answers a usual message now; empty: none."""
    long: str
    """The model for long messages and conversations; empty: no other."""
    uncensored: str
    """The model for explicit messages; empty: no other."""
    fallbacks: list[str]
    """The models that replace a failing one, in order."""
    better: ModelView | None
    """A better model worth offering; null: none."""
    entries: list[ModelView]
    """All models to choose from."""


class PullView(View):
    """`totalBytes` 0: not known yet."""

    done_bytes: int
    """Bytes downloaded so far."""
    total_bytes: int
    """Size of the download; 0: not known yet."""
    note: str
    """A sentence about the current step."""


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
