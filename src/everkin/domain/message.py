"""A message: one node in a conversation's tree."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from everkin.domain.ids import ConversationId, MessageId, Millis, TurnId


class MessageType(StrEnum):
    TEXT = "text"
    IMAGE = "image"
    VOICE = "voice"
    SYSTEM = "system"


class MessageStatus(StrEnum):
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"


class SenderType(StrEnum):
    USER = "user"
    CHARACTER = "character"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Message:
    id: MessageId
    conversation_id: ConversationId
    seq: int
    """Place in the conversation, gapless from 1, the order everyone sees."""
    revision: int
    """The conversation's revision when this row last changed."""
    parent_id: MessageId | None
    """What stood before it on its branch."""
    reply_to: MessageId | None
    """The user message a character's message answers."""
    sender_type: SenderType
    sender_id: str
    type: MessageType
    content: str
    status: MessageStatus
    created_at: Millis
    client_id: str | None = None
    """The sender's idempotency key. A deleted message keeps its row (so `seq` stays gapless) with empty content and
    `deleted_at` set."""
    turn_id: TurnId | None = None
    delivered_at: Millis | None = None
    read_at: Millis | None = None
    edited_at: Millis | None = None
    deleted_at: Millis | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


HOUSE = "everkin"
"""`sender_id` of what the house itself says."""

CRISIS = "crisis"
"""Key of a message's metadata: its writer may be in danger (analysis/crisis.py)."""


def is_spoken(message: Message) -> bool:
    """Somebody's words, still there: not deleted, not the house's own."""
    return (
        message.deleted_at is None
        and message.type is not MessageType.SYSTEM
        and message.sender_type is not SenderType.SYSTEM
        and bool(message.content)
    )
