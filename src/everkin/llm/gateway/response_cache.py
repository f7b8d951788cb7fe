"""The response cache: repeats a recent reply to the same message. cache_policy.py decides for which messages it may."""

import re
from collections.abc import AsyncIterator
from types import TracebackType

from everkin.domain.chat_model import ChatModel
from everkin.domain.prompt import Chunk, ChunkEnd, ChunkText, Prompt
from everkin.llm.gateway.cached_replies import CachedReplies, CachedReply, ReplyKey
from everkin.llm.gateway.streams import Opening

_PIECE = re.compile(r"(?:\A\s*+)?\S++(?:\s++\S++){0,3}\s*+")
"""A few words: a replay is streamed in pieces, so that clients treat it like any other reply."""


class CachedModel:
    """Store only complete answers that ended by themselves (reason `stop`). A replayed answer ends with 0 tokens,
    since it cost no call. Calls without a user or a reuse key pass through unchanged."""

    def __init__(self, model: ChatModel, replies: CachedReplies) -> None:
        self.model = model
        self.replies = replies

    @property
    def name(self) -> str:
        return self.model.name

    def stream(self, prompt: Prompt) -> Opening:
        purpose = prompt.purpose
        if not (purpose.reuse and purpose.user_id):
            return self.model.stream(prompt)
        key = (purpose.user_id, purpose.conversation_id, purpose.reuse)
        kept = self.replies.get(key)
        return _Recording(self, prompt, key) if kept is None else _Replay(kept)


class _Replay:
    __slots__ = ("_chunks",)

    def __init__(self, reply: CachedReply) -> None:
        texts: list[Chunk] = [ChunkText(piece) for piece in _PIECE.findall(reply.text)]
        self._chunks = iter([*texts, ChunkEnd("stop", reply.model, 0, 0)])

    async def __aenter__(self) -> AsyncIterator[Chunk]:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    def __aiter__(self) -> "_Replay":
        return self

    async def __anext__(self) -> Chunk:
        for chunk in self._chunks:
            return chunk
        raise StopAsyncIteration


class _Recording:
    __slots__ = ("_key", "_next", "_opening", "_policy", "_texts")

    def __init__(self, policy: CachedModel, prompt: Prompt, key: ReplyKey) -> None:
        self._policy = policy
        self._key = key
        self._opening = policy.model.stream(prompt)
        self._texts: list[str] = []

    async def __aenter__(self) -> AsyncIterator[Chunk]:
        self._next = (await self._opening.__aenter__()).__anext__
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return await self._opening.__aexit__(kind, error, trace)

    def __aiter__(self) -> "_Recording":
        return self

    async def __anext__(self) -> Chunk:
        chunk = await self._next()
        if isinstance(chunk, ChunkText):
            self._texts.append(chunk.text)
        elif chunk.reason == "stop" and (text := "".join(self._texts)).strip():
            self._policy.replies.put(self._key, text, chunk.model)
        return chunk
