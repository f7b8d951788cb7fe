"""The dialogue as it stood for one message."""

from typing import Any

from everkin.context.scene import heard_before
from everkin.domain.ids import ConversationId, MessageId, Millis
from everkin.domain.message import Message, MessageStatus, MessageType, SenderType
from everkin.domain.record import LogEntry


def message(seq: int, *, reply_to: int | None = None, **changes: Any) -> Message:
    fields: dict[str, Any] = {
        "id": MessageId(f"m{seq}"),
        "conversation_id": ConversationId("c"),
        "seq": seq,
        "revision": seq,
        "parent_id": None,
        "reply_to": MessageId(f"m{reply_to}") if reply_to else None,
        "sender_type": SenderType.CHARACTER if reply_to else SenderType.USER,
        "sender_id": "x",
        "type": MessageType.TEXT,
        "content": f"text {seq}",
        "status": MessageStatus.SENT,
        "created_at": Millis(seq),
    }
    return Message(**{**fields, **changes})


def heard(current: Message, *others: Message) -> list[int]:
    entries = sorted((current, *others), key=lambda one: one.seq)
    return [one.seq for one in heard_before([LogEntry(one) for one in entries], current)]


def test_a_reply_stands_behind_what_it_answers_even_when_stored_later() -> None:
    second = message(2)
    assert heard(second, message(1), message(3, reply_to=1)) == [1, 3]


def test_what_came_after_is_not_heard() -> None:
    first = message(1)
    assert heard(first, message(2), message(3, reply_to=2)) == []


def test_deleted_and_system_lines_are_left_out() -> None:
    gone = message(1, deleted_at=Millis(5), content="")
    notice = message(2, type=MessageType.SYSTEM, sender_type=SenderType.SYSTEM)
    assert heard(message(4), gone, notice, message(3)) == [3]
