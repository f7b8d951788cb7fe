"""What goes into the record and comes out of it: the shapes that turns and storage trade in."""

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
    """The house's line with where to find help, stored as a message behind the reply to somebody who may be in danger."""

    id: MessageId
    text: str
    locale: str
    always: bool
    """Also where one was shown a moment ago in the conversation."""


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A person's message and the turns that will answer it (one a responding character), written together.

    `owner`/`lease_until` go into the turns' rows: the node that will speak. Empty `responders`: nobody answers.
    """

    id: MessageId
    conversation_id: ConversationId
    user_id: UserId
    content: str
    type: MessageType
    client_id: str | None
    responders: tuple[tuple[TurnId, CharacterId], ...]
    owner: str
    lease_until: Millis
    at: Millis
    metadata: Mapping[str, Any] = field(default_factory=dict)
    help_line: HelpLine | None = None
    """Where nobody will answer."""


@dataclass(frozen=True, slots=True)
class SentMessage:
    """What a client sends, before anything is decided about it."""

    conversation_id: ConversationId
    """Where it is sent."""
    user_id: UserId
    """Who sends it."""
    content: str
    """Its text, as sent."""
    type: MessageType
    """Its kind, as sent."""
    client_id: str | None = None
    """The client's key: it stands for one message of this person in this conversation, for ever."""


@dataclass(frozen=True, slots=True)
class Appended:
    """`message` and `turns` are the first ones."""

    message: Message
    turns: tuple[Turn, ...]
    conversation: Conversation
    duplicate: bool = False
    """The client id was known with the same body."""
    erased: Erased | None = None
    """What an edit or a deletion took along of all that had been made from the message."""
    note: Message | None = None
    """The house's line, where one was stored along."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a turn ended."""

    turn_id: TurnId
    owner: str
    state: TurnState
    reply_id: MessageId
    content: str
    """Becomes the reply's message for COMPLETED, and for STOPPED unless it is empty; for FAILED it is kept as the
    turn's `partial`."""
    at: Millis
    error_code: str | None = None
    delivered: bool = False
    title: str = ""
    """Names the conversation if nobody has yet; it was made of the message as it was when last edited at `edited_at`,
    and is not used when the message has been edited since."""
    edited_at: Millis | None = None
    answered_by: MessageId | None = None
    """The message was answered together with others; that reply is its reply too, and none is added."""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    help_line: HelpLine | None = None
    """To be stored behind the reply, whatever became of it, unless the message has one."""


@dataclass(frozen=True, slots=True)
class Greeting:
    """A character's word to somebody who comes back. It is said only while the log still ends at `after_seq`."""

    id: MessageId
    conversation_id: ConversationId
    character_id: CharacterId
    content: str
    after_seq: int
    at: Millis
    delivered: bool = False


@dataclass(frozen=True, slots=True)
class Finished:
    turn: Turn
    message: Message
    """The user's, now read."""
    reply: Message | None
    conversation: Conversation
    notes: tuple[Message, ...] = ()
    """Lines of the house, where some were stored along, behind all replies that ended together."""


@dataclass(frozen=True, slots=True)
class LogEntry:
    """A message with the newest turn of each character that answers it (empty for a character's own)."""

    message: Message
    turns: tuple[Turn, ...] = ()


@dataclass(frozen=True, slots=True)
class Log:
    """Part of a conversation in order of `seq`, as of `conversation.revision`."""

    conversation: Conversation
    entries: tuple[LogEntry, ...]
    more: bool = False
    """There are further ones in the direction that was asked for."""


@dataclass(frozen=True, slots=True)
class ConversationPage:
    items: tuple[Conversation, ...]
    unread: tuple[int, ...]
    """Index by index with `items`: messages of others the asking user has not read."""
    next_cursor: str | None = None
