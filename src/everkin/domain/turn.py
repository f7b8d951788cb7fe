"""Turns: the processing of one user message into one reply."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from everkin.domain.ids import CharacterId, ConversationId, MessageId, Millis, TurnId


class TurnState(StrEnum):
    """PENDING is written with the message; the other three are final, and exactly one of them is reached."""

    PENDING = "pending"
    COMPLETED = "completed"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Turn:
    """One attempt of a character to answer a message."""

    id: TurnId
    """The turn's id."""
    conversation_id: ConversationId
    """The conversation."""
    message_id: MessageId
    """The message to answer."""
    character_id: CharacterId
    """The character that answers."""
    state: TurnState
    """The current state."""
    attempt: int
    """Number of the attempt ("send again" adds one), from 1; the newest one is shown."""
    owner: str
    """Id of the node that processes the turn until `lease_until`; afterwards any node may take it over."""
    lease_until: Millis
    """Unix milliseconds at which the lease ends."""
    created_at: Millis
    """Unix milliseconds."""
    ended_at: Millis | None = None
    """Unix milliseconds of the final state; None while pending."""
    reply_id: MessageId | None = None
    """The reply, for COMPLETED, and for STOPPED if text had been generated."""
    error_code: str | None = None
    """For FAILED: one of the ModelError codes."""
    partial: str = ""
    """For FAILED: the text received before the failure."""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    """JSON object of further properties, e.g. the error's sentence."""
