"""One domain event as the frames a socket gets, encoded once for all sockets."""

from dataclasses import dataclass

from everkin.domain.events import (
    Event,
    MessageAdded,
    MessageChanged,
    TurnCompleted,
    TurnEnded,
    TurnEvent,
    TurnStarted,
    TurnStopped,
)
from everkin.domain.message import Message
from everkin.interfaces.encode import encode_body
from everkin.interfaces.sockets import wire
from everkin.interfaces.sockets.frames import Frame, event_frame
from everkin.interfaces.views import message_view


@dataclass(frozen=True, slots=True)
class EncodedEvent:
    """The frames of one event."""

    event: Event
    """The domain event."""
    frames: tuple[tuple[Frame, int | None], ...]
    """Each frame with the `seq` of the message it carries (None: it carries no message)."""
    revision: int | None = None
    """The conversation's revision after the change of an older message; None if the event changes none."""


def encode_event(event: Event) -> EncodedEvent:
    """Encode an event. A reply comes with the end of its turn: first the message, then the end."""
    frame = event_frame(*encode_body(event))
    if isinstance(event, MessageAdded):
        return EncodedEvent(event, ((frame, event.message.seq),))
    if isinstance(event, MessageChanged):
        return EncodedEvent(event, ((frame, None),), event.message.revision)
    if isinstance(event, TurnStarted):
        return EncodedEvent(event, ((typing_frame(event, is_typing=True), None), (frame, None)))
    if isinstance(event, TurnEnded):
        quiet = (typing_frame(event, is_typing=False), None)
        brought = _brought(event)
        if brought is None:
            return EncodedEvent(event, (quiet, (frame, None)))
        received = event_frame("message:received", message_view(brought))
        return EncodedEvent(event, (quiet, (received, brought.seq), (frame, None)))
    return EncodedEvent(event, ((frame, None),))


def seq_of(event: Event) -> int | None:
    """Return the `seq` of the message the event adds to the conversation, None if it adds none."""
    if isinstance(event, MessageAdded):
        return event.message.seq
    brought = _brought(event)
    return brought.seq if brought is not None else None


def typing_frame(event: TurnEvent, *, is_typing: bool) -> Frame:
    return typing_frame_of(event.conversation_id, event.character_id, is_typing=is_typing)


def typing_frame_of(conversation_id: str, who: str, *, is_typing: bool) -> Frame:
    body = wire.TypingIndicator(conversation_id=conversation_id, user_id=who, is_typing=is_typing)
    return event_frame("typing:indicator", body)


def _brought(event: Event) -> Message | None:
    """Return the message a turn's end carries. A reply shared by several turns is carried by the turn that generated
    it."""
    if not isinstance(event, TurnCompleted | TurnStopped) or event.reply is None:
        return None
    return event.reply if event.reply.turn_id == event.turn_id else None
