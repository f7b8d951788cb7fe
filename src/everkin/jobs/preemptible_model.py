"""Preemptible model: a language model for jobs that yields to turns, since one call may occupy a small machine."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from everkin.domain.chat_model import ChatModel
from everkin.domain.errors import Unavailable
from everkin.domain.events import Event, TurnStarted
from everkin.domain.prompt import Chunk, Prompt

_LATER = "Somebody is being answered; the job goes on later."


class Preempted(Unavailable):
    """A turn takes precedence. Not counted as a failure: the work is found again later."""


class PreemptibleModel:
    """A ChatModel that raises Preempted while `busy` reports running turns, and during a stream when a turn starts.

    `gave_way` counts the interrupted streams.
    """

    def __init__(self, model: ChatModel, busy: Callable[[], int]) -> None:
        self.gave_way = 0
        self._model = model
        self._busy = busy
        self._open: set[asyncio.Timeout] = set()

    @property
    def name(self) -> str:
        """The model's name."""
        return self._model.name

    async def hear(self, event: Event) -> None:
        """Interrupt the open streams when a turn starts."""
        if isinstance(event, TurnStarted):
            for scope in self._open:
                scope.reschedule(asyncio.get_running_loop().time())

    @asynccontextmanager
    async def stream(self, prompt: Prompt) -> AsyncIterator[AsyncIterator[Chunk]]:
        """Open the model's stream. Raises Preempted and the errors of the model."""
        if self._busy():
            raise Preempted(_LATER)
        try:
            async with asyncio.timeout(None) as scope:
                self._open.add(scope)
                try:
                    async with self._model.stream(prompt) as chunks:
                        yield chunks
                finally:
                    self._open.discard(scope)
        except TimeoutError:
            self.gave_way += 1
            raise Preempted(_LATER) from None
