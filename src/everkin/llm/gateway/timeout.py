"""Time-outs of one reply: to the first token, between two tokens, and in total."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass
from types import TracebackType

from everkin.domain.chat_model import ChatModel
from everkin.domain.errors import ModelTimeout
from everkin.domain.prompt import Chunk, Prompt
from everkin.llm.gateway.streams import Entering, Opening


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Time-outs of one try, in seconds."""

    token: float
    """Longest wait for the first token and between two; time the reader takes is not counted."""
    total: float
    """From entering the stream to its end."""


class TimeoutModel:
    """Raise ModelTimeout when a limit is passed; the call to the provider is cancelled and its connection freed."""

    def __init__(self, model: ChatModel, limits: Timeouts) -> None:
        self._model = model
        self._limits = limits

    @property
    def name(self) -> str:
        return self._model.name

    def stream(self, prompt: Prompt) -> Opening:
        return _Timed(self._model.stream(prompt), self._limits, self._model.name)


class _Timed(Entering):
    """A stream with one timer, moved lazily: a token only records the time of waiting, at almost no cost.

    Past a limit the timer cancels the waiting task; only that cancellation is turned into ModelTimeout.
    """

    __slots__ = (
        "_cancelled_before",
        "_ends_at",
        "_expired",
        "_limits",
        "_loop",
        "_name",
        "_next",
        "_timer",
        "_waiter",
        "_waits_since",
    )

    def __init__(self, opening: Opening, limits: Timeouts, name: str) -> None:
        self._opening = opening
        self._limits = limits
        self._name = name
        self._waiter: asyncio.Task[object] | None = None
        self._expired = False
        self._cancelled_before = 0

    async def __aenter__(self) -> AsyncIterator[Chunk]:
        self._loop = asyncio.get_running_loop()
        now = self._loop.time()
        self._ends_at = now + self._limits.total
        self._timer = self._loop.call_at(now + min(self._limits.token, self._limits.total), self._look)
        try:
            self._next = (await self._entered(self._opening.__aenter__())).__anext__
        except BaseException:
            self._timer.cancel()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        try:
            return await self._opening.__aexit__(kind, error, trace)
        finally:
            self._timer.cancel()

    def __aiter__(self) -> "_Timed":
        return self

    async def __anext__(self) -> Chunk:
        if self._expired:
            raise self._too_long()
        self._waits_since = self._loop.time()
        self._waiter = asyncio.current_task()
        try:
            return await self._next()
        except asyncio.CancelledError:
            self._judge()
            raise
        finally:
            self._waiter = None

    async def _entered(self, step: Awaitable[AsyncIterator[Chunk]]) -> AsyncIterator[Chunk]:
        self._waits_since = self._loop.time()
        self._waiter = asyncio.current_task()
        try:
            return await step
        except asyncio.CancelledError:
            self._judge()
            raise
        finally:
            self._waiter = None

    def _judge(self) -> None:
        """Raise ModelTimeout if the cancellation was the timer's and no other is pending."""
        if self._expired and self._waiter is not None and self._waiter.uncancel() <= self._cancelled_before:
            raise self._too_long() from None

    def _look(self) -> None:
        now = self._loop.time()
        waits_since = now if self._waiter is None else self._waits_since
        due = min(self._ends_at, waits_since + self._limits.token)
        if due > now:
            self._timer = self._loop.call_at(due, self._look)
            return
        self._expired = True
        if self._waiter is not None:
            self._cancelled_before = self._waiter.cancelling()
            self._waiter.cancel()

    def _too_long(self) -> ModelTimeout:
        """Return the error for a passed limit, even if no task waited for the model at the time."""
        return ModelTimeout(f"{self._name} took too long to answer. Your message is safe; send it again.")
