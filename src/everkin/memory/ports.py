"""Ports of the memory package. Storage implements them structurally; wiring passes the implementations in.

A Pair is one character and one user. Every method returns only what belongs to the given pair. Messages that were
deleted, that are off the current branch, or whose fact a user had erased are never returned.
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
    """Turns texts into vectors. Implemented in memory/embedders/. Vectors of different names are never compared."""

    @property
    def name(self) -> str:
        """Identifies the model, for example `minilm-int8:384`."""

    @property
    def dimension(self) -> int:
        """Length of a vector; 0 while it is not known yet."""

    async def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Return unit rows of shape (len(texts), dimension). Runs off the event loop. Raises Unavailable."""


class Sources(Protocol):
    """The stored memories of a pair. Implemented in storage/sql/memory_sources.py."""

    async def state(self, pair: Pair) -> PairState:
        """Return the pair's current version and epoch."""

    async def memories(self, pair: Pair, known: Mapping[str, Memory]) -> tuple[PairState, Sequence[Memory]]:
        """Return the pair's state and its memories as of one moment, ordered by conversation and seq.

        These are all facts and summaries, and the messages of each conversation after its last `known` one (all
        messages of conversations that are not in `known`).
        """

    async def vectors(self, item_ids: Sequence[str], embedder: str) -> Sequence[Embedded]:
        """Return the stored vectors; ids without a vector are left out."""


class VectorIndex(Protocol):
    """Dense vector search.

    Implemented in memory/recall/exact.py and storage/chroma/ (embedded, and as a client of a server).
    """

    async def put(self, pair: Pair, items: Sequence[tuple[str, bytes]]) -> None:
        """Add or replace vectors given as (item id, float16 unit vector).

        Raises Unavailable when the index cannot be reached.
        """

    async def search(self, pair: Pair, query: "NDArray[np.float32]", limit: int) -> Sequence[tuple[str, float]]:
        """Return the nearest as (item id, cosine), best first. Raises Unavailable when the index cannot answer."""

    async def drop(self, pair: Pair, item_ids: Sequence[str]) -> None:
        """Remove vectors of all embedders from search. Their bytes are on disk until the next `scrub`."""

    async def forget(self, pair: Pair) -> None:
        """Remove all vectors of the pair, including their bytes on disk."""

    async def scrub(self) -> Scrubbed:
        """Overwrite the bytes of dropped vectors in the files that this process owns."""

    async def pairs(self) -> set[Pair]:
        """Return all pairs that have vectors in the index."""

    async def ids(self, pair: Pair) -> set[str]:
        """Return the item ids of a pair in the index, to be compared with the database."""


class MemoryRecord(Protocol):
    """Memory in the database. Implemented in storage/sql/memories.py.

    A job finds its work by watermark, and moves the watermark in the same transaction as its writes. `indexed`,
    `digested` and `summarised` return False, without having written, when another node was first.
    """

    async def to_index(self, limit: int) -> Sequence[Work]:
        """Return at most `limit` conversations with messages to index."""

    async def to_digest(self, limit: int) -> Sequence[Work]:
        """Return at most `limit` conversations with messages to extract facts from."""

    async def to_summarise(self, limit: int, every: int) -> Sequence[Work]:
        """Return conversations with at least `every` messages after their last summary."""

    async def to_fold(self, limit: int) -> Sequence[Pair]:
        """Return pairs whose facts are out of date with their findings, for example after a fold that failed."""

    async def to_embed(self, embedder: str, limit: int, *, messages: bool = True) -> Sequence[Unembedded]:
        """Return items without a vector of this embedder, because it was offline or another one was used before.

        `messages` False: facts and summaries only.
        """

    async def messages_between(self, conversation_id: ConversationId, after: int, limit: int) -> Sequence[Message]:
        """Return at most `limit` messages with a seq greater than `after`, in order."""

    async def indexed(self, work: Work, to_seq: int, vectors: Sequence[Embedded]) -> bool:
        """Store vectors, make the messages' words searchable and move the watermark to `to_seq`."""

    async def digested(self, work: Work, to_seq: int, findings: Sequence[Finding], events: Sequence[BondEvent]) -> bool:
        """Store findings and relationship events and move the watermark to `to_seq`."""

    async def summarised(self, work: Work, summary: Summary) -> bool:
        """Store a summary and move the watermark to its end."""

    async def state(self, pair: Pair) -> PairState:
        """Return the pair's current version and epoch."""

    async def findings(self, pair: Pair) -> Sequence[Finding]:
        """Return the pair's findings in the order of the fold: by `at`, then `seq`, then `n`."""

    async def fold(self, pair: Pair, state: PairState, facts: Sequence[Fact]) -> bool:
        """Replace the pair's facts by these if the pair is still at `state`; otherwise return False."""

    async def add(self, finding: Finding) -> None:
        """Store a finding that a user entered by hand."""

    async def facts(
        self, pair: Pair, *, text: str = "", current: bool | None = None, limit: int = 100_000
    ) -> Sequence[Fact]:
        """Return the pair's facts, optionally only those that match `text` or that are (not) current."""

    async def fact(self, fact_id: FactId, user_id: UserId, character_id: CharacterId | None = None) -> Fact:
        """Return a fact of the user. Raises NotFound.

        A fact from a message to several characters has the same id with each of them; `character_id` None matches any
        of them.
        """

    async def bond_events(self, pair: Pair) -> Sequence[BondEvent]:
        """Return all relationship events of the pair in order of time."""

    async def bond_events_after(self, pair: Pair, after: Millis | None) -> BondEventsAfter:
        """Return the pair's relationship events after this time; None: all of them."""

    async def summaries(self, conversation_id: ConversationId) -> Sequence[Summary]:
        """Return the conversation's valid summaries in order of `to_seq`."""


class Erasing(Protocol):
    """Erasure in the database. Implemented in storage/sql/erasure.py.

    Each method returns the erased items by kind, with counts, and the pairs to fold again. The bytes are gone from the
    database's files once `scrub` has returned.
    """

    async def forget_fact(self, fact_id: FactId, user_id: UserId, at: Millis) -> Erased:
        """Erase a fact of the user."""

    async def forget_conversation(self, conversation_id: ConversationId, user_id: UserId, at: Millis) -> Erased:
        """Erase a conversation of the user."""

    async def forget_user(self, user_id: UserId, at: Millis) -> Erased:
        """Erase everything about a user."""

    async def scrub(self) -> Scrubbed:
        """Overwrite in the files what was erased before this call. Raises Unavailable.

        Other reads and writes continue meanwhile.
        """

    async def owed(self) -> int:
        """Return the number of the last erasure without a scrub pass; 0 when no pass is pending."""

    async def settle(self, number: int) -> None:
        """Record that a scrub pass covered all erasures up to this number."""
