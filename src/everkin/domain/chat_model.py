"""Protocols of a language model and of its token counter."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from everkin.domain.prompt import Chunk, Prompt


class ChatModel(Protocol):
    """A language model that generates a reply as a stream."""

    @property
    def name(self) -> str:
        """The display name, e.g. `SmolLM2 135M (local)`."""

    def stream(self, prompt: Prompt) -> AbstractAsyncContextManager[AsyncIterator[Chunk]]:
        """Enter, then iterate; leaving the block cancels the request and closes its connection.

        Yields ChunkText, then exactly one ChunkEnd. Raises ModelError, also in the middle of the stream.
        """


class TokenCounter(Protocol):
    """Counts tokens."""

    async def count(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text, by the model's own tokenizer where there is one. Never raises:
        estimates instead."""
