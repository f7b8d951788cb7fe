"""A model that is unavailable and raises the reason when its stream is entered."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from everkin.domain.errors import ModelError
from everkin.domain.prompt import Chunk, Prompt


class AbsentModel:
    """Raise the error returned by `why` from every stream."""

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
