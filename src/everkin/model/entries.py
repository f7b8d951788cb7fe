"""What the shelf tells: the choices, who speaks now, how a pull gets on."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One choice. `name` is what `use` takes: `local`, `local:qwen2.5-1.5b`, `ollama:llama3.2`, `openai`, `scripted`.
    `kind`: local, server (found on loopback), preset, scripted. `state`: ready, pullable, needs_key, missing."""

    name: str
    title: str
    kind: str
    state: str
    note: str = ""
    size_bytes: int = 0


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """Who speaks now. `condition`: ready, starting, down. `better`: a choice worth offering to the person."""

    current: ModelEntry
    condition: str
    note: str = ""
    better: ModelEntry | None = None


@dataclass(frozen=True, slots=True)
class PullProgress:
    done_bytes: int
    total_bytes: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class ShelfHealth:
    """`condition`: ok, degraded, down."""

    condition: str
    note: str = ""
    figures: dict[str, float] = field(default_factory=dict)
