"""Every event of the ground has its word on the wire."""

import json
from typing import Any

import msgspec
import pytest

from everkin.domain import events
from everkin.domain.conversation import Conversation, ConversationStatus
from everkin.domain.errors import Invalid
from everkin.domain.ids import CharacterId, ConversationId, MessageId, Millis, TurnId, UserId
from everkin.domain.memory import FactId, Relationship
from everkin.domain.message import Message, MessageStatus, MessageType, SenderType
from everkin.domain.turn import Turn, TurnState
from everkin.interfaces.encode import encode_body, encode_turn
from everkin.interfaces.sockets import wire
from everkin.interfaces.sockets.frames import asked_in, body_of

CONVERSATION, SAM, ADA = ConversationId("cnv_1"), UserId("usr_1"), CharacterId("chr_1")
PLACE: dict[str, Any] = {"conversation_id": CONVERSATION, "audience": (SAM,)}
STEP: dict[str, Any] = {**PLACE, "turn_id": TurnId("trn_1"), "message_id": MessageId("msg_1"), "character_id": ADA}
REPLY = Message(
    MessageId("msg_2"),
    CONVERSATION,
    2,
    3,
    MessageId("msg_1"),
    MessageId("msg_1"),
    SenderType.CHARACTER,
    ADA,
    MessageType.TEXT,
    "Hello 🦊",
    MessageStatus.DELIVERED,
    Millis(5),
)
TURN = Turn(
    TurnId("trn_1"),
    CONVERSATION,
    MessageId("msg_1"),
    ADA,
    TurnState.FAILED,
    1,
    "node",
    Millis(9),
    Millis(1),
    error_code="model_timeout",
    partial="Hel",
)
TALK = Conversation(
    CONVERSATION, SAM, (ADA,), (SAM,), "Talk", False, ConversationStatus.ACTIVE, None, 2, 3, 2, Millis(1), Millis(5)
)

HAPPENED: list[tuple[events.Event, str]] = [
    (events.MessageAdded(**PLACE, message=REPLY), "message:received"),
    (events.MessageChanged(**PLACE, message=REPLY), "message:updated"),
    (events.MessagesDelivered(**PLACE, by=SAM, up_to_seq=2, at=Millis(5), revision=4), "message:delivered"),
    (events.MessagesRead(**PLACE, by=SAM, up_to_seq=2, at=Millis(5), revision=4), "message:read"),
    (events.TypingChanged(**PLACE, who=ADA, is_typing=True), "typing:indicator"),
    (events.PresenceChanged(**PLACE, present=(SAM,)), "presence:changed"),
    (events.MemoryUpdated(**PLACE, character_id=ADA, user_id=SAM, learnt=(FactId("fct_1"),)), "memory:updated"),
    (
        events.RelationshipUpdated(**PLACE, character_id=ADA, user_id=SAM, relationship=Relationship(level=12.0)),
        "relationship:updated",
    ),
    (events.ConversationChanged(**PLACE, conversation=TALK), "conversation:updated"),
    (events.TurnStarted(**STEP), "character:response"),
    (events.TurnDelta(**STEP, text="lo", offset=3), "character:response"),
    (events.TurnStalled(**STEP, waited_ms=10_000), "character:response"),
    (events.TurnCompleted(**STEP, reply=REPLY, turn=TURN), "character:response"),
    (events.TurnStopped(**STEP, reply=None, turn=TURN), "character:response"),
    (events.TurnFailed(**STEP, code="model_timeout", sentence="Slow.", turn=TURN), "character:response"),
]

BASES = {events.Event, events.TurnEvent}
"""What events are made of; none happens by itself."""


def test_no_event_is_forgotten() -> None:
    known = {each for each in vars(events).values() if isinstance(each, type) and issubclass(each, events.Event)}
    assert {type(event) for event, _ in HAPPENED} == known - BASES


@pytest.mark.parametrize(("event", "name"), HAPPENED, ids=[type(event).__name__ for event, _ in HAPPENED])
def test_each_is_told_in_the_shape_the_wire_promises(event: events.Event, name: str) -> None:
    told = encode_body(event)
    assert told.name == name
    promised = next(each.body for each in wire.EVENTS if each.name == name)
    assert msgspec.json.decode(msgspec.json.encode(told.body), type=promised)
    assert getattr(told.body, "conversation_id", CONVERSATION) == CONVERSATION


def test_the_phases_of_a_turn() -> None:
    steps = [event for event, _ in HAPPENED if isinstance(event, events.TurnEvent)]
    assert [encode_turn(step).phase for step in steps] == [
        "started",
        "delta",
        "stalled",
        "completed",
        "stopped",
        "failed",
    ]


def test_a_failure_tells_why_and_how_far_it_came() -> None:
    body = encode_turn(events.TurnFailed(**STEP, code="model_timeout", sentence="Slow.", turn=TURN))
    assert (body.code, body.sentence) == ("model_timeout", "Slow.")
    assert body.turn is not None
    assert body.turn.partial == "Hel"


def test_unread_is_the_listeners_own() -> None:
    told = encode_body(events.ConversationChanged(**PLACE, conversation=TALK), unread=4)
    assert msgspec.to_builtins(told.body)["unread"] == 4


def test_what_the_wire_has_no_word_for_is_a_mistake() -> None:
    with pytest.raises(TypeError):
        encode_body(events.Event(**PLACE))


NUMBERS = [
    (request, field.encode_name)
    for request in wire.REQUESTS
    for field in msgspec.structs.fields(request.body)
    if field.type in (int, int | None)
]


@pytest.mark.parametrize(("request_", "field"), NUMBERS)
@pytest.mark.parametrize("value", ["true", "false", '"1"', "1.5", "[1]"])
def test_a_number_in_a_request_is_taken_as_nothing_else(request_: wire.Request, field: str, value: str) -> None:
    known = {"conversationId": "cnv_1", "content": "Hi", "messageId": "msg_1"}
    names = [each.encode_name for each in msgspec.structs.fields(request_.body)]
    body = {name: json.dumps(text) for name, text in known.items() if name in names} | {field: value}
    asked = asked_in(f'2["{request_.name}",{{{",".join(f"{json.dumps(key)}:{body[key]}" for key in body)}}}]')
    with pytest.raises(Invalid) as refused:
        body_of(asked, request_.body)
    assert refused.value.field == field
