"""Messages: the nodes of a conversation's tree."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from everkin.domain.ids import ConversationId, MessageId, Millis, TurnId


class MessageType(StrEnum):
    """The form of a message's content."""

    TEXT = "text"
    IMAGE = "image"
    VOICE = "voice"
    SYSTEM = "system"
    """A note of Everkin itself."""


class MessageStatus(StrEnum):
    """Delivery status, in ascending order."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"


class SenderType(StrEnum):
    """The kind of sender."""

    USER = "user"
    CHARACTER = "character"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Message:
    """One message.

    A deleted message keeps its row, so that `seq` stays gapless, with empty content and `deleted_at` set.
    """

    id: MessageId
    """The message's id."""
    conversation_id: ConversationId
    """The conversation it belongs to."""
    seq: int
    """Position in the conversation: gapless from 1, the display order."""
    revision: int
    """The conversation's revision when this row last changed."""
    parent_id: MessageId | None
    """The message before it on its branch; None for the first."""
    reply_to: MessageId | None
    """For a character's message: the user message it answers."""
    sender_type: SenderType
    """User, character or system."""
    sender_id: str
    """Id of the user or character; `everkin` for a system message."""
    type: MessageType
    """The form of the content."""
    content: str
    """The message text; empty once deleted."""
    status: MessageStatus
    """Sent, delivered or read."""
    created_at: Millis
    """Unix milliseconds."""
    client_id: str | None = None
    """The sender's idempotency key; None for messages without one."""
    turn_id: TurnId | None = None
    """The turn that produced a reply; None for a user's message."""
    delivered_at: Millis | None = None
    """Unix milliseconds; None: not yet delivered."""
    read_at: Millis | None = None
    """Unix milliseconds; None: not yet read."""
    edited_at: Millis | None = None
    """Unix milliseconds of the last edit; None: never edited."""
    deleted_at: Millis | None = None
    """Unix milliseconds; None: not deleted."""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    """JSON object of further properties, e.g. mood, language or the model's name."""


HOUSE = "everkin"
"""`sender_id` of system messages."""

CRISIS = "crisis"
"""Key of a message's metadata: its sender may be in danger (analysis/crisis.py)."""


def is_spoken(message: Message) -> bool:
    """Return True for a message of a user or character that has text and is not deleted."""
    return (
        message.deleted_at is None
        and message.type is not MessageType.SYSTEM
        and message.sender_type is not SenderType.SYSTEM
        and bool(message.content)
    )
