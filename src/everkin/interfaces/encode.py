"""Encoding of domain events (domain/events.py) as bodies of the wire protocol (sockets/wire.py), the same for Socket.IO
and SSE."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec

from everkin.domain import events
from everkin.domain.ids import CharacterId, Millis, UserId
from everkin.interfaces.memory_views import relationship_view
from everkin.interfaces.sockets import wire
from everkin.interfaces.views import conversation_view, message_view, turn_view


class EncodedBody(NamedTuple):
    """An event as it is sent."""

    name: str
    """The event's name on the wire, such as `message:received`."""
    body: msgspec.Struct
    """The event's body."""


def encode_body(event: events.Event, unread: int = 0) -> EncodedBody:
    """Encode an event. `unread`, used for ConversationChanged only, is the receiving user's number of unread messages.
    Raises TypeError for an event without a wire form."""
    if isinstance(event, events.ConversationChanged):
        return EncodedBody("conversation:updated", conversation_view(event.conversation, unread))
    teller = _TELLERS.get(type(event))
    if teller is None:
        raise TypeError(f"the wire has no word for {type(event).__name__}")
    return teller(event)


def encode_turn(event: events.TurnEvent) -> wire.CharacterResponse:
    """Encode one step of a turn. Raises TypeError for a step without a wire form."""
    teller = _TURN_TELLERS.get(type(event))
    if teller is None:
        raise TypeError(f"the wire has no word for {type(event).__name__}")
    return teller(event)


def _added(event: events.MessageAdded) -> EncodedBody:
    return EncodedBody("message:received", message_view(event.message, event.turns))


def _changed(event: events.MessageChanged) -> EncodedBody:
    return EncodedBody("message:updated", wire.MessageUpdated(message=message_view(event.message, event.turns)))


def _delivered(event: events.MessagesDelivered) -> EncodedBody:
    return EncodedBody("message:delivered", _receipt(event, event.by, event.up_to_seq, event.at, event.revision))


def _read(event: events.MessagesRead) -> EncodedBody:
    return EncodedBody("message:read", _receipt(event, event.by, event.up_to_seq, event.at, event.revision))


def _receipt(event: events.Event, by: UserId | CharacterId, up_to_seq: int, at: Millis, revision: int) -> wire.Receipt:
    return wire.Receipt(conversation_id=event.conversation_id, by=by, up_to_seq=up_to_seq, at=at, revision=revision)


def _typing(event: events.TypingChanged) -> EncodedBody:
    body = wire.TypingIndicator(conversation_id=event.conversation_id, user_id=event.who, is_typing=event.is_typing)
    return EncodedBody("typing:indicator", body)


def _memory(event: events.MemoryUpdated) -> EncodedBody:
    body = wire.MemoryUpdated(
        conversation_id=event.conversation_id,
        character_id=event.character_id,
        user_id=event.user_id,
        learnt=list(event.learnt),
        changed=list(event.changed),
        gone=list(event.gone),
    )
    return EncodedBody("memory:updated", body)


def _relationship(event: events.RelationshipUpdated) -> EncodedBody:
    body = wire.RelationshipUpdated(
        conversation_id=event.conversation_id,
        character_id=event.character_id,
        user_id=event.user_id,
        relationship=relationship_view(event.relationship),
    )
    return EncodedBody("relationship:updated", body)


def _presence(event: events.PresenceChanged) -> EncodedBody:
    return EncodedBody("presence:changed", presence_body(event.conversation_id, event.present))


def presence_body(conversation_id: str, present: Sequence[UserId]) -> wire.PresenceChanged:
    return wire.PresenceChanged(conversation_id=conversation_id, present=list(present))


def _turn(event: events.TurnEvent) -> EncodedBody:
    return EncodedBody("character:response", encode_turn(event))


def _ids(event: events.TurnEvent) -> dict[str, Any]:
    return {
        "conversation_id": event.conversation_id,
        "turn_id": event.turn_id,
        "message_id": event.message_id,
        "character_id": event.character_id,
    }


def _started(event: events.TurnStarted) -> wire.CharacterResponse:
    return wire.CharacterResponse(phase="started", **_ids(event))


def _delta(event: events.TurnDelta) -> wire.CharacterResponse:
    return wire.CharacterResponse(phase="delta", text=event.text, offset=event.offset, **_ids(event))


def _stalled(event: events.TurnStalled) -> wire.CharacterResponse:
    return wire.CharacterResponse(phase="stalled", waited_ms=event.waited_ms, **_ids(event))


def _completed(event: events.TurnCompleted) -> wire.CharacterResponse:
    return wire.CharacterResponse(
        phase="completed", message=message_view(event.reply), turn=turn_view(event.turn), **_ids(event)
    )


def _stopped(event: events.TurnStopped) -> wire.CharacterResponse:
    reply = message_view(event.reply) if event.reply is not None else None
    return wire.CharacterResponse(phase="stopped", message=reply, turn=turn_view(event.turn), **_ids(event))


def _failed(event: events.TurnFailed) -> wire.CharacterResponse:
    return wire.CharacterResponse(
        phase="failed", code=event.code, sentence=event.sentence, turn=turn_view(event.turn), **_ids(event)
    )


_TURN_TELLERS: dict[type[events.Event], Callable[[Any], wire.CharacterResponse]] = {
    events.TurnStarted: _started,
    events.TurnDelta: _delta,
    events.TurnStalled: _stalled,
    events.TurnCompleted: _completed,
    events.TurnStopped: _stopped,
    events.TurnFailed: _failed,
}

_TELLERS: dict[type[events.Event], Callable[[Any], EncodedBody]] = {
    events.MessageAdded: _added,
    events.MessageChanged: _changed,
    events.MessagesDelivered: _delivered,
    events.MessagesRead: _read,
    events.TypingChanged: _typing,
    events.PresenceChanged: _presence,
    events.MemoryUpdated: _memory,
    events.RelationshipUpdated: _relationship,
    **dict.fromkeys(_TURN_TELLERS, _turn),
}
