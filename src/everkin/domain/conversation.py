"""A conversation: people and characters who share one log of messages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from everkin.domain.ids import CharacterId, ConversationId, MessageId, Millis, UserId

ARCHIVED_BY, ARCHIVED_AT = "archivedBy", "archivedAt"
RETENTION = "retention"
"""In `metadata` of a conversation that was archived because nobody had been in it for long."""


class ConversationStatus(StrEnum):
    ACTIVE = "active"
    ARCHIVED = "archived"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Conversation:
    id: ConversationId
    owner_id: UserId
    character_ids: tuple[CharacterId, ...]
    user_ids: tuple[UserId, ...]
    title: str
    custom_title: bool
    """A person named it, so it is not renamed by itself."""
    status: ConversationStatus
    head_id: MessageId | None
    """The newest message of the branch being read."""
    last_seq: int
    """The highest message `seq`: gapless from 1."""
    revision: int
    """Counts every change, so a copy of the log made at revision R is whole exactly while the conversation is still at
    R."""
    message_count: int
    created_at: Millis
    updated_at: Millis
    last_message_at: Millis | None = None
    last_message_preview: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ConversationQuery:
    """Which of a person's conversations are listed, newest first."""

    status: ConversationStatus | None = ConversationStatus.ACTIVE
    """None: active and archived ones."""
    character_id: CharacterId | None = None
    """Only those in which this character takes part."""
    text: str = ""
    """Part of a title or of a character's name."""
    limit: int = 50
    """Most conversations of one page."""
    cursor: str | None = None
    """Continues an earlier page."""
