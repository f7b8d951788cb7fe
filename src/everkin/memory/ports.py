"""What memory needs from the rooms around it. Storage fulfils these by shape; wiring passes them in.

A Pair is one character and one person. Everything below finds only what belongs to the pair that is named. Messages that were
deleted, stand aside of the current branch, or whose fact a person had forgotten are never among what is found.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from everkin.domain.ids import CharacterId, ConversationId, MessageId, Millis, UserId
from everkin.domain.memory import BondEvent, Fact, FactId, Finding, Memory, Summary
from everkin.domain.message import Message

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Pair:
    character_id: CharacterId
    user_id: UserId


@dataclass(frozen=True, slots=True)
class PairState:
    """`version` moves with every change of what the pair can recall; `epoch` only when something was taken away or changed,
    so that a copy of an older epoch has to be read anew. Both 0 for a pair nothing is known of."""

    version: int = 0
    epoch: int = 0


@dataclass(frozen=True, slots=True)
class Embedded:
    """A stored vector: little-endian float16 of unit length. `embedder` names model and dimension (`minilm-int8:384`)."""

    item_id: str
    embedder: str
    vector: bytes


class Embedder(Protocol):
    """Fulfilled by memory/embedders/. Vectors of two names are never compared."""

    @property
    def name(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    async def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """One unit row a text: (len(texts), dimension). Works off the event loop. Unavailable when it cannot."""


class Sources(Protocol):
    """Where a pair's memories come from: storage/sql/recalling.py."""

    async def state(self, pair: Pair) -> PairState: ...

    async def memories(self, pair: Pair, known: Mapping[str, int]) -> tuple[PairState, Sequence[Memory]]:
        """Messages of each conversation beyond the seq in `known` (missing: all of them), and all facts and summaries; in
        order of conversation and seq, as of one moment."""

    async def vectors(self, item_ids: Sequence[str], embedder: str) -> Sequence[Embedded]:
        """Those that are stored; the others are missing."""


class VectorIndex(Protocol):
    """Dense search behind one port: memory/exact.py, and storage/chroma/ embedded and as a client of a server."""

    async def put(self, pair: Pair, items: Sequence[tuple[str, bytes]]) -> None:
        """(item id, float16 unit vector); putting one again replaces it. Unavailable when the index cannot be reached."""

    async def search(self, pair: Pair, query: "NDArray[np.float32]", limit: int) -> Sequence[tuple[str, float]]:
        """(item id, cosine), best first. Unavailable when the index cannot answer."""

    async def drop(self, pair: Pair, item_ids: Sequence[str]) -> None: ...

    async def forget(self, pair: Pair) -> None:
        """Not a byte of the pair's vectors is left on disk."""

    async def ids(self, pair: Pair) -> set[str]:
        """What the index holds, to be compared with the record."""


@dataclass(frozen=True, slots=True)
class Work:
    """A conversation with something left to do. `seq` is the watermark its job has reached, `last_seq` the newest message."""

    conversation_id: ConversationId
    seq: int
    last_seq: int


class MemoryRecord(Protocol):
    """Memory in the record: storage/sql/memories.py. A job finds its work by watermark, and moves the watermark in the same
    transaction as what it writes; it returns False, having written nothing, when another node was there first."""

    async def to_index(self, limit: int) -> Sequence[Work]: ...

    async def to_digest(self, limit: int) -> Sequence[Work]: ...

    async def to_summarise(self, limit: int, every: int) -> Sequence[Work]:
        """Conversations with `every` messages or more beyond their last summary."""

    async def messages_between(self, conversation_id: ConversationId, after: int, limit: int) -> Sequence[Message]: ...

    async def indexed(self, work: Work, to_seq: int, vectors: Sequence[Embedded]) -> bool:
        """Also makes the messages' words searchable."""

    async def digested(
        self, work: Work, to_seq: int, findings: Sequence[Finding], events: Sequence[BondEvent]
    ) -> bool: ...

    async def summarised(self, work: Work, summary: Summary) -> bool: ...

    async def findings(self, pair: Pair) -> Sequence[Finding]:
        """In the order of the fold: by `at`, then `seq`, then `n`."""

    async def fold(self, pair: Pair, state: PairState, facts: Sequence[Fact]) -> bool:
        """Replaces the pair's facts by these, if the pair is still at `state` (else False)."""

    async def add(self, finding: Finding) -> None:
        """A person's own hand."""

    async def facts(
        self, pair: Pair, *, text: str = "", current: bool | None = None, limit: int = 500
    ) -> Sequence[Fact]: ...

    async def fact(self, fact_id: FactId, user_id: UserId) -> Fact:
        """NotFound."""

    async def bond_events(self, pair: Pair) -> Sequence[BondEvent]: ...

    async def summaries(self, conversation_id: ConversationId) -> Sequence[Summary]:
        """In order of `to_seq`, those that are still good."""


class Erasing(Protocol):
    """Forgetting in the record: storage/sql/erasing.py. Each names what went, by kind, with counts, and which pairs are to be
    folded anew. What was written over is gone from the database's files once `scrub` has returned."""

    async def forget_fact(self, fact_id: FactId, user_id: UserId, at: Millis) -> "Erased": ...

    async def forget_message(self, message_id: MessageId, user_id: UserId, at: Millis) -> "Erased": ...

    async def forget_conversation(self, conversation_id: ConversationId, user_id: UserId, at: Millis) -> "Erased": ...

    async def forget_user(self, user_id: UserId, at: Millis) -> "Erased": ...

    async def scrub(self) -> None:
        """Overwrites freed pages and the log of writes: what was erased cannot be read from the files. May take seconds."""


@dataclass(frozen=True, slots=True)
class Erased:
    """`items`: ids of vectors to drop from other indexes. `pairs`: whose facts are to be folded anew."""

    counts: Mapping[str, int]
    items: tuple[str, ...]
    pairs: tuple[Pair, ...]
    conversations: tuple[ConversationId, ...]
