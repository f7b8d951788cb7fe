"""Data types of the full-text search in messages."""

from dataclasses import dataclass

from everkin.domain.ids import CharacterId, ConversationId, Millis, UserId
from everkin.domain.message import Message, SenderType


@dataclass(frozen=True, slots=True)
class SearchQuestion:
    """A search query with its filters."""

    text: str
    """All its words have to occur, in any order; the last one may be the beginning of a word."""
    character_id: CharacterId | None = None
    """Only conversations in which this character participates."""
    conversation_id: ConversationId | None = None
    """Only this conversation."""
    sender: UserId | CharacterId | None = None
    """Only messages of this user or character."""
    sender_type: SenderType | None = None
    """Only messages of users, or only those of characters."""
    since: Millis | None = None
    """Only messages of this time or later (Unix milliseconds)."""
    until: Millis | None = None
    """Only messages before this time (Unix milliseconds)."""
    limit: int = 20
    """Most hits of one page."""
    cursor: str | None = None
    """`next_cursor` of the page before; None: the first page."""


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A message that matches the query."""

    message: Message
    """The message."""
    conversation_id: ConversationId
    """Its conversation."""
    snippet: str
    """Part of the message around the first match."""
    marks: tuple[tuple[int, int], ...]
    """Positions of the matches in the snippet, as (start, end)."""
    rank: float
    """Share of the message that matches, 0..1."""


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page of hits, newest first."""

    hits: tuple[SearchHit, ...]
    """The hits."""
    next_cursor: str | None = None
    """Cursor of the next page; None on the last."""
