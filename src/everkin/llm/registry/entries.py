"""Values the registry reports: the choices, the current model and its plan, the progress of a download, health."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One model that may be chosen."""

    name: str
    """The name `use` takes: `local`, `local:qwen2.5-1.5b`, `ollama:llama3.2`, `openai`, `scripted`."""
    title: str
    """Name shown to users."""
    kind: str
    """One of "local", "server" (found on loopback), "preset" or "scripted"."""
    state: str
    """One of "ready", "pullable", "needs_key" or "missing"."""
    note: str = ""
    """A sentence for the user: a description, or the reason it is not ready."""
    size_bytes: int = 0
    """Size of the model's file; 0 if unknown."""


Reason = Literal["setting", "chosen", "default"]
"""Why a model is the current one: EVERKIN_MODEL, MODEL_* or --model name it; a user chose it; or neither."""


@dataclass(frozen=True, slots=True)
class ModelPlan:
    """Which model answers in which case, by name. Making it neither calls nor loads a model."""

    current: ModelEntry
    """Answers everything the others do not."""
    reason: Reason = "default"
    """Why `current` is the current model."""
    long: str = ""
    """Answers long messages and long conversations; "": the current one does."""
    uncensored: str = ""
    """Answers sexual messages where allowed; "": the current one does."""
    fallbacks: tuple[str, ...] = ()
    """Replace a model that cannot answer, in this order; only those that are ready."""

    def answering(self, condition: str) -> str:
        """Return the name of the model that answers a usual message while the current one has this condition; "" if
        no model can."""
        if condition != "down":
            return self.current.name
        return next((name for name in self.fallbacks if name != self.current.name), "")


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """State of the current model."""

    current: ModelEntry
    """The current model."""
    condition: str
    """One of "ready", "starting" or "down"."""
    plan: ModelPlan
    """Which model answers in which case."""
    note: str = ""
    """A sentence on the condition; "" when there is no problem."""
    better: ModelEntry | None = None
    """A model worth suggesting to the user instead; None: no suggestion."""


@dataclass(frozen=True, slots=True)
class PullProgress:
    """Progress of a download."""

    done_bytes: int
    """Bytes on disk so far."""
    total_bytes: int
    """Bytes of the whole file."""
    note: str = ""
    """A sentence on the current step; may be ""."""


@dataclass(frozen=True, slots=True)
class RegistryHealth:
    """The registry's part of the health report."""

    condition: str
    """One of "ok", "degraded" or "down"."""
    note: str = ""
    """The current model's title, with its problems if any."""
    figures: dict[str, float] = field(default_factory=dict)
    """Counters by name."""
