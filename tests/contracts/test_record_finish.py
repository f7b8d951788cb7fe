"""A turn ends once, in one step with its reply; and attempts after a failure."""

import asyncio
from dataclasses import replace

import pytest

from everkin.domain import ids
from everkin.domain.errors import Conflict, NotFound
from everkin.domain.ids import Millis, TurnId
from everkin.domain.message import MessageStatus, SenderType
from everkin.domain.record import Appended
from everkin.domain.turn import TurnState
from tests.contracts.record_scene import LEASE, NODE, OTHER_NODE, Scene


async def test_a_completed_turn_brings_its_reply(scene: Scene) -> None:
    asked = await scene.say("Hi", metadata={"mood": "happy"})
    finished = await scene.finish(asked.turns[0], "Hello 🎉", metadata={"model": "m"}, title="Greetings")
    assert finished is not None
    turn, message, reply, conversation = finished.turn, finished.message, finished.reply, finished.conversation

    assert reply is not None
    assert (turn.state, turn.reply_id, turn.ended_at, turn.partial) == (
        TurnState.COMPLETED,
        reply.id,
        reply.created_at,
        "",
    )
    assert (message.status, message.read_at) == (MessageStatus.READ, reply.created_at)
    assert (reply.sender_type, reply.sender_id, reply.content) == (SenderType.CHARACTER, scene.ada.id, "Hello 🎉")
    assert (reply.seq, reply.parent_id, reply.reply_to, reply.turn_id) == (2, message.id, message.id, turn.id)
    assert (reply.status, reply.delivered_at, reply.metadata) == (MessageStatus.SENT, None, {"model": "m"})
    assert conversation.revision == message.revision == reply.revision == asked.conversation.revision + 1
    assert (conversation.title, conversation.custom_title) == ("Greetings", False)
    assert (conversation.head_id, conversation.last_seq, conversation.message_count) == (reply.id, 2, 2)
    assert conversation.last_message_preview == "Hello 🎉"

    log = await scene.record.messages.recent(scene.conversation.id, scene.anna.id, 10)
    assert log.conversation == conversation
    assert [entry.message for entry in log.entries] == [message, reply]
    assert [entry.turns for entry in log.entries] == [(turn,), ()]


async def test_a_reply_that_somebody_watched_is_delivered(scene: Scene) -> None:
    finished = await scene.finish((await scene.say()).turns[0], delivered=True)
    assert finished is not None
    assert finished.reply is not None
    assert finished.reply.status is MessageStatus.DELIVERED
    assert finished.reply.delivered_at == finished.turn.ended_at


async def test_a_turn_ends_once_whoever_tries(scene: Scene) -> None:
    turn = (await scene.say()).turns[0]
    assert await scene.finish(turn, owner=OTHER_NODE) is None, "it is another node's"
    assert await scene.finish(replace(turn, id=TurnId("trn_none"))) is None
    async with asyncio.timeout(30):
        results = await asyncio.gather(*(scene.finish(turn, f"{number}") for number in range(5)))
    assert [each is not None for each in results] == [True, False, False, False, False]
    assert await scene.finish(turn, state=TurnState.STOPPED) is None
    conversation = await scene.fresh()
    assert (conversation.last_seq, conversation.message_count) == (2, 2)


async def test_stopped_keeps_what_was_said(scene: Scene) -> None:
    said = await scene.finish((await scene.say()).turns[0], "Well, I", TurnState.STOPPED)
    unsaid = await scene.finish((await scene.say()).turns[0], "", TurnState.STOPPED)
    assert said is not None
    assert unsaid is not None
    assert said.reply is not None
    assert (said.reply.content, said.turn.state, said.turn.reply_id) == ("Well, I", TurnState.STOPPED, said.reply.id)
    assert (unsaid.reply, unsaid.turn.state, unsaid.turn.reply_id) == (None, TurnState.STOPPED, None)
    assert unsaid.message.status is MessageStatus.READ
    assert unsaid.message.revision == unsaid.conversation.revision
    assert unsaid.conversation.last_seq == 3


async def test_failed_keeps_what_had_arrived_and_says_why(scene: Scene) -> None:
    asked = await scene.say()
    failed = await scene.finish(asked.turns[0], "Once upon", TurnState.FAILED, error_code="model_broken")
    assert failed is not None
    assert failed.reply is None
    assert (failed.turn.state, failed.turn.error_code, failed.turn.partial) == (
        TurnState.FAILED,
        "model_broken",
        "Once upon",
    )
    assert failed.message.revision == failed.conversation.revision == asked.conversation.revision + 1
    missed = await scene.record.messages.missed(
        scene.conversation.id, scene.anna.id, 1, asked.conversation.revision, 10
    )
    assert [entry.turns for entry in missed.entries] == [(failed.turn,)], "whoever was away learns of it"


async def test_a_name_given_by_a_person_stays(scene: Scene) -> None:
    named = await scene.begin(title="Ours")
    finished = await scene.finish((await scene.say(conversation=named)).turns[0], title="Theirs")
    assert finished is not None
    assert finished.conversation.title == "Ours"
    await scene.finish((await scene.say()).turns[0], title="First")
    later = await scene.finish((await scene.say()).turns[0], title="Second " * 90)
    assert later is not None
    assert later.conversation.title == "First"


async def test_nothing_is_said_into_what_was_deleted(scene: Scene) -> None:
    asked = await scene.say("forget this")
    await scene.record.messages.delete(asked.message.id, scene.anna.id, scene.now())
    finished = await scene.finish(asked.turns[0], "about that")
    assert finished is not None
    assert (finished.turn.state, finished.reply) == (TurnState.STOPPED, None)
    assert (await scene.fresh()).last_seq == 1

    waiting = await scene.say()
    await scene.record.conversations.update(scene.conversation.id, scene.anna.id, scene.now(), status="deleted")
    assert await scene.finish(waiting.turns[0]) is None, "deleting a conversation ended its turns"
    assert await scene.record.turns.pending(None, scene.now()) == []


async def test_many_turns_end_together(scene: Scene) -> None:
    asked = [await scene.say(f"{number}") for number in range(20)]
    async with asyncio.timeout(30):
        finished = await asyncio.gather(*(scene.finish(each.turns[0], f"re {each.message.seq}") for each in asked))
    replies = [each.reply for each in finished if each is not None and each.reply is not None]
    assert [reply.seq for reply in replies] == list(range(21, 41))
    assert [reply.content for reply in replies] == [f"re {seq}" for seq in range(1, 21)]
    log = await scene.record.messages.recent(scene.conversation.id, None, 50)
    assert {entry.message.revision for entry in log.entries} == {
        each.conversation.revision for each in finished if each
    }


# -- again ---------------------------------------------------------------------------------------------------------


async def again(scene: Scene, asked: Appended, turn_id: TurnId | None = None) -> Appended:
    at = scene.now()
    return await scene.record.messages.again(
        asked.message.id, scene.anna.id, turn_id or ids.new_turn_id(), NODE, Millis(at + LEASE), at
    )


async def test_a_failed_turn_is_tried_again_as_the_next_attempt(scene: Scene) -> None:
    asked = await scene.say()
    await scene.finish(asked.turns[0], "half", TurnState.FAILED, error_code="model_timeout")
    second = await again(scene, asked)
    assert [(turn.attempt, turn.state, turn.partial) for turn in second.turns] == [(2, TurnState.PENDING, "")]
    assert second.message.revision == second.conversation.revision
    with pytest.raises(Conflict):
        await again(scene, asked)
    finished = await scene.finish(second.turns[0])
    assert finished is not None
    with pytest.raises(Conflict):
        await again(scene, asked)
    entry, _ = await scene.record.messages.get(asked.message.id, scene.anna.id)
    assert entry.turns == (finished.turn,), "only the newest attempt is shown"


async def test_a_turn_stopped_without_a_word_may_be_tried_again(scene: Scene) -> None:
    silent, spoken = await scene.say(), await scene.say()
    await scene.finish(silent.turns[0], "", TurnState.STOPPED)
    await scene.finish(spoken.turns[0], "Well", TurnState.STOPPED)
    assert (await again(scene, silent)).turns[0].attempt == 2
    with pytest.raises(Conflict):
        await again(scene, spoken)


async def test_again_only_where_one_may_write(scene: Scene) -> None:
    asked = await scene.say()
    await scene.finish(asked.turns[0], "", TurnState.FAILED, error_code="model_error")
    with pytest.raises(NotFound):
        await scene.record.messages.again(
            asked.message.id, scene.boris.id, ids.new_turn_id(), NODE, Millis(9_000), scene.now()
        )
    await scene.record.conversations.update(scene.conversation.id, scene.anna.id, scene.now(), status="archived")
    with pytest.raises(Conflict):
        await again(scene, asked)
    unanswered = await scene.say(conversation=await scene.begin(), answered=False)
    with pytest.raises(Conflict):
        await again(scene, unanswered)
