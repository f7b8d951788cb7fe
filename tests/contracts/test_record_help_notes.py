"""The house's line is stored with the end of a turn: once a message, behind all replies, not at every message."""

import asyncio
from dataclasses import replace
from typing import Any

from everkin.domain import ids
from everkin.domain.ids import Millis
from everkin.domain.message import HOUSE, MessageType, SenderType
from everkin.domain.record import Appended, HelpLine, Outcome
from everkin.domain.turn import TurnState
from tests.contracts.record_scene import NODE, OTHER_NODE, Scene

DANGER: dict[str, Any] = {"crisis": True}
MINUTE = 60_000


def line(*, always: bool = False) -> HelpLine:
    return HelpLine(ids.new_message_id(), "Help: findahelpline.com", "en", always)


async def say(scene: Scene, text: str = "I want to die", *, in_danger: bool = True) -> Appended:
    return await scene.say(text, metadata=DANGER if in_danger else {})


async def notes(scene: Scene) -> list[int]:
    """Of the log, which has no gap; their `seq`."""
    log = await scene.record.messages.recent(scene.conversation.id, None, 200)
    seqs = [entry.message.seq for entry in log.entries]
    assert seqs == list(range(1, log.conversation.last_seq + 1))
    return [entry.message.seq for entry in log.entries if entry.message.type is MessageType.SYSTEM]


async def test_it_is_a_message_of_the_house_behind_the_reply_in_one_step(scene: Scene) -> None:
    asked = await say(scene)
    finished = await scene.finish(asked.turns[0], "I hear you.", help_line=line())
    assert finished is not None
    assert finished.reply is not None
    (note,) = finished.notes
    assert (note.type, note.sender_type, note.sender_id) == (MessageType.SYSTEM, SenderType.SYSTEM, HOUSE)
    assert (note.seq, note.parent_id, note.reply_to) == (3, finished.reply.id, asked.message.id)
    conversation = finished.conversation
    assert note.revision == conversation.revision == asked.conversation.revision + 1
    assert (conversation.last_seq, conversation.head_id, conversation.message_count) == (3, note.id, 3)
    assert conversation.last_message_preview == "I hear you."
    log = await scene.record.messages.recent(conversation.id, scene.anna.id, 10)
    assert log.conversation == conversation
    assert log.entries[-1].message == note


async def test_it_is_there_when_the_reply_failed_or_was_stopped(scene: Scene) -> None:
    for state in (TurnState.FAILED, TurnState.STOPPED):
        turn = (await say(scene)).turns[0]
        finished = await scene.finish(turn, "", state, help_line=line(always=True))
        assert finished is not None
        assert (finished.reply, len(finished.notes)) == (None, 1)


async def test_only_a_message_that_shows_danger_has_one_and_only_who_ends_the_turn_adds_it(scene: Scene) -> None:
    plain = (await say(scene, in_danger=False)).turns[0]
    assert (await scene.finish(plain, help_line=line())).notes == ()  # type: ignore[union-attr]
    turn = (await say(scene)).turns[0]
    assert await scene.finish(turn, owner=OTHER_NODE, help_line=line()) is None
    async with asyncio.timeout(30):
        await asyncio.gather(*(scene.finish(turn, help_line=line(always=True)) for _ in range(5)))
    assert len(await notes(scene)) == 1


async def test_a_deleted_message_is_left_alone_and_takes_its_line_along(scene: Scene) -> None:
    waiting = await say(scene)
    await scene.record.messages.delete(waiting.message.id, scene.anna.id, scene.now())
    assert (await scene.finish(waiting.turns[0], help_line=line())).notes == ()  # type: ignore[union-attr]
    asked = await say(scene)
    await scene.finish(asked.turns[0], help_line=line())
    gone = await scene.record.messages.delete(asked.message.id, scene.anna.id, scene.now())
    assert gone.note is not None
    assert (gone.note.content, gone.note.deleted_at is not None) == ("", True)
    entry, _ = await scene.record.messages.get(gone.note.id, scene.anna.id)
    assert entry.message == gone.note


async def test_a_second_attempt_does_not_double_it(scene: Scene) -> None:
    asked = await say(scene)
    await scene.finish(asked.turns[0], "", TurnState.FAILED, help_line=line(always=True))
    again = await scene.record.messages.again(
        asked.message.id, scene.anna.id, ids.new_turn_id(), NODE, Millis(9_000), scene.now()
    )
    finished = await scene.finish(again.turns[0], help_line=line(always=True))
    assert finished is not None
    assert finished.reply is not None
    assert finished.notes == ()


async def test_it_comes_again_after_ten_minutes_or_ten_messages_and_always_for_a_plan(scene: Scene) -> None:
    async def shown(at: int, *, always: bool = False) -> bool:
        turn = (await say(scene)).turns[0]
        outcome = Outcome(turn.id, NODE, TurnState.COMPLETED, ids.new_message_id(), "Yes.", Millis(at))
        finished = await scene.record.messages.finish(replace(outcome, help_line=line(always=always)))
        assert finished is not None
        return bool(finished.notes)

    assert await shown(at=10 * MINUTE)
    assert not await shown(at=11 * MINUTE)
    assert await shown(at=12 * MINUTE, always=True)
    assert await shown(at=22 * MINUTE)
    assert not await shown(at=23 * MINUTE)
    for _ in range(4):
        await scene.exchange()
    assert await shown(at=24 * MINUTE)


async def test_of_messages_answered_together_each_has_its_own_behind_all_replies(scene: Scene) -> None:
    turns = [(await say(scene)).turns[0] for _ in range(2)]
    outcomes = [
        Outcome(
            turn.id, NODE, TurnState.COMPLETED, ids.new_message_id(), "Yes.", scene.now(), help_line=line(always=True)
        )
        for turn in turns
    ]
    first, last = await scene.record.messages.finish_together(outcomes)
    assert first is not None
    assert last is not None
    assert (len(first.notes), len(last.notes)) == (0, 2)
    assert await notes(scene) == [5, 6]
    assert last.conversation == await scene.fresh()


async def test_where_nobody_answers_it_is_stored_with_the_message(scene: Scene) -> None:
    new = replace(scene.new("I want to die", answered=False, metadata=DANGER), help_line=line(), client_id="one")
    appended = await scene.record.messages.append(new)
    assert appended.note is not None
    assert (appended.note.seq, appended.note.reply_to) == (2, new.id)
    assert appended.conversation == await scene.fresh()
    again = await scene.record.messages.append(replace(new, id=ids.new_message_id(), help_line=line()))
    assert (again.duplicate, again.note) == (True, None)
    assert await notes(scene) == [2]


async def test_an_edit_that_shows_danger_has_one(scene: Scene) -> None:
    asked = await say(scene, "Good evening", in_danger=False)
    await scene.finish(asked.turns[0])
    edited = await scene.record.messages.edit(
        asked.message.id, scene.anna.id, "I want to die", scene.now(), DANGER, line()
    )
    assert edited.note is not None
    assert edited.conversation == await scene.fresh()
    again = await scene.record.messages.edit(
        asked.message.id, scene.anna.id, "I want to die now", scene.now(), DANGER, line(always=True)
    )
    assert again.note is None
    assert await notes(scene) == [3]


async def test_it_goes_with_the_person_who_leaves_a_conversation_of_several(scene: Scene) -> None:
    shared = await scene.record.conversations.create(
        ids.new_conversation_id(), scene.anna.id, [scene.ada.id], [scene.anna.id, scene.boris.id], "", None, scene.now()
    )
    asked = await scene.say("I want to die", conversation=shared, user=scene.boris, metadata=DANGER)
    finished = await scene.finish(asked.turns[0], "I hear you.", help_line=line())
    assert finished is not None
    (note,) = finished.notes
    await scene.record.erasing.forget_user(scene.boris.id, scene.now())
    log = await scene.record.messages.recent(shared.id, scene.anna.id, 10)
    assert [entry.message.content for entry in log.entries] == ["", "I hear you.", ""]
    blank = log.entries[-1].message
    assert (blank.id, dict(blank.metadata)) == (note.id, {})
    assert blank.deleted_at is not None
    assert log.conversation.message_count == 1
