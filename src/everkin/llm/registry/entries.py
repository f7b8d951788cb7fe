"""What the shelf tells: the choices, who speaks now, how a pull gets on."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One choice."""

    name: str
    """What `use` takes: `local`, `local:qwen2.5-1.5b`, `ollama:llama3.2`, `openai`, `scripted`."""
    title: str
    kind: str
    """Local, server (found on loopback), preset, scripted."""
    state: str
    """Ready, pullable, needs_key, missing."""
    note: str = ""
    size_bytes: int = 0


Reason = Literal["setting", "chosen", "default"]
"""Why a model is the current one: EVERKIN_MODEL, MODEL_* or --model name it; somebody chose it; nobody did."""


@dataclass(frozen=True, slots=True)
class ModelPlan:
    """Which model answers when, by name. It asks no model and loads none."""

    current: ModelEntry
    """Answers whatever the others do not."""
    reason: Reason = "default"
    """Why it is the current one."""
    long: str = ""
    """Answers long messages and long conversations; empty: the current one does."""
    uncensored: str = ""
    """Answers sexual messages where that is allowed; empty: the current one does."""
    fallbacks: tuple[str, ...] = ()
    """Stand in for one that cannot answer, in this order: those that can speak here."""

    def answering(self, condition: str) -> str:
        """Who answers a usual message, with the current model in this condition; empty: nobody."""
        if condition != "down":
            return self.current.name
        return next((name for name in self.fallbacks if name != self.current.name), "")


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """Who speaks now."""

    current: ModelEntry
    condition: str
    """Ready, starting, down."""
    plan: ModelPlan
    note: str = ""
    better: ModelEntry | None = None
    """A choice worth offering to the person."""


@dataclass(frozen=True, slots=True)
class PullProgress:
    done_bytes: int
    total_bytes: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class RegistryHealth:
    condition: str
    """Ok, degraded, down."""
    note: str = ""
    figures: dict[str, float] = field(default_factory=dict)
