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
    """`last_seq` is the highest message `seq`: gapless from 1. `revision` counts every change, so a copy of the log made
    at revision R is whole exactly while the conversation is still at R. `head_id` is the newest message of the branch
    being read. `custom_title`: a person named it, so it is not renamed by itself.
    """

    id: ConversationId
    owner_id: UserId
    character_ids: tuple[CharacterId, ...]
    user_ids: tuple[UserId, ...]
    title: str
    custom_title: bool
    status: ConversationStatus
    head_id: MessageId | None
    last_seq: int
    revision: int
    message_count: int
    created_at: Millis
    updated_at: Millis
    last_message_at: Millis | None = None
    last_message_preview: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ConversationQuery:
    """Newest first. `text` matches titles and the names of characters; `cursor` continues an earlier page."""

    status: ConversationStatus | None = ConversationStatus.ACTIVE
    character_id: CharacterId | None = None
    text: str = ""
    limit: int = 50
    cursor: str | None = None
