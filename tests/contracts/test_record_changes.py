"""Editing, deleting, receipts and what is unread."""

import pytest

from everkin.domain.errors import Conflict, Forbidden
from everkin.domain.message import MessageStatus
from everkin.domain.turn import TurnState
from tests.contracts.record_scene import Scene, person


async def test_own_and_the_characters_words_may_be_edited(scene: Scene) -> None:
    finished = await scene.exchange("helo")
    assert finished.reply is not None
    edited = await scene.record.messages.edit(finished.message.id, scene.anna.id, "hello", scene.now())
    assert (edited.message.content, edited.message.edited_at) == ("hello", edited.conversation.updated_at)
    assert edited.message.revision == edited.conversation.revision == finished.conversation.revision + 1
    assert edited.turns == (finished.turn,)
    theirs = await scene.record.messages.edit(finished.reply.id, scene.anna.id, "better", scene.now())
    assert theirs.conversation.last_message_preview == "better"
    entry, _ = await scene.record.messages.get(finished.reply.id, scene.anna.id)
    assert entry.message == theirs.message


async def test_another_persons_words_may_not(scene: Scene) -> None:
    carla = await scene.record.users.create(person("carla"))
    shared = await scene.record.conversations.create(
        scene.conversation.id.__class__("cnv_shared"),
        scene.anna.id,
        [scene.ada.id],
        [scene.anna.id, carla.id],
        "",
        None,
        scene.now(),
    )
    said = await scene.say("mine", conversation=shared)
    with pytest.raises(Forbidden):
        await scene.record.messages.edit(said.message.id, carla.id, "changed", scene.now())
    with pytest.raises(Forbidden):
        await scene.record.messages.delete(said.message.id, carla.id, scene.now())
    with pytest.raises(Forbidden):
        await scene.record.conversations.update(shared.id, carla.id, scene.now(), status="deleted")
    assert (await scene.say("I am in it too", conversation=shared, user=carla)).message.seq == 2


async def test_deleting_blanks_the_row_and_keeps_its_place(scene: Scene) -> None:
    await scene.say("first")
    asked = await scene.say("secret", metadata={"mood": "sad"})
    await scene.finish(asked.turns[0], "secret half", TurnState.FAILED, error_code="model_broken")
    before = await scene.fresh()
    gone = await scene.record.messages.delete(asked.message.id, scene.anna.id, scene.now())
    assert (gone.message.content, gone.message.metadata, gone.message.seq) == ("", {}, 2)
    assert gone.message.deleted_at == gone.conversation.updated_at
    assert [turn.partial for turn in gone.turns] == [""]
    assert gone.conversation.revision == gone.message.revision == before.revision + 1
    assert (gone.conversation.last_seq, gone.conversation.message_count) == (2, 1)
    assert gone.conversation.last_message_preview == "first"

    twice = await scene.record.messages.delete(asked.message.id, scene.anna.id, scene.now())
    assert (twice.message, twice.conversation) == (gone.message, gone.conversation)
    with pytest.raises(Conflict):
        await scene.record.messages.edit(asked.message.id, scene.anna.id, "back", scene.now())
    assert (await scene.say("third")).message.seq == 3


async def test_reading_marks_the_others_messages(scene: Scene) -> None:
    conversation = await scene.begin(greeting="Welcome")
    finished = await scene.exchange("Hi", conversation=conversation)
    assert await scene.record.conversations.unread(conversation.id, scene.anna.id) == 2

    before = await scene.fresh(conversation)
    at = scene.now()
    read = await scene.record.messages.mark_read(conversation.id, scene.anna.id, 1, at)
    assert read.revision == before.revision + 1
    assert await scene.record.conversations.unread(conversation.id, scene.anna.id) == 1
    log = await scene.record.messages.recent(conversation.id, None, 10)
    greeting, mine, reply = [entry.message for entry in log.entries]
    assert (greeting.status, greeting.read_at, greeting.delivered_at) == (MessageStatus.READ, at, at)
    assert (greeting.revision, mine.read_at) == (read.revision, finished.turn.ended_at)
    assert (reply.status, reply.revision) == (MessageStatus.SENT, before.revision)

    same = await scene.record.messages.mark_read(conversation.id, scene.anna.id, 2, scene.now())
    assert same.revision == read.revision, "her own message lies between; nothing changed"
    beyond = await scene.record.messages.mark_read(conversation.id, scene.anna.id, 10_000, scene.now())
    assert beyond.revision == read.revision + 1
    await scene.exchange("More", conversation=conversation)
    assert await scene.record.conversations.unread(conversation.id, scene.anna.id) == 1, "what came later is unread"


async def test_delivery_comes_before_reading_and_never_after(scene: Scene) -> None:
    finished = await scene.exchange()
    here, anna = scene.conversation.id, scene.anna.id
    at = scene.now()
    delivered = await scene.record.messages.mark_delivered(here, anna, 2, at)
    assert delivered.revision == finished.conversation.revision + 1
    assert (await scene.record.messages.mark_delivered(here, anna, 2, scene.now())).revision == delivered.revision
    assert await scene.record.conversations.unread(here, anna) == 1, "delivered is not read"
    read = await scene.record.messages.mark_read(here, anna, 2, scene.now())
    assert (await scene.record.messages.mark_delivered(here, anna, 2, scene.now())).revision == read.revision
    assert finished.reply is not None
    entry, _ = await scene.record.messages.get(finished.reply.id, anna)
    assert (entry.message.status, entry.message.delivered_at) == (MessageStatus.READ, at)


async def test_a_deleted_message_is_not_unread(scene: Scene) -> None:
    finished = await scene.exchange()
    assert finished.reply is not None
    assert await scene.record.conversations.unread(scene.conversation.id, scene.anna.id) == 1
    await scene.record.messages.delete(finished.reply.id, scene.anna.id, scene.now())
    assert await scene.record.conversations.unread(scene.conversation.id, scene.anna.id) == 0
