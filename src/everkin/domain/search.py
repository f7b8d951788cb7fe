"""Searching what was said: the question, and what was found."""

from dataclasses import dataclass

from everkin.domain.ids import CharacterId, ConversationId, Millis, UserId
from everkin.domain.message import Message, SenderType


@dataclass(frozen=True, slots=True)
class SearchQuestion:
    """What is searched for, and where."""

    text: str
    """All its words have to be there, in any order; of the last one the beginning is enough."""
    character_id: CharacterId | None = None
    """Only in conversations in which this character takes part."""
    conversation_id: ConversationId | None = None
    """Only in this conversation."""
    sender: UserId | CharacterId | None = None
    """Only what this person or character said."""
    sender_type: SenderType | None = None
    """Only what people said, or only what characters said."""
    since: Millis | None = None
    """Only what was said then or later."""
    until: Millis | None = None
    """Only what was said before."""
    limit: int = 20
    """Most hits of one page."""
    cursor: str | None = None
    """Continues an earlier page."""


@dataclass(frozen=True, slots=True)
class SearchHit:
    message: Message
    conversation_id: ConversationId
    snippet: str
    """Part of the message around the first word found."""
    marks: tuple[tuple[int, int], ...]
    """Where the words stand in the snippet, as (start, end)."""
    rank: float
    """0..1, how much of the message they make up."""


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Newest first."""

    hits: tuple[SearchHit, ...]
    next_cursor: str | None = None
