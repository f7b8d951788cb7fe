"""Conversations: users and characters who share one sequence of messages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from everkin.domain.ids import CharacterId, ConversationId, MessageId, Millis, UserId

ARCHIVED_BY, ARCHIVED_AT = "archivedBy", "archivedAt"
"""Keys of `Conversation.metadata`: the cause of archiving, and its Unix milliseconds."""
RETENTION = "retention"
"""Value of `archivedBy` for a conversation that was archived because it had not been used for long."""


class ConversationStatus(StrEnum):
    """Life cycle of a conversation."""

    ACTIVE = "active"
    ARCHIVED = "archived"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation without its messages."""

    id: ConversationId
    """The conversation's id."""
    owner_id: UserId
    """The user who created it."""
    character_ids: tuple[CharacterId, ...]
    """Participating characters, in the order they were added."""
    user_ids: tuple[UserId, ...]
    """Participating users, the owner among them."""
    title: str
    """Shown in lists; may be empty."""
    custom_title: bool
    """True: set by a user, and never replaced automatically."""
    status: ConversationStatus
    """Active, archived or deleted."""
    head_id: MessageId | None
    """The newest message of the current branch; None without messages."""
    last_seq: int
    """The highest message `seq`; gapless from 1, 0 without messages."""
    revision: int
    """Counts every change. A copy of the messages read at revision R is complete exactly while the conversation is
    still at R."""
    message_count: int
    """Number of messages that are not deleted."""
    created_at: Millis
    """Unix milliseconds."""
    updated_at: Millis
    """Unix milliseconds of the last change."""
    last_message_at: Millis | None = None
    """Unix milliseconds of the newest message; None without messages."""
    last_message_preview: str = ""
    """Beginning of the newest message's text, at most 200 characters."""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    """JSON object of further properties, e.g. absences of characters."""


@dataclass(frozen=True, slots=True)
class ConversationQuery:
    """Filters for listing a user's conversations, newest first."""

    status: ConversationStatus | None = ConversationStatus.ACTIVE
    """None: active and archived ones."""
    character_id: CharacterId | None = None
    """Only those in which this character participates."""
    text: str = ""
    """Part of a title or of a character's name."""
    limit: int = 50
    """Most conversations of one page."""
    cursor: str | None = None
    """`next_cursor` of the page before; None: the first page."""
