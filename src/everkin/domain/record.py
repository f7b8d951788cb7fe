"""Data types that turns and storage exchange."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from everkin.domain.conversation import Conversation
from everkin.domain.ids import CharacterId, ConversationId, MessageId, Millis, TurnId, UserId
from everkin.domain.memory import Erased
from everkin.domain.message import Message, MessageType
from everkin.domain.turn import Turn, TurnState


@dataclass(frozen=True, slots=True)
class HelpLine:
    """A system message with contacts for help, stored behind the reply to a user who may be in danger."""

    id: MessageId
    """Id of the system message."""
    text: str
    """Its text."""
    locale: str
    """Locale of the contacts, e.g. `en-GB`."""
    always: bool
    """True: store it even if one was shown a short time ago in the conversation."""


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A user's message and its turns (one per responding character), written in one transaction."""

    id: MessageId
    """The new message's id."""
    conversation_id: ConversationId
    """The conversation."""
    user_id: UserId
    """The sender."""
    content: str
    """The message text."""
    type: MessageType
    """The form of the content."""
    client_id: str | None
    """The client's idempotency key; None: none."""
    responders: tuple[tuple[TurnId, CharacterId], ...]
    """Turn id and character of each reply; empty: the message gets no reply."""
    owner: str
    """Id of the node that will process the turns."""
    lease_until: Millis
    """Unix milliseconds at which the turns' leases end."""
    at: Millis
    """Unix milliseconds."""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    """The message's metadata."""
    help_line: HelpLine | None = None
    """Stored at once; for messages that get no reply."""


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A message as sent by a client, before validation."""

    conversation_id: ConversationId
    """The conversation."""
    user_id: UserId
    """The sender."""
    content: str
    """The message text, as sent."""
    type: MessageType
    """The form of the content, as sent."""
    client_id: str | None = None
    """The client's idempotency key: permanently identifies one message of this user in this conversation."""


@dataclass(frozen=True, slots=True)
class Appended:
    """The result of writing a message. For a repeated client id, the message and turns of the first request."""

    message: Message
    """The stored message."""
    turns: tuple[Turn, ...]
    """Its newest turn per character."""
    conversation: Conversation
    """The conversation after the change."""
    duplicate: bool = False
    """True: the client id was already stored with the same body."""
    erased: Erased | None = None
    """Data derived from the message that an edit or deletion removed; None for other writes."""
    note: Message | None = None
    """The help line, if one was stored along with it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a turn, to be stored."""

    turn_id: TurnId
    """The turn."""
    owner: str
    """Id of the node that processed it; storage ignores the outcome if another node owns the turn now."""
    state: TurnState
    """The final state."""
    reply_id: MessageId
    """Id of the reply, if one is stored."""
    content: str
    """Text of the reply for COMPLETED, and for STOPPED unless empty; for FAILED it is stored as the turn's
    `partial`."""
    at: Millis
    """Unix milliseconds."""
    error_code: str | None = None
    """For FAILED: one of the ModelError codes."""
    delivered: bool = False
    """True: a participant has the conversation open, so the reply counts as delivered."""
    title: str = ""
    """Title for a conversation without one, made from the message as of `edited_at`; ignored if the message was
    edited since."""
    edited_at: Millis | None = None
    """`edited_at` of the message when the title was made."""
    answered_by: MessageId | None = None
    """The reply that answers this message together with others; no further reply is stored. None: its own reply."""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    """Metadata of the reply; of the turn if no reply is stored."""
    help_line: HelpLine | None = None
    """Stored behind the reply in every final state, unless the message has one already."""


@dataclass(frozen=True, slots=True)
class Greeting:
    """A character's message to a returning user, stored only while the conversation still ends at `after_seq`."""

    id: MessageId
    """Id of the new message."""
    conversation_id: ConversationId
    """The conversation."""
    character_id: CharacterId
    """The character that greets."""
    content: str
    """The message text."""
    after_seq: int
    """`seq` of the newest message when the greeting was made."""
    at: Millis
    """Unix milliseconds."""
    delivered: bool = False
    """True: a participant has the conversation open, so the greeting counts as delivered."""


@dataclass(frozen=True, slots=True)
class Finished:
    """The result of storing an outcome."""

    turn: Turn
    """The turn in its final state."""
    message: Message
    """The user's message, now read."""
    reply: Message | None
    """The reply; None where there is no text."""
    conversation: Conversation
    """The conversation after the change."""
    notes: tuple[Message, ...] = ()
    """Help lines stored behind all replies that ended together."""


@dataclass(frozen=True, slots=True)
class LogEntry:
    """A message with its turns."""

    message: Message
    """The message."""
    turns: tuple[Turn, ...] = ()
    """The newest turn of each character that answers it; empty for a character's message."""


@dataclass(frozen=True, slots=True)
class Log:
    """Part of a conversation's messages in order of `seq`, as of `conversation.revision`."""

    conversation: Conversation
    """The conversation when the messages were read."""
    entries: tuple[LogEntry, ...]
    """The messages with their turns."""
    more: bool = False
    """True: there are further entries in the requested direction."""


@dataclass(frozen=True, slots=True)
class ConversationPage:
    """One page of a user's conversations."""

    items: tuple[Conversation, ...]
    """The conversations, newest first."""
    unread: tuple[int, ...]
    """For each of `items`: number of messages of other senders the user has not read."""
    next_cursor: str | None = None
    """Cursor of the next page; None on the last."""
