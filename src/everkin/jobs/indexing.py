"""Indexing: what was said becomes searchable, and comparable by meaning."""

from collections.abc import Sequence

from everkin.domain.errors import EverkinError
from everkin.domain.memory import Embedded, MemoryKind, Pair, Work
from everkin.domain.message import Message, MessageType, SenderType
from everkin.memory.ports import Embedder, MemoryRecord, Sources

PIECE = 64
"""Messages of one step."""


class Indexing:
    """`embedder` None: by words alone."""

    name = "indexing"

    def __init__(self, record: MemoryRecord, sources: Sources, embedder: Embedder | None) -> None:
        self.without_vectors = 0
        self._record = record
        self._sources = sources
        self._embedder = embedder

    async def find(self, limit: int) -> Sequence[Work]:
        return await self._record.to_index(limit)

    async def do(self, work: Work) -> bool:
        messages = await self._record.messages_between(work.conversation_id, work.seq, PIECE)
        to_seq = messages[-1].seq if len(messages) == PIECE else work.last_seq
        spoken = [message for message in messages if is_spoken(message)]
        vectors = await self._vectors([message.id for message in spoken], [message.content for message in spoken])
        return await self._record.indexed(work, to_seq, vectors)

    async def embed_rest(self, pair: Pair, kind: MemoryKind, texts: dict[str, str]) -> None:
        """Facts or summaries (id -> text) that have no vector yet."""
        if self._embedder is None or not texts:
            return
        there = {each.item_id for each in await self._sources.vectors(list(texts), self._embedder.name)}
        missing = [item for item in texts if item not in there]
        if missing:
            vectors = await self._vectors(missing, [texts[item] for item in missing])
            await self._record.keep_vectors(pair, kind, vectors)

    async def _vectors(self, ids: Sequence[str], texts: Sequence[str]) -> list[Embedded]:
        """None where the embedder is away: found by words at once, by meaning after the next reindexing."""
        if self._embedder is None or not ids:
            return []
        try:
            rows = await self._embedder.embed(texts)
        except EverkinError:
            self.without_vectors += len(ids)
            return []
        name = self._embedder.name
        return [Embedded(item, name, row.astype("<f2").tobytes()) for item, row in zip(ids, rows, strict=True)]


def is_spoken(message: Message) -> bool:
    return (
        message.deleted_at is None
        and message.type is not MessageType.SYSTEM
        and message.sender_type is not SenderType.SYSTEM
        and bool(message.content)
    )
