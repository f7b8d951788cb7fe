"""A model that cannot speak, and says why to whoever enters it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from everkin.domain.errors import ModelError
from everkin.domain.prompt import Chunk, Prompt


class AbsentModel:
    def __init__(self, name: str, why: Callable[[], ModelError]) -> None:
        self._name = name
        self._why = why

    @property
    def name(self) -> str:
        return self._name

    def stream(self, prompt: Prompt) -> AbstractAsyncContextManager[AsyncIterator[Chunk]]:
        return self._refusing()

    @asynccontextmanager
    async def _refusing(self) -> AsyncIterator[AsyncIterator[Chunk]]:
        raise self._why()
        yield
