"""Message indexing: makes messages searchable and gives messages, facts and summaries their embedding vectors."""

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Protocol

from everkin.domain.errors import EverkinError
from everkin.domain.ids import ConversationId, MessageId
from everkin.domain.memory import Embedded, MemoryKind, Unembedded, Work, pairs_of
from everkin.domain.message import Message, is_spoken
from everkin.domain.witnesses import witnesses
from everkin.jobs.conversation_reader import ConversationReader
from everkin.memory.index_sync import IndexSync
from everkin.memory.ports import Embedder, MemoryRecord

PIECE = 64
"""Messages or items processed in one step."""


class Unfinished(Protocol):
    """Finds items without vectors. Implemented by storage/sql/memories.py."""

    async def to_embed(self, embedder: str, limit: int, *, messages: bool = True) -> Sequence[Unembedded]:
        """Return items without a vector of this embedder, because it was unavailable or another one was used before.

        With `messages` False only facts and summaries are examined, which avoids a scan of all messages.
        """

    async def keep_vectors(self, work: Sequence[Unembedded], vectors: Sequence[Embedded]) -> None:
        """Store the vectors of `work`, items of one kind and pair. An item whose text changed meanwhile gets no
        vector."""


class IndexMessages:
    """The job that indexes new messages.

    With `embedder` None they are indexed by words only. `without_vectors` counts messages left to EmbedMissing while
    the embedder was unavailable.
    """

    name = "indexing"

    def __init__(
        self,
        record: MemoryRecord,
        embedder: Embedder | None,
        scene: ConversationReader,
        mirror: IndexSync | None = None,
    ) -> None:
        self.without_vectors = 0
        self._record = record
        self._embedder = embedder
        self._scene = scene
        self._mirror = mirror

    async def find(self, limit: int) -> Sequence[Work]:
        """Return conversations with messages to index."""
        return await self._record.to_index(limit)

    async def do(self, work: Work) -> bool:
        """Index the next messages of a conversation; False if another node did it."""
        messages = await self._record.messages_between(work.conversation_id, work.seq, PIECE)
        to_seq = min(messages[-1].seq, work.last_seq) if len(messages) == PIECE else work.last_seq
        vectors = await self._vectors([each for each in messages if is_spoken(each)])
        if not await self._record.indexed(work, to_seq, vectors):
            return False
        if self._mirror is not None:
            await self._put(self._mirror, work.conversation_id, messages, vectors)
        return True

    async def _put(
        self,
        mirror: IndexSync,
        conversation_id: ConversationId,
        messages: Sequence[Message],
        vectors: Sequence[Embedded],
    ) -> None:
        """Add to each pair's index the messages that its character witnessed."""
        conversation = await self._scene.conversation(conversation_id)
        there = {message.id: witnesses(conversation, message.seq) for message in messages}
        for pair in pairs_of(conversation):
            heard = [each for each in vectors if pair.character_id in there[MessageId(each.item_id)]]
            await mirror.put((pair,), heard)

    async def _vectors(self, messages: Sequence[Message]) -> list[Embedded]:
        if self._embedder is None or not messages:
            return []
        try:
            return await embedded(self._embedder, [(message.id, message.content) for message in messages])
        except EverkinError:
            self.without_vectors += len(messages)
            return []


WHOLE_EVERY = 50
"""Searches of facts and summaries between two searches that include all messages, unless one is needed earlier."""


class EmbedMissing:
    """The job that embeds facts, summaries, and messages left without a vector by an unavailable or another embedder.

    IndexMessages gives new messages their vectors, so a search through all messages is made only when one may lack a
    vector: at first, as long as any is found, when the count `left` (messages left without a vector) has changed, and
    every WHOLE_EVERY searches.
    """

    name = "embedding"

    def __init__(
        self,
        unfinished: Unfinished,
        embedder: Embedder,
        mirror: IndexSync | None = None,
        left: Callable[[], int] = lambda: 0,
    ) -> None:
        self._unfinished = unfinished
        self._embedder = embedder
        self._mirror = mirror
        self._left = left
        self._left_before = -1
        self._looks = 0

    async def find(self, limit: int) -> Sequence[Sequence[Unembedded]]:
        """Return batches of items of one pair and kind."""
        left = self._left()
        whole = left != self._left_before or self._looks >= WHOLE_EVERY
        items = await self._unfinished.to_embed(self._embedder.name, PIECE, messages=whole)
        self._looks = 0 if whole else self._looks + 1
        if whole:
            more = len(items) >= PIECE or any(each.kind is MemoryKind.MESSAGE for each in items)
            self._left_before = -1 if more else left
        ordered = sorted(items, key=lambda each: (each.kind, str(each.pair)))
        return [tuple(lot) for _, lot in groupby(ordered, key=lambda each: (each.kind, each.pair))]

    async def do(self, work: Sequence[Unembedded]) -> bool:
        """Embed a batch and store its vectors. Raises Unavailable."""
        vectors = await embedded(self._embedder, [(each.item_id, each.text) for each in work])
        await self._unfinished.keep_vectors(work, vectors)
        pair = work[0].pair
        if self._mirror is not None and pair is not None:
            await self._mirror.put((pair,), vectors)
        elif self._mirror is not None:
            self._mirror.unsure = True
        return True


async def embedded(embedder: Embedder, texts: Sequence[tuple[str, str]]) -> list[Embedded]:
    """Return vectors for pairs (id, text), as float16 bytes. Raises Unavailable."""
    rows = await embedder.embed([text for _, text in texts])
    return [
        Embedded(item, embedder.name, row.astype("<f2").tobytes()) for (item, _), row in zip(texts, rows, strict=True)
    ]
