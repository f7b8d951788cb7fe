"""What happened, as plain data. Names are past participles. A turn's events end with exactly one of TurnCompleted,
TurnStopped or TurnFailed.

`audience` is everybody who may see the event: the people in the conversation.
"""

from dataclasses import dataclass

from everkin.domain.conversation import Conversation
from everkin.domain.ids import CharacterId, ConversationId, MessageId, Millis, TurnId, UserId
from everkin.domain.memory import FactId, Relationship
from everkin.domain.message import Message
from everkin.domain.turn import Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    conversation_id: ConversationId
    audience: tuple[UserId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageAdded(Event):
    """A message is on disk: a person's, a greeting or a completed reply."""

    message: Message
    turns: tuple[Turn, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageChanged(Event):
    """An older message was edited or deleted, or got a new turn (sent again)."""

    message: Message
    turns: tuple[Turn, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagesDelivered(Event):
    """All of the conversation's messages up to `up_to_seq` that `by` did not write have reached `by`."""

    by: UserId | CharacterId
    up_to_seq: int
    at: Millis
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagesRead(Event):
    """As MessagesDelivered, and seen."""

    by: UserId | CharacterId
    up_to_seq: int
    at: Millis
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TypingChanged(Event):
    who: UserId | CharacterId
    is_typing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PresenceChanged(Event):
    present: tuple[UserId, ...]
    """Everybody who has the conversation open on some device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationChanged(Event):
    """Created, renamed, archived, restored, deleted, or its summary line moved on."""

    conversation: Conversation


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryUpdated(Event):
    """What a character remembers of a person changed: `learnt`, `changed` and `gone` are ids of facts. `audience` is that person."""

    character_id: CharacterId
    user_id: UserId
    learnt: tuple[FactId, ...] = ()
    changed: tuple[FactId, ...] = ()
    gone: tuple[FactId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationshipUpdated(Event):
    """`audience` is that person alone."""

    character_id: CharacterId
    user_id: UserId
    relationship: Relationship


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnEvent(Event):
    turn_id: TurnId
    message_id: MessageId
    character_id: CharacterId


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnStarted(TurnEvent):
    """The character begins to answer. Sent again after a take-over: whatever had been shown of this turn is void."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnDelta(TurnEvent):
    """More of the reply."""

    text: str
    offset: int
    """The number of characters (code points) that came before `text`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnStalled(TurnEvent):
    """Nothing came from the model for a while; the turn is still alive."""

    waited_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnCompleted(TurnEvent):
    reply: Message
    turn: Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnStopped(TurnEvent):
    """Stopped by a person."""

    reply: Message | None
    """What had been said until then, None when nothing had."""
    turn: Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnFailed(TurnEvent):
    code: str
    """One of the ModelError codes."""
    sentence: str
    """Says it to a person."""
    turn: Turn


TurnEnded = TurnCompleted | TurnStopped | TurnFailed
