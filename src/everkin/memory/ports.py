"""What memory needs from the rooms around it. Storage fulfils these by shape; wiring passes them in.

A Pair is one character and one person. Everything below finds only what belongs to the pair that is named. Messages that were
deleted, stand aside of the current branch, or whose fact a person had forgotten are never among what is found.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from everkin.domain.ids import CharacterId, ConversationId, Millis, UserId
from everkin.domain.memory import (
    BondEvent,
    BondEventsAfter,
    Embedded,
    Erased,
    Fact,
    FactId,
    Finding,
    Memory,
    Pair,
    PairState,
    Scrubbed,
    Summary,
    Unembedded,
    Work,
)
from everkin.domain.message import Message

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "Embedded",
    "Embedder",
    "Erased",
    "Erasing",
    "MemoryRecord",
    "Pair",
    "PairState",
    "Scrubbed",
    "Sources",
    "VectorIndex",
    "Work",
]


class Embedder(Protocol):
    """Fulfilled by memory/embedders/. Vectors of two names are never compared."""

    @property
    def name(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    async def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """One unit row a text: (len(texts), dimension). Works off the event loop. Unavailable when it cannot."""


class Sources(Protocol):
    """Where a pair's memories come from: storage/sql/memory_sources.py."""

    async def state(self, pair: Pair) -> PairState: ...

    async def memories(self, pair: Pair, known: Mapping[str, Memory]) -> tuple[PairState, Sequence[Memory]]:
        """Messages of each conversation after the last one `known` of it (missing: all of them), and all facts and
        summaries; in order of conversation and seq, as of one moment."""

    async def vectors(self, item_ids: Sequence[str], embedder: str) -> Sequence[Embedded]:
        """Those that are stored; the others are missing."""


class VectorIndex(Protocol):
    """Dense search behind one port: memory/recall/exact.py, and storage/chroma/ embedded and as a client of a server."""

    async def put(self, pair: Pair, items: Sequence[tuple[str, bytes]]) -> None:
        """(item id, float16 unit vector); putting one again replaces it. Unavailable when the index cannot be reached."""

    async def search(self, pair: Pair, query: "NDArray[np.float32]", limit: int) -> Sequence[tuple[str, float]]:
        """(item id, cosine), best first. Unavailable when the index cannot answer."""

    async def drop(self, pair: Pair, item_ids: Sequence[str]) -> None:
        """Of every embedder there ever was. Found no more; their bytes are gone after the next `scrub`."""

    async def forget(self, pair: Pair) -> None:
        """Not a byte of the pair's vectors is left on disk."""

    async def scrub(self) -> Scrubbed:
        """Not a byte of what was dropped is left on disk, as far as it is ours."""

    async def pairs(self) -> set[Pair]:
        """All it holds vectors of."""

    async def ids(self, pair: Pair) -> set[str]:
        """What the index holds, to be compared with the record."""


class MemoryRecord(Protocol):
    """Memory in the record: storage/sql/memories.py. A job finds its work by watermark, and moves the watermark in the same
    transaction as what it writes; it returns False, having written nothing, when another node was there first."""

    async def to_index(self, limit: int) -> Sequence[Work]: ...

    async def to_digest(self, limit: int) -> Sequence[Work]: ...

    async def to_summarise(self, limit: int, every: int) -> Sequence[Work]:
        """Conversations with `every` messages or more beyond their last summary."""

    async def to_fold(self, limit: int) -> Sequence[Pair]:
        """Pairs whose facts are not what their findings amount to: a fold that was lost is found again here."""

    async def to_embed(self, embedder: str, limit: int, *, messages: bool = True) -> Sequence[Unembedded]:
        """What has no vector of this embedder: it was away, or another one had been there before. `messages` False: facts
        and summaries alone."""

    async def messages_between(self, conversation_id: ConversationId, after: int, limit: int) -> Sequence[Message]: ...

    async def indexed(self, work: Work, to_seq: int, vectors: Sequence[Embedded]) -> bool:
        """Also makes the messages' words searchable."""

    async def digested(
        self, work: Work, to_seq: int, findings: Sequence[Finding], events: Sequence[BondEvent]
    ) -> bool: ...

    async def summarised(self, work: Work, summary: Summary) -> bool: ...

    async def state(self, pair: Pair) -> PairState: ...

    async def findings(self, pair: Pair) -> Sequence[Finding]:
        """In the order of the fold: by `at`, then `seq`, then `n`."""

    async def fold(self, pair: Pair, state: PairState, facts: Sequence[Fact]) -> bool:
        """Replaces the pair's facts by these, if the pair is still at `state` (else False)."""

    async def add(self, finding: Finding) -> None:
        """A person's own hand."""

    async def facts(
        self, pair: Pair, *, text: str = "", current: bool | None = None, limit: int = 100_000
    ) -> Sequence[Fact]: ...

    async def fact(self, fact_id: FactId, user_id: UserId, character_id: CharacterId | None = None) -> Fact:
        """NotFound. What was said to several characters at once has the same id with each; None: any of them."""

    async def bond_events(self, pair: Pair) -> Sequence[BondEvent]: ...

    async def bond_events_after(self, pair: Pair, after: Millis | None) -> BondEventsAfter:
        """None: all of them."""

    async def summaries(self, conversation_id: ConversationId) -> Sequence[Summary]:
        """In order of `to_seq`, those that are still good."""


class Erasing(Protocol):
    """Forgetting in the record: storage/sql/erasure.py. Each names what went, by kind, with counts, and which pairs are to be
    folded anew. What was written over is gone from the database's files once `scrub` has returned."""

    async def forget_fact(self, fact_id: FactId, user_id: UserId, at: Millis) -> Erased: ...

    async def forget_conversation(self, conversation_id: ConversationId, user_id: UserId, at: Millis) -> Erased: ...

    async def forget_user(self, user_id: UserId, at: Millis) -> Erased: ...

    async def scrub(self) -> Scrubbed:
        """What was erased before this began cannot be read from the files any more. Others read and write meanwhile. Unavailable."""

    async def owed(self) -> int:
        """Number of the last erasure that no pass was done for; 0: of none."""

    async def settle(self, number: int) -> None:
        """A pass was done for all up to this one."""
