"""Every Socket.IO event, once. docs/events.md and web/src/wire.ts are generated from this file (`make web-wire`).

Requests are what a client sends; each is answered through the Socket.IO acknowledgement with its `ack` class, or with
`Refused`, and where the client asked for no acknowledgement a refusal arrives as the event `error`. Events are what the
server sends, to every socket that has joined the conversation (sending into it, or creating it, joins it).
"""

from dataclasses import dataclass
from typing import Literal

import msgspec

from everkin.doors.views import ConversationView, MessageView, ProblemView, TurnView


class Body(msgspec.Struct, rename="camel", kw_only=True):
    """Base of all bodies."""


class Refused(Body):
    """Nothing happened; `error` says why and what mends it."""

    error: ProblemView
    ok: Literal[False] = False


class Done(Body):
    ok: Literal[True] = True


# -- client to server ---------------------------------------------------------------------------------------------


class SendMessage(Body):
    """Say something. `clientId` is your idempotency key (any text up to 64 characters, fresh for every message, the same
    when you send it again because no acknowledgement came)."""

    conversation_id: str
    content: str
    type: Literal["text"] = "text"
    client_id: str | None = None


class MessageAccepted(Body):
    """The message is on disk and will be answered. `duplicate`: it already was, from an earlier try."""

    message: MessageView
    duplicate: bool
    ok: Literal[True] = True


class StopTurn(Body):
    """Stop the answer that is under way, and those waiting; without `turnId` all of the conversation."""

    conversation_id: str
    turn_id: str | None = None


class Stopping(Body):
    """How many turns were told to stop. Each still ends with its own `character:response` (phase `stopped`)."""

    stopped: int
    ok: Literal[True] = True


class RetryMessage(Body):
    """Answer this message again after its turn failed or was stopped without a word."""

    message_id: str


class InConversation(Body):
    conversation_id: str


class JoinConversation(Body):
    """Hear a conversation, and first what was missed: every message after `lastSeq` as `message:received`, older ones that
    changed since `lastRevision` as `message:updated`, and an answer in flight as `character:response` (`started`, then a
    `delta` with what you have not got: you had `offset` characters of turn `turnId`). Without `lastSeq` nothing is
    brought but the answer in flight."""

    conversation_id: str
    last_seq: int | None = None
    last_revision: int | None = None
    turn_id: str | None = None
    offset: int = 0


class Joined(Body):
    """`missed` messages were brought before this. `more`: the gap was too large; fetch the rest over REST from
    `broughtSeq` on."""

    conversation: ConversationView
    missed: int
    brought_seq: int
    more: bool
    ok: Literal[True] = True


class ReadMessages(Body):
    """Everything up to this `seq` has been seen."""

    conversation_id: str
    up_to_seq: int


# -- server to client ---------------------------------------------------------------------------------------------


class MessageUpdated(Body):
    message: MessageView


class Receipt(Body):
    """`by` (a user or a character) has every message up to `upToSeq` that they did not write themselves."""

    conversation_id: str
    by: str
    up_to_seq: int
    at: int
    revision: int


class TypingIndicator(Body):
    conversation_id: str
    user_id: str
    is_typing: bool


class CharacterResponse(Body):
    """The story of one turn. `started`, any number of `delta` and `stalled`, then exactly one of `completed`, `stopped`,
    `failed`. A second `started` with the same `turnId` voids what came before (the turn was taken up again).

    delta: `text` follows the first `offset` characters (code points). completed, stopped: `message` is the reply as
    stored (null when stopped before a word). failed: `code`, `sentence`, and `turn.partial`. The three last phases
    carry `turn`.
    """

    phase: Literal["started", "delta", "stalled", "completed", "stopped", "failed"]
    conversation_id: str
    turn_id: str
    message_id: str
    character_id: str
    text: str | None = None
    offset: int | None = None
    waited_ms: int | None = None
    message: MessageView | None = None
    turn: TurnView | None = None
    code: str | None = None
    sentence: str | None = None


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
    Event("character:response", CharacterResponse, "A character answers."),
    Event(
        "conversation:updated",
        ConversationView,
        "Created, renamed, archived, deleted, or moved on. Sent to all of the user's sockets.",
    ),
    Event("error", ProblemView, "A request could not be done, and it had asked for no acknowledgement."),
)
