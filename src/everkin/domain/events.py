"""Events that services publish, as plain data.

The events of a turn end with exactly one of TurnCompleted, TurnStopped or TurnFailed.
"""

from dataclasses import dataclass

from everkin.domain.conversation import Conversation
from everkin.domain.ids import CharacterId, ConversationId, MessageId, Millis, TurnId, UserId
from everkin.domain.memory import FactId, Relationship
from everkin.domain.message import Message
from everkin.domain.turn import Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of all events."""

    conversation_id: ConversationId
    """The conversation it happened in."""
    audience: tuple[UserId, ...]
    """Users who may receive the event: the participants of the conversation, unless the event says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageAdded(Event):
    """A message was committed: a user's, a greeting or a completed reply."""

    message: Message
    """The new message."""
    turns: tuple[Turn, ...] = ()
    """The pending turns that answer it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageChanged(Event):
    """An older message was edited, deleted or sent again (a new turn)."""

    message: Message
    """The message as it is now."""
    turns: tuple[Turn, ...] = ()
    """Its newest turn per character."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagesDelivered(Event):
    """All messages of other senders up to `up_to_seq` were delivered to `by`."""

    by: UserId | CharacterId
    """The participant who received them."""
    up_to_seq: int
    """`seq` of the newest delivered message."""
    at: Millis
    """Unix milliseconds."""
    revision: int
    """The conversation's revision after the change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagesRead(Event):
    """All messages of other senders up to `up_to_seq` were delivered to and read by `by`."""

    by: UserId | CharacterId
    """The participant who read them."""
    up_to_seq: int
    """`seq` of the newest read message."""
    at: Millis
    """Unix milliseconds."""
    revision: int
    """The conversation's revision after the change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypingChanged(Event):
    """A participant started or stopped typing."""

    who: UserId | CharacterId
    """The participant."""
    is_typing: bool
    """True: started; False: stopped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PresenceChanged(Event):
    """A user opened the conversation or left it."""

    present: tuple[UserId, ...]
    """All users who have the conversation open on at least one device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationChanged(Event):
    """A conversation was created, renamed, archived, restored or deleted, or its last message changed."""

    conversation: Conversation
    """The conversation as it is now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryUpdated(Event):
    """A character's memory of a user changed. `audience` is that user."""

    character_id: CharacterId
    """The character."""
    user_id: UserId
    """The user the facts are about."""
    learnt: tuple[FactId, ...] = ()
    """Ids of new facts."""
    changed: tuple[FactId, ...] = ()
    """Ids of facts that changed."""
    gone: tuple[FactId, ...] = ()
    """Ids of facts that no longer exist."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationshipUpdated(Event):
    """A relationship changed. `audience` is that user."""

    character_id: CharacterId
    """The character."""
    user_id: UserId
    """The user."""
    relationship: Relationship
    """The relationship as it is now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnEvent(Event):
    """Base of the events of a turn."""

    turn_id: TurnId
    """The turn's id."""
    message_id: MessageId
    """The user's message that is answered."""
    character_id: CharacterId
    """The character that answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnStarted(TurnEvent):
    """The character begins to answer. Published again after another node took the turn over: discard all text of
    this turn received before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnDelta(TurnEvent):
    """The next piece of the reply's text."""

    text: str
    """The new text."""
    offset: int
    """Number of characters (code points) before `text`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnStalled(TurnEvent):
    """The model has sent no data for a while; the turn is still running."""

    waited_ms: int
    """Milliseconds since the last data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnCompleted(TurnEvent):
    """The turn ended with a complete reply."""

    reply: Message
    """The stored reply."""
    turn: Turn
    """The turn as stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnStopped(TurnEvent):
    """A user stopped the turn."""

    reply: Message | None
    """The text generated before the stop, as a message; None when there was no text."""
    turn: Turn
    """The turn as stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnFailed(TurnEvent):
    """The turn failed."""

    code: str
    """One of the ModelError codes."""
    sentence: str
    """Explanation for the user."""
    turn: Turn
    """The turn as stored."""


TurnEnded = TurnCompleted | TurnStopped | TurnFailed
"""The last event of a turn is one of these."""
