"""Every Socket.IO event and its body. docs/events.md and web/src/wire.ts are generated from this file (`make
web-wire`).

Requests are sent by clients; each is answered through the Socket.IO acknowledgement with its `ack` class, or with
`Refused`; if the client asked for no acknowledgement, a refusal arrives as the event `error`. Events are sent by the
server to every socket that has joined the conversation (sending a message into it joins it).
"""

from dataclasses import dataclass
from typing import Literal

import msgspec

from everkin.interfaces.memory_views import RelationshipView
from everkin.interfaces.views import ConversationView, MessageView, ProblemView, TurnView


class Body(msgspec.Struct, rename="camel", kw_only=True):
    """Base of all bodies."""


class Refused(Body):
    """The request was refused and changed nothing; `error` gives the reason and how to resolve it."""

    error: ProblemView
    """The reason, and how to resolve it."""
    ok: Literal[False] = False
    """Distinguishes a refusal from other answers."""


class Done(Body):
    ok: Literal[True] = True
    """The request was carried out."""


# -- client to server ---------------------------------------------------------------------------------------------


class RequestBody(Body, forbid_unknown_fields=True):
    """Base of requests: an unknown field is refused."""


class SendMessage(RequestBody):
    """A new message. `clientId` is your idempotency key (any text up to 64 characters, new for every message, the same
    when you send it again because no acknowledgement came)."""

    conversation_id: str
    """The conversation to send it to."""
    content: str
    """At most MAX_MESSAGE_LENGTH characters."""
    type: Literal["text"] = "text"
    """Only text can be sent so far."""
    client_id: str | None = None
    """The idempotency key."""


class MessageAccepted(Body):
    """The message is on disk and will be answered. `duplicate`: it was stored by an earlier attempt."""

    message: MessageView
    """As stored, with its `seq` and the turns that will answer it."""
    duplicate: bool
    """It was stored before; this request wrote nothing."""
    ok: Literal[True] = True
    """It is on disk."""


class StopTurn(RequestBody):
    """Stop the reply in progress and those waiting; without `turnId` all of the conversation."""

    conversation_id: str
    """The conversation in which replies are stopped."""
    turn_id: str | None = None
    """Only this turn."""


class Stopping(Body):
    """How many turns are being stopped. Each still ends with its own `character:response` (phase `stopped`)."""

    stopped: int
    """0 when no reply was in progress."""
    ok: Literal[True] = True
    """The turns are being stopped."""


class RetryMessage(RequestBody):
    """Answer this message again after its turn failed, or was stopped before any text."""

    message_id: str
    """A user's message."""


class InConversation(RequestBody):
    conversation_id: str
    """The conversation's id."""


class JoinConversation(RequestBody):
    """Subscribe to a conversation and first get the missed messages: every message after `lastSeq` as
    `message:received`, older ones that changed since `lastRevision` as `message:updated`. Without `lastSeq` no messages
    are sent.

    A reply in progress comes as `character:response`: `started` and a `delta` from the first character on. If you
    already have `offset` characters of turn `turnId`, there is no `started` but a `delta` that continues from there; if
    the turn was restarted meanwhile, your text is void, and `started` says so.
    """

    conversation_id: str
    """The conversation's id."""
    last_seq: int | None = None
    """You have everything up to this `seq`; 0 sends the whole conversation."""
    last_revision: int | None = None
    """The newest `revision` you have seen in this conversation."""
    turn_id: str | None = None
    """The turn you were receiving when the connection broke."""
    offset: int = 0
    """How many characters (code points) of its text you have."""


class Joined(Body):
    """`missed` messages were sent before this. `more`: the gap was too large; fetch the rest over REST from
    `broughtSeq` on."""

    conversation: ConversationView
    """Its present state."""
    missed: int
    """How many `message:received` came before this."""
    brought_seq: int
    """You have everything up to this `seq`."""
    more: bool
    """There are later messages that were not sent."""
    ok: Literal[True] = True
    """You get its events from now on."""


class ReadMessages(RequestBody):
    """Everything up to this `seq` has been seen; without `upToSeq` every message so far."""

    conversation_id: str
    """The conversation's id."""
    up_to_seq: int | None = None
    """The newest `seq` on the screen."""


# -- server to client ---------------------------------------------------------------------------------------------


class MessageUpdated(Body):
    message: MessageView
    """Its present state; replaces the one with this id."""


class Receipt(Body):
    """`by` (a user or a character) has every message up to `upToSeq` that they did not write themselves."""

    conversation_id: str
    """The conversation's id."""
    by: str
    """The reader: a user or a character."""
    up_to_seq: int
    """The newest `seq` that reached them."""
    at: int
    """When it happened."""
    revision: int
    """The conversation's revision after it."""


class TypingIndicator(Body):
    """Sent to the other participants: a user's own devices do not get it."""

    conversation_id: str
    """The conversation's id."""
    user_id: str
    """The user or character that is typing."""
    is_typing: bool
    """True: started; false: stopped."""


class PresenceChanged(Body):
    """Sent to the participants of a conversation of several users, when one arrives or leaves, and once to a socket
    that joins. A user with several devices is present as long as one of them has joined the conversation."""

    conversation_id: str
    """The conversation's id."""
    present: list[str]
    """The ids of all present users, you included: those with a device connected to this node."""


class CharacterResponse(Body, omit_defaults=True):
    """The progress of one turn. `started`, any number of `delta` and `stalled`, then exactly one of `completed`,
    `stopped`, `failed`. A second `started` with the same `turnId` voids the text before it (the turn was restarted).

    delta: `text` follows the first `offset` characters (code points). stalled: no text came for `waitedMs`. completed,
    stopped: `message` is the reply as stored (left out when stopped before any text). failed: `code`, `sentence`, and
    `turn.partial`. The three last phases carry `turn`. Fields that do not belong to a phase are left out.
    """

    phase: Literal["started", "delta", "stalled", "completed", "stopped", "failed"]
    """The step of the turn."""
    conversation_id: str
    """The conversation's id."""
    turn_id: str
    """The turn's id."""
    message_id: str
    """The message being answered."""
    character_id: str
    """The character that answers."""
    text: str | None = None
    """delta: more of the reply."""
    offset: int | None = None
    """delta: how many characters (code points) came before `text`."""
    waited_ms: int | None = None
    """stalled: milliseconds without new text."""
    message: MessageView | None = None
    """completed, stopped: the reply as stored."""
    turn: TurnView | None = None
    """completed, stopped, failed: the turn's final state."""
    code: str | None = None
    """failed: a stable code, e.g. `model_timeout`."""
    sentence: str | None = None
    """failed: a sentence for people."""


class MemoryUpdated(Body):
    """A character's facts about you changed."""

    conversation_id: str
    """The conversation the change comes from."""
    character_id: str
    """The character that remembers."""
    user_id: str
    """The user the facts are about: you."""
    learnt: list[str]
    """Ids of new facts."""
    changed: list[str]
    """Ids of facts that were reinforced, closed or reworded."""
    gone: list[str]
    """Ids of facts that were removed."""


class RelationshipUpdated(Body):
    """The relationship between a character and you changed."""

    conversation_id: str
    """The conversation in which it changed."""
    character_id: str
    """The character."""
    user_id: str
    """The user: you."""
    relationship: RelationshipView
    """Its present state."""


@dataclass(frozen=True, slots=True)
class Request:
    """A client's request."""

    name: str
    """The event's name."""
    body: type[Body]
    """The class of its body."""
    ack: type[Body]
    """The class of its acknowledgement."""
    doc: str
    """A sentence for docs/events.md."""


@dataclass(frozen=True, slots=True)
class Event:
    name: str
    """The event's name."""
    body: type[msgspec.Struct]
    """The class of its body."""
    doc: str
    """A sentence for docs/events.md."""


REQUESTS: tuple[Request, ...] = (
    Request("message:send", SendMessage, MessageAccepted, "Send a message."),
    Request("message:stop", StopTurn, Stopping, "Stop the answer under way."),
    Request("message:retry", RetryMessage, MessageAccepted, "Ask for an answer again after a failure."),
    Request("message:read", ReadMessages, Done, "Mark messages as seen."),
    Request("typing:start", InConversation, Done, "You are typing; ends by itself after TYPING_TIMEOUT."),
    Request("typing:stop", InConversation, Done, "You are not typing any more."),
    Request("conversation:join", JoinConversation, Joined, "Hear a conversation and get what was missed."),
    Request("conversation:leave", InConversation, Done, "Hear it no longer on this socket."),
)

EVENTS: tuple[Event, ...] = (
    Event("message:received", MessageView, "A message was stored: a person's, a greeting, or a reply."),
    Event("message:updated", MessageUpdated, "An older message was edited, deleted, or is being answered again."),
    Event("message:delivered", Receipt, "Messages reached the other side."),
    Event("message:read", Receipt, "Messages were seen by the other side."),
    Event("typing:indicator", TypingIndicator, "Somebody (a user or a character) types, or stopped."),
    Event("presence:changed", PresenceChanged, "In company: who has the conversation open."),
    Event("character:response", CharacterResponse, "A character answers."),
    Event(
        "conversation:updated",
        ConversationView,
        "Created, renamed, archived, deleted, or moved on. Sent to all of the user's sockets.",
    ),
    Event("memory:updated", MemoryUpdated, "A character learnt, corrected or forgot something about you."),
    Event("relationship:updated", RelationshipUpdated, "You and a character came closer, or drifted apart."),
    Event("error", ProblemView, "A request could not be done, and it had asked for no acknowledgement."),
)
