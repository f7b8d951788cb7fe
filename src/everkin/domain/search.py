"""Searching what was said: the question, and what was found."""

from dataclasses import dataclass

from everkin.domain.ids import CharacterId, ConversationId, Millis
from everkin.domain.message import Message


@dataclass(frozen=True, slots=True)
class SearchQuestion:
    """All words of `text` have to be there, in any order; of the last one the beginning is enough. `sender`: id of a person
    or character. `since` <= when it was said < `until`. `cursor` continues an earlier page."""

    text: str
    character_id: CharacterId | None = None
    conversation_id: ConversationId | None = None
    sender: str | None = None
    since: Millis | None = None
    until: Millis | None = None
    limit: int = 20
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class SearchHit:
    """`snippet`: part of the message around the first word found. `marks`: where the words stand in the snippet, as (start,
    end). `rank`: 0..1, how much of the message they make up."""

    message: Message
    conversation_id: ConversationId
    snippet: str
    marks: tuple[tuple[int, int], ...]
    rank: float


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Newest first."""

    hits: tuple[SearchHit, ...]
    next_cursor: str | None = None
