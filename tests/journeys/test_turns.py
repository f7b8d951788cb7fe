"""One user message, one reply: the turn over a real record, with the scripted model."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from everkin.domain.caller import Caller
from everkin.domain.conversation import Conversation, ConversationStatus
from everkin.domain.errors import Busy, Conflict, EmptyText, KeyReused, NotFound, StorageUnavailable, TooMany
from everkin.domain.events import (
    ConversationChanged,
    MessageAdded,
    TurnCompleted,
    TurnDelta,
    TurnEvent,
    TurnFailed,
    TurnStalled,
    TurnStarted,
    TurnStopped,
)
from everkin.domain.ids import new_node_id
from everkin.domain.message import SenderType
from everkin.domain.record import Finished, Outcome
from everkin.domain.turn import TurnState
from everkin.kit.clock import ManualClock, SystemClock, settle
from everkin.llm.providers.scripted import ScriptedModel
from everkin.turn.rules import TurnRules
from tests.journeys.conftest import Runtime, open_runtime

ENDS = TurnCompleted | TurnStopped | TurnFailed


async def conversation_of(runtime: Runtime, caller: Caller) -> Conversation:
    character = await runtime.character(caller)
    return await runtime.conversations.create(caller, [character.id])


async def answer(runtime: Runtime, caller: Caller, conversation: Conversation, text: str) -> list[TurnEvent]:
    async with asyncio.timeout(20), runtime.turns.saying(caller, conversation.id, text) as (_, events):
        return [event async for event in events]


async def rest(runtime: Runtime, conversation: Conversation) -> None:
    """Until nothing is being answered any more."""
    async with asyncio.timeout(20):
        while runtime.turns.live(conversation.id):
            await asyncio.sleep(0)


async def texts(runtime: Runtime, caller: Caller, conversation: Conversation) -> list[str]:
    log = await runtime.conversations.history(caller, conversation.id)
    assert [entry.message.seq for entry in log.entries] == list(range(1, len(log.entries) + 1))
    return [entry.message.content for entry in log.entries]


async def test_the_deltas_are_the_reply_and_the_reply_is_stored(runtime: Runtime) -> None:
    sam = await runtime.person()
    conversation = await conversation_of(runtime, sam)
    events = await answer(runtime, sam, conversation, "/echo The lamp  is lit, \U0001f98a.")
    assert isinstance(events[0], TurnStarted)
    assert isinstance(events[-1], TurnCompleted)
    assert sum(isinstance(event, ENDS) for event in events) == 1
    said = "".join(event.text for event in events if isinstance(event, TurnDelta))
    assert said == "The lamp  is lit, \U0001f98a." == events[-1].reply.content
    assert await texts(runtime, sam, conversation) == ["Hello Sam.", "/echo The lamp  is lit, \U0001f98a.", said]
    assert events[-1].reply.metadata["model"] == "scripted"
    after, _ = await runtime.conversations.get(sam, conversation.id)
    assert after.title == "/echo The lamp is lit, \U0001f98a."


async def test_the_model_sees_the_dialogue_so_far(runtime: Runtime) -> None:
    sam = await runtime.person()
    conversation = await conversation_of(runtime, sam)
    await answer(runtime, sam, conversation, "/echo one")
    seen = []

    class Listening(ScriptedModel):
        def stream(self, prompt):  # type: ignore[no-untyped-def]
            seen.append(prompt)
            return super().stream(prompt)

    runtime.voice.model = Listening(SystemClock())
    await answer(runtime, sam, conversation, "/echo two")
    assert [(message.role, message.content) for message in seen[0].messages[1:]] == [
        ("assistant", "Hello Sam."),
        ("user", "/echo one"),
        ("assistant", "one"),
        ("user", "/echo two"),
    ]


async def test_messages_in_a_row_are_answered_in_order_one_at_a_time(runtime: Runtime) -> None:
    sam = await runtime.person()
    conversation = await conversation_of(runtime, sam)
    for number in range(5):
        await runtime.turns.say(sam, conversation.id, f"/echo {number}")
    await rest(runtime, conversation)
    replies = [event.reply.content for event in runtime.heard if isinstance(event, TurnCompleted)]
    assert replies == ["0", "1", "2", "3", "4"]
    open_turns = 0
    for event in runtime.heard:
        open_turns += isinstance(event, TurnStarted) - isinstance(event, ENDS)
        assert open_turns in (0, 1)


async def test_resending_the_same_client_id_changes_nothing(runtime: Runtime) -> None:
    sam = await runtime.person()
    conversation = await conversation_of(runtime, sam)
    first = await runtime.turns.say(sam, conversation.id, "/echo once", client_id="k1")
    await rest(runtime, conversation)
    again = await runtime.turns.say(sam, conversation.id, "/echo once", client_id="k1")
    assert again.duplicate
    assert again.message.id == first.message.id
    assert await texts(runtime, sam, conversation) == ["Hello Sam.", "/echo once", "once"]
    with pytest.raises(KeyReused):
        await runtime.turns.say(sam, conversation.id, "/echo other", client_id="k1")


async def test_a_duplicate_can_still_be_followed_to_the_end(runtime: Runtime) -> None:
    sam = await runtime.person()
    conversation = await conversation_of(runtime, sam)
    await runtime.turns.say(sam, conversation.id, "/echo told before", client_id="k1")
    await rest(runtime, conversation)
    async with (
        asyncio.timeout(20),
        runtime.turns.saying(sam, conversation.id, "/echo told before", client_id="k1") as (
            _,
            events,
        ),
    ):
        story = [event async for event in events]
    assert isinstance(story[-1], TurnCompleted)
    assert story[-1].reply.content == "told before"


async def test_stopping_keeps_what_was_said(runtime: Runtime) -> None:
    sam = await runtime.person()
    conversation = await conversation_of(runtime, sam)
    runtime.voice.model = ScriptedModel(SystemClock(), pace=200.0)
    heard: list[str] = []
    async with asyncio.timeout(20), runtime.turns.saying(sam, conversation.id, "/long 5000") as (_, events):
        async for event in events:
            if isinstance(event, TurnDelta):
                heard.append(event.text)
                if len(heard) == 3:
                    assert await runtime.turns.stop(sam, conversation.id) == 1
            last = event
    assert isinstance(last, TurnStopped)
    assert last.reply is not None
    assert last.reply.content == "".join(heard).rstrip()
    assert last.reply.metadata["stopped"] is True


async def test_stopping_before_a_word_stores_no_reply(runtime: Runtime) -> None:
    sam = await runtime.person()
    conversation = await conversation_of(runtime, sam)
    await runtime.turns.say(sam, conversation.id, "/hang")
    await runtime.turns.say(sam, conversation.id, "/echo waiting")
    assert await runtime.turns.stop(sam, conversation.id) == 2
    await rest(runtime, conversation)
    assert await texts(runtime, sam, conversation) == ["Hello Sam.", "/hang", "/echo waiting"]
    assert sum(isinstance(event, TurnStopped) for event in runtime.heard) == 2


async def test_a_failure_is_seen_once_and_the_message_can_be_sent_again(runtime: Runtime) -> None:
    sam = await runtime.person()
    conversation = await conversation_of(runtime, sam)
    events = await answer(runtime, sam, conversation, "/fail-once /echo better")
    failed = events[-1]
    assert isinstance(failed, TurnFailed)
    assert failed.code == "model_overloaded"
    entry = await runtime.conversations.message(sam, failed.message_id)
    assert [turn.state for turn in entry.turns] == [TurnState.FAILED]
    await runtime.turns.retry(sam, failed.message_id)
    await rest(runtime, conversation)
    entry = await runtime.conversations.message(sam, failed.message_id)
    assert [(turn.state, turn.attempt) for turn in entry.turns] == [(TurnState.COMPLETED, 2)]
    with pytest.raises(Conflict):
        await runtime.turns.retry(sam, failed.message_id)


async def test_what_had_arrived_before_a_failure_is_kept_beside_the_turn(runtime: Runtime) -> None:
    sam = await runtime.person()
    conversation = await conversation_of(runtime, sam)
    failed = (await answer(runtime, sam, conversation, "/fail-after 2"))[-1]
    assert isinstance(failed, TurnFailed)
    assert failed.code == "model_broken"
    assert len(failed.turn.partial.split()) == 2
    assert len(await texts(runtime, sam, conversation)) == 2


async def test_a_model_without_a_word_is_a_visible_failure(runtime: Runtime) -> None:
    sam = await runtime.person()
    conversation = await conversation_of(runtime, sam)
    runtime.voice.model = ScriptedModel(SystemClock())
    runtime.voice.model._words = lambda *_: ["  ", "\n"]  # type: ignore[attr-defined]
    failed = (await answer(runtime, sam, conversation, "hello"))[-1]
    assert isinstance(failed, TurnFailed)
    assert failed.code == "model_silent"


async def test_refusals_leave_nothing_behind(runtime: Runtime) -> None:
    sam, kim = await runtime.person(), await runtime.person("Kim")
    conversation = await conversation_of(runtime, sam)
    for refused in (
        runtime.turns.say(sam, conversation.id, "   "),
        runtime.turns.say(kim, conversation.id, "hello"),
        runtime.turns.say(sam, "cnv_unknown", "hello"),
        runtime.turns.stop(kim, conversation.id),
        runtime.conversations.typing(kim, conversation.id, True),
    ):
        with pytest.raises((EmptyText, NotFound)):
            await refused
    await runtime.conversations.set_status(sam, conversation.id, ConversationStatus.ARCHIVED)
    with pytest.raises(Conflict):
        await runtime.turns.say(sam, conversation.id, "hello")
    assert await texts(runtime, sam, conversation) == ["Hello Sam."]


async def test_rates_and_full_lanes_are_refused(tmp_path: Path) -> None:
    async with open_runtime(tmp_path, rate=3, max_waiting=2) as runtime:
        sam = await runtime.person()
        conversation = await conversation_of(runtime, sam)
        await runtime.turns.say(sam, conversation.id, "/hang")
        await runtime.turns.say(sam, conversation.id, "/hang")
        with pytest.raises(Busy):
            await runtime.turns.say(sam, conversation.id, "/hang")
        await runtime.turns.stop(sam, conversation.id)
        await rest(runtime, conversation)
        await runtime.turns.say(sam, conversation.id, "/echo third")
        with pytest.raises(TooMany):
            await runtime.turns.say(sam, conversation.id, "/echo fourth")


async def test_a_door_that_goes_away_does_not_take_the_answer_with_it(runtime: Runtime) -> None:
    sam = await runtime.person()
    conversation = await conversation_of(runtime, sam)
    await answer(runtime, sam, conversation, "/echo first")
    saying = asyncio.ensure_future(runtime.turns.say(sam, conversation.id, "/echo still here"))
    await asyncio.sleep(0)
    saying.cancel()
    async with asyncio.timeout(20):
        while sum(isinstance(event, TurnCompleted) for event in runtime.heard) < 2:
            await asyncio.sleep(0)
    assert (await texts(runtime, sam, conversation))[-1] == "still here"


async def test_the_message_is_told_before_its_answer_begins(runtime: Runtime) -> None:
    sam = await runtime.person()
    conversation = await conversation_of(runtime, sam)
    await answer(runtime, sam, conversation, "/echo x")
    kinds = [type(event) for event in runtime.heard]
    added = [
        index
        for index, event in enumerate(runtime.heard)
        if isinstance(event, MessageAdded) and event.message.sender_type is SenderType.USER
    ]
    assert added[0] < kinds.index(TurnStarted) < kinds.index(TurnDelta) < kinds.index(TurnCompleted)
    turn_events = [event for event in runtime.heard if isinstance(event, TurnEvent)]
    assert isinstance(turn_events[-1], TurnCompleted)


async def test_turns_left_by_a_crash_are_answered_once_after_the_next_start(tmp_path: Path) -> None:
    async with open_runtime(tmp_path) as runtime:
        sam = await runtime.person()
        conversation = await conversation_of(runtime, sam)
        await runtime.turns.say(sam, conversation.id, "/hang")
        await runtime.turns.say(sam, conversation.id, "/echo after")
    async with open_runtime(tmp_path) as again:
        again.voice.model = ScriptedModel(SystemClock())
        again.voice.model._words = lambda *_: ["answered"]  # type: ignore[attr-defined]
        hung = again.turns.live(conversation.id)
        assert len(hung) == 2
        await again.turns.stop(sam, conversation.id, hung[0].turn_id)
        await rest(again, conversation)
        assert await texts(again, sam, conversation) == ["Hello Sam.", "/hang", "/echo after", "answered"]
    async with open_runtime(tmp_path) as third:
        assert third.turns.live(conversation.id) == ()


async def test_a_turn_whose_node_died_is_taken_over_when_its_lease_ends(tmp_path: Path) -> None:
    clock = ManualClock()
    rules = TurnRules(node="nod_dead", lease_seconds=30, flush_seconds=0)
    async with open_runtime(tmp_path, clock=clock, rules=rules) as dead:
        sam = await dead.person()
        conversation = await conversation_of(dead, sam)
        await dead.turns.say(sam, conversation.id, "/echo alive")
        await dead.watch.close()
        await dead.turns.queues.close()
        async with open_runtime(tmp_path, clock=clock, rules=replace(rules, node=new_node_id())) as other:
            other.watch._sole = False
            await rest(other, conversation)
        del other
        log = await dead.conversations.history(sam, conversation.id)
        assert [entry.message.content for entry in log.entries][-1] == "alive"


async def test_a_stall_is_told_once_and_the_turn_lives_on(tmp_path: Path) -> None:
    clock = ManualClock()
    rules = TurnRules(node=new_node_id(), stall_seconds=10, lease_seconds=1000)
    async with open_runtime(tmp_path, clock=clock, rules=rules) as runtime:
        sam = await runtime.person()
        conversation = await conversation_of(runtime, sam)
        await runtime.turns.say(sam, conversation.id, "/hang")
        async with asyncio.timeout(20):
            while not any(request.scope for request in runtime.turns.queues.all_requests()):
                await asyncio.sleep(0)
        await clock.advance(14)
        await settle()
        stalls = [event for event in runtime.heard if isinstance(event, TurnStalled)]
        assert [event.waited_ms >= 10_000 for event in stalls] == [True]
        await runtime.turns.stop(sam, conversation.id)
        await rest(runtime, conversation)


async def test_a_reply_is_not_given_up_because_the_disk_is_full_for_a_while(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    sam = await runtime.person()
    conversation = await conversation_of(runtime, sam)
    finish = runtime.record.messages.finish_together
    tries: list[Outcome] = []

    async def flaky(outcomes: Sequence[Outcome]) -> Sequence[Finished | None]:
        tries.extend(outcomes)
        if len(tries) < 3:
            raise StorageUnavailable
        return await finish(outcomes)

    monkeypatch.setattr(runtime.record.messages, "finish_together", flaky)
    monkeypatch.setattr(runtime.turns, "_rules", replace(runtime.turns._rules, retry_seconds=(0.0,)))
    events = await answer(runtime, sam, conversation, "/echo kept")
    assert isinstance(events[-1], TurnCompleted)
    assert len({outcome.reply_id for outcome in tries}) == 1
    assert (await texts(runtime, sam, conversation))[-1] == "kept"


async def test_deleting_a_conversation_ends_its_answers(runtime: Runtime) -> None:
    sam = await runtime.person()
    conversation = await conversation_of(runtime, sam)
    await runtime.turns.say(sam, conversation.id, "/hang")
    await runtime.conversations.set_status(sam, conversation.id, ConversationStatus.DELETED)
    await rest(runtime, conversation)
    with pytest.raises(NotFound):
        await runtime.conversations.get(sam, conversation.id)
    with pytest.raises(NotFound):
        await runtime.turns.say(sam, conversation.id, "anyone?")


async def test_a_message_edited_while_it_waits_is_answered_as_it_is_then(runtime: Runtime) -> None:
    sam = await runtime.person()
    conversation = await conversation_of(runtime, sam)
    await runtime.turns.say(sam, conversation.id, "/hang")
    waiting = await runtime.turns.say(sam, conversation.id, "/echo mistaken")
    await runtime.conversations.edit(sam, waiting.message.id, "/echo meant")
    await runtime.turns.stop(sam, conversation.id, runtime.turns.live(conversation.id)[0].turn_id)
    await rest(runtime, conversation)
    assert await texts(runtime, sam, conversation) == ["Hello Sam.", "/hang", "/echo meant", "meant"]


async def test_no_title_is_made_of_words_that_were_edited_away_while_they_were_answered(runtime: Runtime) -> None:
    sam = await runtime.person()
    conversation = await conversation_of(runtime, sam)
    said = await runtime.turns.say(sam, conversation.id, "/slow something private")
    async with asyncio.timeout(20):
        while not any(request.scope for request in runtime.turns.queues.all_requests()):
            await asyncio.sleep(0)
    await runtime.conversations.edit(sam, said.message.id, "something else")
    await runtime.turns.stop(sam, conversation.id)
    await rest(runtime, conversation)
    assert "private" not in (await runtime.conversations.get(sam, conversation.id))[0].title
    await answer(runtime, sam, conversation, "/echo A new beginning")
    assert (await runtime.conversations.get(sam, conversation.id))[0].title == "/echo A new beginning"


@pytest.mark.parametrize("change", ["edit", "delete"])
async def test_the_title_that_goes_with_a_message_is_told(runtime: Runtime, change: str) -> None:
    sam = await runtime.person()
    conversation = await conversation_of(runtime, sam)
    said = await runtime.turns.say(sam, conversation.id, "/echo something private")
    await rest(runtime, conversation)
    if change == "edit":
        await runtime.conversations.edit(sam, said.message.id, "something else")
    else:
        await runtime.conversations.delete(sam, said.message.id)
    told = [each for each in runtime.heard if isinstance(each, ConversationChanged)][-1].conversation
    assert told == (await runtime.conversations.get(sam, conversation.id))[0]
    assert told.title == ""


@pytest.mark.parametrize("change", ["go on", "delete", "forget"])
async def test_a_change_of_the_conversation_tells_the_end_of_the_answers_that_it_ends(
    runtime: Runtime, change: str
) -> None:
    sam = await runtime.person()
    conversation = await conversation_of(runtime, sam)
    async with asyncio.timeout(20), runtime.turns.saying(sam, conversation.id, "/hang") as (said, events):
        if change == "go on":
            assert conversation.head_id is not None
            await runtime.record.conversations.switch(
                conversation.id, sam.user_id, conversation.head_id, said.message.created_at
            )
            await runtime.turns.stop(sam, conversation.id)
        elif change == "delete":
            await runtime.conversations.set_status(sam, conversation.id, ConversationStatus.DELETED)
        else:
            await runtime.conversations.forget(sam, conversation.id)
        assert [type(event).__name__ async for event in events][-1] == "TurnStopped"
    changed = [each for each in runtime.heard if isinstance(each, ConversationChanged)][-1].conversation
    assert (changed.status is ConversationStatus.DELETED) == (change != "go on")


async def test_only_who_hears_it_makes_a_reply_delivered(runtime: Runtime) -> None:
    sam = await runtime.person()
    conversation = await conversation_of(runtime, sam)
    alone = (await answer(runtime, sam, conversation, "/echo a"))[-1]
    await runtime.presence.arrived(conversation.id, sam.user_id, conversation.user_ids)
    heard = (await answer(runtime, sam, conversation, "/echo b"))[-1]
    assert isinstance(alone, TurnCompleted)
    assert isinstance(heard, TurnCompleted)
    assert (alone.reply.delivered_at, heard.reply.delivered_at is not None) == (None, True)
