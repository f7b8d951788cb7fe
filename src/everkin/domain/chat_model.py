"""What the rest of Everkin knows of a language model."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from everkin.domain.prompt import Chunk, Prompt


class ChatModel(Protocol):
    @property
    def name(self) -> str:
        """What a person calls it, e.g. `SmolLM2 135M (local)`."""

    def stream(self, prompt: Prompt) -> AbstractAsyncContextManager[AsyncIterator[Chunk]]:
        """Enter, then iterate; leaving the block cancels the call and frees its connection.

        Yields ChunkText, then exactly one ChunkEnd, unless it raises a ModelError (also in the middle).
        """


class TokenCounter(Protocol):
    async def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, by the model's own tokenizer where there is one. Never raises: estimates instead."""
