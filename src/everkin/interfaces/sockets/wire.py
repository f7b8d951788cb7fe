"""Every Socket.IO event, once. docs/events.md and web/src/wire.ts are generated from this file (`make web-wire`).

Requests are what a client sends; each is answered through the Socket.IO acknowledgement with its `ack` class, or with
`Refused`, and where the client asked for no acknowledgement a refusal arrives as the event `error`. Events are what the
server sends, to every socket that has joined the conversation (sending into it joins it).
"""

from dataclasses import dataclass
from typing import Literal

import msgspec

from everkin.interfaces.memory_views import RelationshipView
from everkin.interfaces.views import ConversationView, MessageView, ProblemView, TurnView


class Body(msgspec.Struct, rename="camel", kw_only=True):
    """Base of all bodies."""


class Refused(Body):
    """Nothing happened; `error` says why and what mends it."""

    error: ProblemView
    """What was refused, and what mends it."""
    ok: Literal[False] = False
    """Tells it apart from a good answer."""


class Done(Body):
    ok: Literal[True] = True
    """It is done."""


# -- client to server ---------------------------------------------------------------------------------------------


class RequestBody(Body, forbid_unknown_fields=True):
    """Base of what a client sends: a field nobody knows is refused."""


class SendMessage(RequestBody):
    """Say something. `clientId` is your idempotency key (any text up to 64 characters, fresh for every message, the same
    when you send it again because no acknowledgement came)."""

    conversation_id: str
    """Where to say it."""
    content: str
    """At most MAX_MESSAGE_LENGTH characters."""
    type: Literal["text"] = "text"
    """Only text can be sent so far."""
    client_id: str | None = None
    """The idempotency key."""


class MessageAccepted(Body):
    """The message is on disk and will be answered. `duplicate`: it already was, from an earlier try."""

    message: MessageView
    """As stored, with its `seq` and the turns that will answer it."""
    duplicate: bool
    """It was stored before; nothing was written now."""
    ok: Literal[True] = True
    """It is on disk."""


class StopTurn(RequestBody):
    """Stop the answer that is under way, and those waiting; without `turnId` all of the conversation."""

    conversation_id: str
    """Whose answers."""
    turn_id: str | None = None
    """Only this turn."""


class Stopping(Body):
    """How many turns were told to stop. Each still ends with its own `character:response` (phase `stopped`)."""

    stopped: int
    """0 when nothing was under way."""
    ok: Literal[True] = True
    """They were told."""


class RetryMessage(RequestBody):
    """Answer this message again after its turn failed or was stopped without a word."""

    message_id: str
    """A message of a person."""


class InConversation(RequestBody):
    conversation_id: str
    """Which conversation."""


class JoinConversation(RequestBody):
    """Hear a conversation, and first what was missed: every message after `lastSeq` as `message:received`, older ones that
    changed since `lastRevision` as `message:updated`. Without `lastSeq` no messages are brought.

    An answer in flight comes as `character:response`: `started` and a `delta` from the first character on. If you had
    already heard `offset` characters of turn `turnId`, there is no `started` but a `delta` that goes on from there; should
    the turn have been taken up anew meanwhile, what you had is void, and `started` says so."""

    conversation_id: str
    """Which conversation."""
    last_seq: int | None = None
    """You have everything up to this `seq`; 0 brings the whole conversation."""
    last_revision: int | None = None
    """The newest `revision` you have seen in this conversation."""
    turn_id: str | None = None
    """The turn you were hearing when the connection broke."""
    offset: int = 0
    """How many characters (code points) of it you have."""


class Joined(Body):
    """`missed` messages were brought before this. `more`: the gap was too large; fetch the rest over REST from
    `broughtSeq` on."""

    conversation: ConversationView
    """As it stands."""
    missed: int
    """How many `message:received` came before this."""
    brought_seq: int
    """You have everything up to this `seq`."""
    more: bool
    """There are later messages that were not brought."""
    ok: Literal[True] = True
    """You hear it from now on."""


class ReadMessages(RequestBody):
    """Everything up to this `seq` has been seen; without `upToSeq` everything there is by now."""

    conversation_id: str
    """Which conversation."""
    up_to_seq: int | None = None
    """The newest `seq` on the screen."""


# -- server to client ---------------------------------------------------------------------------------------------


class MessageUpdated(Body):
    message: MessageView
    """As it stands now; replaces the one with this id."""


class Receipt(Body):
    """`by` (a user or a character) has every message up to `upToSeq` that they did not write themselves."""

    conversation_id: str
    """Which conversation."""
    by: str
    """The reader: a user or a character."""
    up_to_seq: int
    """The newest `seq` that reached them."""
    at: int
    """When."""
    revision: int
    """The conversation's revision after it."""


class TypingIndicator(Body):
    """Told to the others in the conversation: no device of a person hears that this person types."""

    conversation_id: str
    """Where."""
    user_id: str
    """Who: a user or a character."""
    is_typing: bool
    """Whether they began or stopped."""


class PresenceChanged(Body):
    """Of a conversation of several people, and to them only: also once to a socket that joins. A person with several devices
    is there as long as one of them hears the conversation."""

    conversation_id: str
    """Where."""
    present: list[str]
    """Everybody who is there now, you included: users whose devices are connected to this node."""


class CharacterResponse(Body, omit_defaults=True):
    """The story of one turn. `started`, any number of `delta` and `stalled`, then exactly one of `completed`, `stopped`,
    `failed`. A second `started` with the same `turnId` voids what came before (the turn was taken up again).

    delta: `text` follows the first `offset` characters (code points). stalled: nothing came for `waitedMs`. completed,
    stopped: `message` is the reply as stored (left out when stopped before a word). failed: `code`, `sentence`, and
    `turn.partial`. The three last phases carry `turn`. What does not belong to a phase is left out.
    """

    phase: Literal["started", "delta", "stalled", "completed", "stopped", "failed"]
    """What happened to the turn."""
    conversation_id: str
    """Where."""
    turn_id: str
    """Which turn."""
    message_id: str
    """The message being answered."""
    character_id: str
    """Who answers."""
    text: str | None = None
    """delta: more of the reply."""
    offset: int | None = None
    """delta: how many characters (code points) came before `text`."""
    waited_ms: int | None = None
    """stalled: for how long nothing has come."""
    message: MessageView | None = None
    """completed, stopped: the reply as stored."""
    turn: TurnView | None = None
    """completed, stopped, failed: how the turn ended."""
    code: str | None = None
    """failed: a stable code, e.g. `model_timeout`."""
    sentence: str | None = None
    """failed: the same for people."""


class MemoryUpdated(Body):
    """What a character remembers of you changed."""

    conversation_id: str
    """Where it was said."""
    character_id: str
    """Who remembers."""
    user_id: str
    """Whom they remember: you."""
    learnt: list[str]
    """Ids of facts that are new."""
    changed: list[str]
    """Ids of facts that were reinforced, closed or worded anew."""
    gone: list[str]
    """Ids of facts that are no more."""


class RelationshipUpdated(Body):
    """How close a character and you are."""

    conversation_id: str
    """Where it changed."""
    character_id: str
    """Who."""
    user_id: str
    """With whom: you."""
    relationship: RelationshipView
    """As it stands now."""


@dataclass(frozen=True, slots=True)
class Request:
    """A client's event: its name, the class of its body and of its acknowledgement."""

    name: str
    body: type[Body]
    ack: type[Body]
    doc: str


@dataclass(frozen=True, slots=True)
class Event:
    name: str
    body: type[msgspec.Struct]
    doc: str


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
