"""What the gateway's policies share: a stream whose first chunk is already known.

A policy that acts before the first token (retry, fail over, change the key) has to hear that token to know that it may stop
worrying. `opened` takes it, and the stream handed on gives it back first; what follows passes through at no cost.
"""

import sys
from collections.abc import AsyncIterator, Awaitable
from contextlib import AbstractAsyncContextManager
from types import TracebackType

from everkin.domain.chat_model import ChatModel
from everkin.domain.errors import ModelSilent
from everkin.domain.prompt import Chunk, Prompt

Opening = AbstractAsyncContextManager[AsyncIterator[Chunk]]


class NothingSaid(ModelSilent):
    """The answer ended well, without a word and without a reason: nothing was generated, so it may be asked for again."""


class Begun:
    """An async iterator. Its first chunk waits in here, the rest comes straight from the stream beneath."""

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
    """The half every policy's opening has in common: whatever was entered beneath is left when the block is.

    `_opening` is set by `__aenter__`, which each policy writes for itself.
    """

    __slots__ = ("_opening",)
    _opening: Opening

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return await self._opening.__aexit__(kind, error, trace)


async def opened(model: ChatModel, prompt: Prompt) -> tuple[Opening, Begun]:
    """Enters a stream and hears its first chunk. Whoever calls leaves the opening; when it fails, nothing is left open."""
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
