"""The time-outs of one reply, as a wrapper: to the first token, between two tokens, and in all."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

from everkin.domain.errors import ModelTimeout
from everkin.domain.prompt import Chunk, Prompt
from everkin.model.port import ChatModel

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Limits:
    """In seconds. `token`: longest wait for the first token and between two; what the reader itself takes is not counted.
    `total`: from entering the stream to its end."""

    token: float
    total: float


class TimedModel:
    """ModelTimeout when a limit is passed, with the call to the provider cancelled and its connection freed."""

    def __init__(self, model: ChatModel, limits: Limits) -> None:
        self._model = model
        self._limits = limits

    @property
    def name(self) -> str:
        return self._model.name

    def stream(self, prompt: Prompt) -> AbstractAsyncContextManager[AsyncIterator[Chunk]]:
        return self._streaming(prompt)

    @asynccontextmanager
    async def _streaming(self, prompt: Prompt) -> AsyncIterator[AsyncIterator[Chunk]]:
        watch = _Watch(self._limits, self._model.name)
        inner = self._model.stream(prompt)
        async with AsyncExitStack() as stack:
            stack.callback(watch.stop)
            upstream = await watch.over(inner.__aenter__())
            stack.push_async_exit(inner)
            yield await stack.enter_async_context(aclosing(_watched(upstream, watch)))


async def _watched(upstream: AsyncIterator[Chunk], watch: "_Watch") -> AsyncGenerator[Chunk, None]:
    while True:
        watch.check()
        try:
            chunk = await watch.over(upstream.__anext__())
        except StopAsyncIteration:
            return
        yield chunk


class _Watch:
    """One timer a stream, moved on lazily: a token only notes that somebody waits again, which costs next to nothing.

    Past a limit it cancels the waiting task, and `over` turns that cancellation, and no other, into ModelTimeout.
    """

    def __init__(self, limits: Limits, name: str) -> None:
        self._limits = limits
        self._name = name
        self._loop = asyncio.get_running_loop()
        self._ends_at = self._loop.time() + limits.total
        self._waits_since = 0.0
        self._waiter: asyncio.Task[object] | None = None
        self._expired = False
        self._timer = self._loop.call_later(min(limits.token, limits.total), self._look)

    async def over(self, step: Awaitable[T]) -> T:
        task = asyncio.current_task()
        assert task is not None
        cancelled_before = task.cancelling()
        self._waits_since = self._loop.time()
        self._waiter = task
        try:
            return await step
        except asyncio.CancelledError:
            if self._expired and task.uncancel() <= cancelled_before:
                raise ModelTimeout(self._sentence()) from None
            raise
        finally:
            self._waiter = None

    def stop(self) -> None:
        self._timer.cancel()

    def check(self) -> None:
        """For a limit that was passed while nobody waited for the model."""
        if self._expired:
            raise ModelTimeout(self._sentence())

    def _look(self) -> None:
        now = self._loop.time()
        waits_since = now if self._waiter is None else self._waits_since
        due = min(self._ends_at, waits_since + self._limits.token)
        if due > now:
            self._timer = self._loop.call_at(due, self._look)
            return
        self._expired = True
        if self._waiter is not None:
            self._waiter.cancel()

    def _sentence(self) -> str:
        return f"{self._name} took too long to answer. Your message is safe; send it again."
