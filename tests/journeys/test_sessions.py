"""Live sessions: near while somebody is active, gone from memory when nobody is, never gone from the record."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from everkin.domain.conversation import ConversationStatus
from everkin.domain.errors import NotFound
from everkin.domain.record import Log
from everkin.history.log_cache import RESTING_BYTES
from everkin.kit.clock import SystemClock
from everkin.llm.providers.scripted import ScriptedModel
from tests.journeys.session_house import MINUTE, SessionHouse, eventually, open_session_house


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[SessionHouse]:
    async with open_session_house(tmp_path) as opened:
        yield opened


async def test_a_session_lives_from_the_first_word_until_half_an_hour_after_the_last(house: SessionHouse) -> None:
    sam, kim = await house.runtime.person("Sam"), await house.runtime.person("Kim")
    chat = await house.begin(sam)
    await house.say(sam, chat, "/echo here")
    assert [each.conversation.id for each in await house.sessions.active(sam)] == [chat.id]
    assert await house.sessions.active(kim) == []
    await house.clock.advance(29 * MINUTE)
    assert await house.sessions.sweep() == 0
    await house.runtime.conversations.typing(sam, chat.id, True)
    await house.clock.advance(29 * MINUTE)
    assert await house.sessions.sweep() == 0, "typing kept it alive"
    await house.clock.advance(2 * MINUTE)
    assert await house.sessions.sweep() == 1
    assert await house.sessions.active(sam) == []
    assert house.sessions.house().awake == house.sessions.house().resting == 0
    assert house.sessions.house().unsaved == 0
    assert await house.texts(sam, chat) == ["Hello Sam.", "/echo here", "here"]


async def test_whoever_comes_back_resumes_where_they_left_off(house: SessionHouse) -> None:
    sam = await house.runtime.person()
    chat = await house.begin(sam)
    await house.say(sam, chat, "/echo the lamp")
    before = await house.logs.get(chat.id)
    await house.clock.advance(31 * MINUTE)
    assert await house.sessions.sweep() == 1
    assert house.logs.peek(chat.id) is None
    assert await house.sessions.resume(sam, chat.id) == before
    assert len(await house.sessions.active(sam)) == 1


async def test_the_copy_rests_in_a_few_kilobytes_and_wakes_whole(house: SessionHouse) -> None:
    sam = await house.runtime.person()
    chat = await house.begin(sam)
    for number in range(6):
        await house.say(sam, chat, f"/echo number {number}, and a kettle that begins to sing")
    whole = await house.logs.get(chat.id)
    await house.logs.rest()
    assert await house.logs.rest() == 1
    assert (house.logs.awake, house.logs.resting) == (0, 1)
    assert len(house.logs._resting[chat.id].packed) < RESTING_BYTES
    assert house.logs.peek(chat.id) == whole
    assert house.logs.resting == 1, "looking wakes nothing"
    await house.say(sam, chat, "/echo awake again")
    assert house.logs.resting == 0
    again = await house.logs.get(chat.id)
    fresh = await house.runtime.record.messages.recent(chat.id, None, 24)
    assert again == fresh


async def test_what_another_node_wrote_while_it_rested_is_found(house: SessionHouse) -> None:
    sam = await house.runtime.person()
    chat = await house.begin(sam)
    await house.say(sam, chat, "/echo one")
    await house.logs.rest()
    await house.logs.rest()
    entry = (await house.runtime.conversations.history(sam, chat.id)).entries[-1]
    await house.runtime.record.messages.edit(entry.message.id, sam.user_id, "uno", house.clock.now())
    await house.say(sam, chat, "/echo two")
    log = await house.logs.get(chat.id)
    assert [each.message.content for each in log.entries] == ["Hello Sam.", "/echo one", "uno", "/echo two", "two"]


async def test_a_log_too_large_to_rest_is_let_go_and_read_again(house: SessionHouse) -> None:
    sam = await house.runtime.person()
    chat = await house.begin(sam, first_message="".join(chr(0x4E00 + number * 7 % 20_000) for number in range(4_000)))
    await house.say(sam, chat, "/echo here")
    await house.logs.rest()
    await house.logs.rest()
    assert (house.logs.awake, house.logs.resting) == (0, 0)
    assert len((await house.logs.get(chat.id)).entries) == 3


async def test_a_conversation_that_waits_for_an_answer_does_not_rest(house: SessionHouse) -> None:
    sam = await house.runtime.person()
    chat = await house.begin(sam)
    await house.runtime.turns.say(sam, chat.id, "/hang")
    await house.logs.rest()
    assert await house.logs.rest() == 0
    await house.clock.advance(31 * MINUTE)
    assert await house.sessions.sweep() == 0, "somebody is still being answered"


async def test_stats_say_who_spoke_and_how_it_stands(house: SessionHouse) -> None:
    sam, kim = await house.runtime.person("Sam"), await house.runtime.person("Kim")
    chat = await house.begin(sam)
    character = chat.character_ids[0]
    fresh = await house.sessions.stats(sam, chat.id)
    assert (fresh.emotion, fresh.messages, fresh.model) == (None, {character: 1}, "Scripted")
    await house.say(sam, chat, "I'm SO happy today!!! 😄")
    await house.runtime.turns.say(sam, chat.id, "/hang")
    await house.runtime.turns.say(sam, chat.id, "I hate this, I am so angry with you!!")
    await eventually(lambda: any(turn.started for turn in house.runtime.turns.live(chat.id)))
    stats = await house.sessions.stats(sam, chat.id)
    assert stats.messages == {character: 2, sam.user_id: 3}
    assert stats.emotion == "angry"
    assert 0 <= stats.intensity <= 1
    assert (stats.active_requests, stats.queue_size, stats.cache_size, stats.live) == (1, 1, 5, True)
    assert stats.last_activity == house.clock.now()
    with pytest.raises(NotFound):
        await house.sessions.stats(kim, chat.id)


async def test_looking_at_stats_keeps_nothing_alive(house: SessionHouse) -> None:
    sam = await house.runtime.person()
    chat = await house.begin(sam)
    await house.clock.advance(31 * MINUTE)
    await house.sessions.stats(sam, chat.id)
    assert await house.sessions.sweep() == 1
    gone = await house.sessions.stats(sam, chat.id)
    assert (gone.live, gone.last_activity, gone.cache_size) == (False, None, 0)


async def test_clearing_stops_answers_and_keeps_what_was_said(house: SessionHouse) -> None:
    sam, kim = await house.runtime.person("Sam"), await house.runtime.person("Kim")
    house.runtime.voice.model = ScriptedModel(SystemClock(), pace=200.0)
    chat = await house.begin(sam)
    await house.runtime.turns.say(sam, chat.id, "/long 5000")
    await eventually(lambda: any(turn.text for turn in house.runtime.turns.live(chat.id)))
    with pytest.raises(NotFound):
        await house.sessions.clear(kim, chat.id)
    assert await house.sessions.clear(sam, chat.id) == 1
    await eventually(lambda: not house.runtime.turns.live(chat.id))
    assert await house.sessions.active(sam) == []
    assert house.logs.peek(chat.id) is None
    texts = await house.texts(sam, chat)
    assert texts[:2] == ["Hello Sam.", "/long 5000"]
    assert len(texts) == 3, "what had been said is kept"


async def test_a_conversation_that_is_put_away_is_no_session(house: SessionHouse) -> None:
    sam = await house.runtime.person()
    chat = await house.begin(sam)
    await house.runtime.conversations.set_status(sam, chat.id, ConversationStatus.ARCHIVED)
    assert await house.sessions.active(sam) == []
    await house.open(sam, chat)
    assert await house.sessions.active(sam) == []


async def test_a_copy_ahead_of_the_record_is_never_let_go(house: SessionHouse) -> None:
    """It cannot come about; if it did, this is what would tell."""
    from dataclasses import replace

    sam = await house.runtime.person()
    chat = await house.begin(sam)
    log = await house.logs.get(chat.id)
    house.logs._store(Log(replace(log.conversation, revision=99), log.entries))
    await house.clock.advance(31 * MINUTE)
    assert await house.sessions.sweep() == 0
    assert house.sessions.house().unsaved == 1
    assert house.logs.peek(chat.id) is not None


async def test_resting_and_sweeping_happen_by_themselves(house: SessionHouse) -> None:
    sam = await house.runtime.person()
    chat = await house.begin(sam)
    await house.say(sam, chat, "/echo here")
    house.sessions.open()
    await house.clock.advance(3 * MINUTE)
    await eventually(lambda: house.logs.resting == 1)
    await house.clock.advance(40 * MINUTE)
    await eventually(lambda: house.sessions.house().live == 0)
    assert house.logs.awake == house.logs.resting == 0
