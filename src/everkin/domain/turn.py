"""A turn: one user message on its way to one reply."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from everkin.domain.ids import CharacterId, ConversationId, MessageId, Millis, TurnId


class TurnState(StrEnum):
    """PENDING is written with the message; the last three are final and exactly one of them is reached."""

    PENDING = "pending"
    COMPLETED = "completed"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Turn:
    """`error_code` and `partial` (text that had already arrived) belong to FAILED;"""

    id: TurnId
    conversation_id: ConversationId
    message_id: MessageId
    character_id: CharacterId
    state: TurnState
    attempt: int
    """Counts the tries a person asked for ("send again"), from 1; the newest one is what is shown."""
    owner: str
    """The node that speaks until `lease_until`; when the lease ends any node may take the turn over."""
    lease_until: Millis
    created_at: Millis
    ended_at: Millis | None = None
    reply_id: MessageId | None = None
    """To COMPLETED, and to STOPPED where something had been said."""
    error_code: str | None = None
    partial: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)
