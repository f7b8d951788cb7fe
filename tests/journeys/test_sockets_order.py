"""Messages are told by their seq, whoever announces first; and what waits in an outbox is counted to the byte."""

import asyncio
from dataclasses import replace

from everkin.domain.events import Event, MessageAdded, TurnCompleted, TurnStarted, TypingChanged
from everkin.domain.ids import CharacterId, ConversationId, MessageId, Millis, TurnId, UserId
from everkin.domain.message import Message, MessageStatus, MessageType, SenderType
from everkin.domain.turn import Turn, TurnState
from everkin.interfaces.sockets.frames import Frame
from everkin.interfaces.sockets.order import SeqOrder
from everkin.interfaces.sockets.outbox import Outbox

CONVERSATION = ConversationId("cnv_1")
AUDIENCE = (UserId("usr_1"),)
NAMES = {"message_id": MessageId("msg_1"), "character_id": CharacterId("chr_1")}


def message(seq: int) -> Message:
    return Message(
        id=MessageId(f"msg_{seq}"), conversation_id=CONVERSATION, seq=seq, revision=seq, parent_id=None, reply_to=None,
        sender_type=SenderType.USER, sender_id="usr_1", type=MessageType.TEXT, content="", status=MessageStatus.SENT,
        created_at=Millis(1),
    )  # fmt: skip


def added(seq: int) -> Event:
    return MessageAdded(conversation_id=CONVERSATION, audience=AUDIENCE, message=message(seq))


def completed(seq: int) -> Event:
    turn = Turn(
        TurnId("trn_1"), CONVERSATION, MessageId("msg_1"), CharacterId("chr_1"), TurnState.COMPLETED, 1, "", Millis(1),
        Millis(1),
    )  # fmt: skip
    return TurnCompleted(
        conversation_id=CONVERSATION,
        audience=AUDIENCE,
        turn_id=turn.id,
        reply=replace(message(seq), turn_id=turn.id),
        turn=turn,
        **NAMES,
    )


def started() -> Event:
    return TurnStarted(conversation_id=CONVERSATION, audience=AUDIENCE, turn_id=TurnId("trn_2"), **NAMES)


def typing() -> Event:
    return TypingChanged(conversation_id=CONVERSATION, audience=AUDIENCE, who=UserId("usr_1"), is_typing=True)


def told(*events: Event) -> list[Event]:
    order = SeqOrder()
    return [each for event in events for each in order.take(event)]


def test_a_message_that_comes_early_waits_for_the_one_before_it() -> None:
    reply, early, quiet = completed(5), added(6), typing()
    assert told(added(4), early, quiet, reply) == [added(4), reply, early, quiet]
    assert told(added(4), added(7), added(6), reply) == [added(4), reply, added(6), added(7)]


def test_nothing_waits_for_a_message_that_never_comes() -> None:
    assert told(added(4), added(6), started(), added(7)) == [added(4), added(6), started(), added(7)]
    flood = [typing() for _ in range(200)]
    assert len(told(added(4), added(6), *flood)) == 202


async def test_an_outbox_counts_what_was_taken_but_not_yet_sent() -> None:
    outbox = Outbox()
    for _ in range(3):
        outbox.put_nowait(Frame(b"x" * 100))
    assert len(await outbox.poll()) == 3
    outbox.put_nowait(Frame(b"x" * 40))
    assert outbox.backlog == 340
    waiting = asyncio.ensure_future(outbox.landing(60))
    await asyncio.sleep(0)
    assert not waiting.done()
    assert len(await outbox.poll()) == 1
    await asyncio.wait_for(waiting, 5)
    assert outbox.backlog == 40
    idle = asyncio.ensure_future(outbox.poll())
    await asyncio.sleep(0)
    outbox.put_nowait(Frame(b"x"))
    outbox.put_nowait(None)
    assert len(await asyncio.wait_for(idle, 5)) == 1
    assert outbox.backlog == 1
    assert await outbox.poll() == []
    outbox.put_nowait(Frame(b"x"))
    outbox.clear()
    assert (outbox.backlog, await outbox.poll()) == (0, [])
