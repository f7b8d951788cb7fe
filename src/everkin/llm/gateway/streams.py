"""Shared parts of the gateway's policies: a stream of which the first chunk has already arrived.

A policy that acts before the first token (retry, failover, another key) has to receive that token before it can stop
acting. `opened` takes it, and the returned stream yields it first; later chunks pass through at no cost.
"""

import sys
from collections.abc import AsyncIterator, Awaitable
from contextlib import AbstractAsyncContextManager
from types import TracebackType

from everkin.domain.chat_model import ChatModel
from everkin.domain.errors import ModelSilent
from everkin.domain.prompt import Chunk, Prompt

Opening = AbstractAsyncContextManager[AsyncIterator[Chunk]]
"""A stream of chunks that begins when it is entered, as `ChatModel.stream` returns it."""


class NothingSaid(ModelSilent):
    """The stream ended normally, but without text and without a reason: the request may be repeated."""


class Begun:
    """An async iterator that yields the first chunk, kept here, and then the rest directly from the inner stream."""

    __slots__ = ("_first", "_next")

    def __init__(self, first: Chunk, rest: AsyncIterator[Chunk]) -> None:
        self._first: Chunk | None = first
        self._next = rest.__anext__

    def __aiter__(self) -> "Begun":
        return self

    def __anext__(self) -> Awaitable[Chunk]:
        return self._next() if self._first is None else self._give_first()

    async def _give_first(self) -> Chunk:
        first, self._first = self._first, None
        assert first is not None
        return first


class Entering:
    """Base of the policies' streams: leaves the inner stream when the block is left.

    `_opening` is set by `__aenter__`, which each policy defines itself.
    """

    __slots__ = ("_opening",)
    _opening: Opening

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return await self._opening.__aexit__(kind, error, trace)


async def opened(model: ChatModel, prompt: Prompt) -> tuple[Opening, Begun]:
    """Enter a stream and receive its first chunk. The caller has to leave the returned opening; on failure it is
    already left. Raises ModelSilent if the stream has no chunk."""
    opening = model.stream(prompt)
    stream = await opening.__aenter__()
    try:
        return opening, stream if isinstance(stream, Begun) else Begun(await anext(stream), stream)
    except StopAsyncIteration:
        await opening.__aexit__(None, None, None)
        raise ModelSilent() from None
    except BaseException:
        await opening.__aexit__(*sys.exc_info())
        raise
