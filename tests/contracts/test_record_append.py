"""Messages enter the log: in order, once each, and never one at another's cost."""

import asyncio

import pytest

from everkin.domain.caller import User
from everkin.domain.conversation import ConversationStatus
from everkin.domain.errors import Conflict, EverkinError, Invalid, KeyReused, NotFound
from everkin.domain.ids import ConversationId
from everkin.domain.message import MessageStatus, MessageType, SenderType
from everkin.domain.record import Appended, SentMessage
from everkin.domain.turn import TurnState
from tests.contracts.record_scene import Scene


async def test_a_message_comes_back_as_it_is_kept(scene: Scene) -> None:
    new = scene.new("  Hello,\n\n Ada ", client_id="k1", metadata={"mood": "happy", "level": 0.5})
    appended = await scene.record.messages.append(new)

    message = appended.message
    assert (message.content, message.seq, message.parent_id) == ("  Hello,\n\n Ada ", 1, None)
    assert (message.sender_type, message.sender_id) == (SenderType.USER, scene.anna.id)
    assert (message.status, message.delivered_at, message.read_at) == (MessageStatus.DELIVERED, new.at, None)
    assert [(turn.state, turn.attempt, turn.owner) for turn in appended.turns] == [(TurnState.PENDING, 1, new.owner)]

    entry, conversation = await scene.record.messages.get(message.id, scene.anna.id)
    assert (entry.message, entry.turns, conversation) == (message, appended.turns, appended.conversation)
    assert conversation.head_id == message.id
    assert conversation.last_message_preview == "Hello, Ada"
    assert (conversation.last_seq, conversation.message_count, conversation.last_message_at) == (1, 1, new.at)
    assert conversation.revision == message.revision == scene.conversation.revision + 1


async def test_seq_has_no_gaps_when_a_hundred_write_at_once(scene: Scene) -> None:
    conversations = [scene.conversation, *[await scene.begin() for _ in range(4)]]
    async with asyncio.timeout(30):
        appended = await asyncio.gather(
            *(scene.say(f"{number}", conversation=conversations[number % 5]) for number in range(100))
        )
    for conversation in conversations:
        mine = [each.message for each in appended if each.message.conversation_id == conversation.id]
        assert [message.seq for message in mine] == list(range(1, 21)), "the order they were sent in"
        log = await scene.record.messages.recent(conversation.id, None, 50)
        assert [entry.message for entry in log.entries] == mine
        parents = [None, *(message.id for message in mine)]
        assert [message.parent_id for message in mine] == parents[:-1]
        assert log.conversation.last_seq == log.conversation.message_count == 20


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "👩‍👩‍👧‍👦🏳️‍🌈 family",
        "שלום עולם مرحبا",
        "e\u0301 is not \u00e9; \u202eright to left\u202c",
        "'; DROP TABLE messages; -- \" \\ \t\r\n $1 %s {rows} :name ?",
        "\u2028\u2029\ufeff\u200b\x01\x7f",
        "𝒳" * 2000,
    ],
)
async def test_text_is_kept_byte_for_byte(scene: Scene, text: str) -> None:
    appended = await scene.say(text, metadata={"note": text})
    finished = await scene.finish(appended.turns[0], text)
    log = await scene.record.messages.recent(scene.conversation.id, scene.anna.id, 10)
    assert finished is not None
    assert [entry.message.content for entry in log.entries] == [text, text]
    assert log.entries[0].message.metadata == {"note": text}
    preview = log.conversation.last_message_preview
    assert len(preview) <= 160
    assert "\n" not in preview


async def test_the_same_key_is_the_same_message_for_ever(scene: Scene) -> None:
    first = await scene.say("once", client_id="k")
    await scene.finish(first.turns[0])
    again = await scene.say("once", client_id="k")
    assert again.duplicate
    assert again.message.id == first.message.id
    assert [turn.state for turn in again.turns] == [TurnState.COMPLETED], "how it stands by now"
    assert (await scene.fresh()).last_seq == 2


async def test_the_same_key_twice_in_one_breath(scene: Scene) -> None:
    news = [scene.new("same", client_id="k") for _ in range(5)]
    async with asyncio.timeout(30):
        results = await asyncio.gather(*(scene.record.messages.append(new) for new in news))
    assert sorted(each.duplicate for each in results) == [False, True, True, True, True]
    assert len({each.message.id for each in results}) == 1
    assert len({each.turns[0].id for each in results}) == 1
    assert (await scene.fresh()).last_seq == 1


async def test_a_key_with_another_body_is_refused(scene: Scene) -> None:
    await scene.say("one", client_id="k")
    with pytest.raises(KeyReused):
        await scene.say("two", client_id="k")
    elsewhere = await scene.begin()
    assert not (await scene.say("two", client_id="k", conversation=elsewhere)).duplicate, "keys are a conversation's"
    mine, theirs = scene.new("a", client_id="x"), scene.new("b", client_id="x")
    results = await _all(scene, mine, theirs)
    assert isinstance(results[0], Appended)
    assert isinstance(results[1], KeyReused)


async def test_a_key_outlives_edit_and_deletion(scene: Scene) -> None:
    message = (await scene.say("first words", client_id="k")).message
    await scene.record.messages.edit(message.id, scene.anna.id, "better words", scene.now())
    assert (await scene.say("first words", client_id="k")).duplicate
    await scene.record.messages.delete(message.id, scene.anna.id, scene.now())
    assert (await scene.say("first words", client_id="k")).duplicate
    assert (await scene.fresh()).last_seq == 1


async def test_what_a_key_stands_for_is_found_by_who_sent_it(scene: Scene) -> None:
    messages, here = scene.record.messages, scene.conversation.id

    def sent(content: str, key: str = "k", user: User | None = None) -> SentMessage:
        return SentMessage(here, (user or scene.anna).id, content, MessageType.TEXT, key)

    first = await scene.say("once", client_id="k")
    found = await messages.find_sent(sent("once"))
    assert found is not None
    assert (found.message, found.turns, found.duplicate) == (first.message, first.turns, True)
    assert found.conversation == await scene.fresh()
    assert await messages.find_sent(sent("once", "another")) is None
    with pytest.raises(KeyReused):
        await messages.find_sent(sent("twice"))
    with pytest.raises(NotFound):
        await messages.find_sent(sent("once", user=scene.boris))
    await messages.edit(first.message.id, scene.anna.id, "better", scene.now())
    edited = await messages.find_sent(sent("once"))
    assert edited is not None
    assert edited.message.content == "better"
    await scene.record.conversations.update(here, scene.anna.id, scene.now(), status=ConversationStatus.DELETED)
    with pytest.raises(NotFound):
        await messages.find_sent(sent("once"))


async def test_one_refusal_does_not_disturb_the_others(scene: Scene) -> None:
    archived = await scene.begin()
    await scene.record.conversations.update(archived.id, scene.anna.id, scene.now(), status="archived")
    unknown = scene.new()
    object.__setattr__(unknown, "conversation_id", ConversationId("cnv_none"))
    results = await _all(
        scene,
        scene.new("a"),
        scene.new("foreign", user=scene.boris),
        scene.new("archived", conversation=archived),
        unknown,
        scene.new("long key", client_id="k" * 65),
        scene.new("b"),
    )
    kinds = [type(each) for each in results]
    assert kinds == [Appended, NotFound, Conflict, NotFound, Invalid, Appended]
    log = await scene.record.messages.recent(scene.conversation.id, None, 10)
    assert [entry.message.content for entry in log.entries] == ["a", "b"]
    assert [entry.message.seq for entry in log.entries] == [1, 2]


async def test_what_the_database_cannot_store_hurts_nobody_else(scene: Scene) -> None:
    results = await _all(scene, scene.new("a"), scene.new("broken \ud800 surrogate"), scene.new("b"))
    assert [type(each) for each in results] == [Appended, Invalid, Appended]
    log = await scene.record.messages.recent(scene.conversation.id, None, 10)
    assert [(entry.message.seq, entry.message.content) for entry in log.entries] == [(1, "a"), (2, "b")]


async def test_an_archived_conversation_says_how_to_go_on(scene: Scene) -> None:
    here = scene.conversation.id
    first = await scene.say("before", client_id="k")
    await scene.record.conversations.update(here, scene.anna.id, scene.now(), status=ConversationStatus.ARCHIVED)
    with pytest.raises(Conflict, match="Restore it"):
        await scene.say("more")
    assert (await scene.say("before", client_id="k")).message.id == first.message.id
    await scene.record.conversations.update(here, scene.anna.id, scene.now(), status=ConversationStatus.ACTIVE)
    assert (await scene.say("more")).message.seq == 2


async def test_a_caller_who_leaves_does_not_take_the_others_along(scene: Scene) -> None:
    tasks = [asyncio.create_task(scene.say(f"{number}")) for number in range(10)]
    await asyncio.sleep(0)
    tasks[3].cancel()
    async with asyncio.timeout(30):
        results = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(results[3], asyncio.CancelledError)
    assert sum(isinstance(each, Appended) for each in results) == 9


async def _all(scene: Scene, *news: object) -> list[Appended | BaseException]:
    """Together, so that they share a batch."""
    async with asyncio.timeout(30):
        results = await asyncio.gather(
            *(scene.record.messages.append(new) for new in news),  # type: ignore[arg-type]
            return_exceptions=True,
        )
    assert all(isinstance(each, Appended | EverkinError) for each in results), results
    return results
