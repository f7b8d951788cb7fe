"""A ChatModel that plays its script: each call takes the next act. What it holds open can be asked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from everkin.domain.chat_model import ChatModel
from everkin.domain.errors import ModelError
from everkin.domain.prompt import Chunk, ChunkEnd, ChunkText, Prompt, PromptMessage, Purpose

PATIENCE = 10

Act = ModelError | str | list[str | ModelError] | asyncio.Event
"""An error: raised at entering. A text: one chunk. A list: chunks, or an error in between. An event: waited for, then `said`."""


class Actor:
    """The last act is repeated. `open` counts streams entered and not left."""

    def __init__(self, *acts: Act, name: str = "Actor") -> None:
        self.name = name
        self.prompts: list[Prompt] = []
        self.open = 0
        self.most_open = 0
        self._acts = list(acts) or ["well"]

    @property
    def calls(self) -> int:
        return len(self.prompts)

    @asynccontextmanager
    async def stream(self, prompt: Prompt) -> AsyncIterator[AsyncIterator[Chunk]]:
        act = self._acts[min(self.calls, len(self._acts) - 1)]
        self.prompts.append(prompt)
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            if isinstance(act, ModelError):
                raise act
            yield self._speak(act)
        finally:
            self.open -= 1

    async def _speak(self, act: Act) -> AsyncIterator[Chunk]:
        if isinstance(act, asyncio.Event):
            await act.wait()
            act = "said"
        for part in act if isinstance(act, list) else [act]:
            if isinstance(part, ModelError):
                raise part
            assert isinstance(part, str)
            yield ChunkText(part)
            await asyncio.sleep(0)
        yield ChunkEnd("stop", self.name, 7, 3)


def prompt(text: str = "Good evening.", **purpose: object) -> Prompt:
    return Prompt((PromptMessage("user", text),), purpose=Purpose(**purpose))  # type: ignore[arg-type]


async def said(model: ChatModel, asked: Prompt | None = None) -> str:
    """The whole answer's text."""
    return "".join(chunk.text for chunk in await chunks_of(model, asked) if isinstance(chunk, ChunkText))


async def chunks_of(model: ChatModel, asked: Prompt | None = None) -> list[Chunk]:
    async with asyncio.timeout(PATIENCE), model.stream(asked if asked is not None else prompt()) as chunks:
        return [chunk async for chunk in chunks]
