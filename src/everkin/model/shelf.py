"""The shelf: which language models there are, which one speaks. (Signatures first; bodies follow.)"""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from everkin.domain.character import Character
from everkin.model.port import ChatModel, TokenCounter


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


class Shelf:
    def model_for(self, character: Character) -> ChatModel:
        """Never raises: a model that cannot speak raises ModelMissing or ModelUnreachable when it is entered."""
        raise NotImplementedError

    def counter_for(self, character: Character) -> TokenCounter:
        raise NotImplementedError

    async def status(self) -> ModelStatus:
        raise NotImplementedError

    async def entries(self) -> list[ModelEntry]:
        raise NotImplementedError

    async def use(self, name: str) -> ModelStatus:
        """From the next turn on, and after a restart. Invalid for an unknown name, with the known ones."""
        raise NotImplementedError

    def pull(self, name: str) -> AsyncIterator[PullProgress]:
        raise NotImplementedError
