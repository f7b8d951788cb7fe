"""Conversations: begun, found, changed, put away, deleted."""

import pytest

from everkin.domain import ids
from everkin.domain.character import Persona
from everkin.domain.conversation import ConversationQuery, ConversationStatus
from everkin.domain.errors import Conflict, Invalid, NotFound
from everkin.domain.turn import TurnState
from everkin.storage.sql import tables
from tests.contracts.record_scene import Scene


async def test_a_greeting_is_the_first_message(scene: Scene) -> None:
    conversation = await scene.begin(greeting="Welcome,\nAnna")
    assert conversation == await scene.record.conversations.get(conversation.id, scene.anna.id)
    assert (conversation.last_seq, conversation.message_count) == (1, 1)
    assert conversation.last_message_preview == "Welcome, Anna"
    log = await scene.record.messages.recent(conversation.id, scene.anna.id, 5)
    greeting = log.entries[0].message
    assert (greeting.id, greeting.seq, greeting.sender_id) == (conversation.head_id, 1, scene.ada.id)
    said = await scene.say(conversation=conversation)
    assert (said.message.seq, said.message.parent_id) == (2, greeting.id)


async def test_only_characters_one_may_see_take_part(scene: Scene) -> None:
    secret = await scene.record.characters.create(
        ids.new_character_id(), "secret", scene.boris.id, Persona("Secret"), scene.now()
    )
    gone = await scene.record.characters.create(ids.new_character_id(), "gone", None, Persona("Gone"), scene.now())
    await scene.record.characters.delete(gone.id, scene.anna.id, scene.now())
    for character_id in (secret.id, gone.id, ids.CharacterId("chr_none")):
        new_id = ids.new_conversation_id()
        with pytest.raises(NotFound):
            await scene.record.conversations.create(
                new_id, scene.anna.id, [scene.ada.id, character_id], [scene.anna.id], "", None, scene.now()
            )
        with pytest.raises(NotFound):
            await scene.record.conversations.get(new_id, None)


async def test_participants_are_kept_in_both_places(scene: Scene) -> None:
    def members(connection):  # type: ignore[no-untyped-def]
        return set(connection.execute(tables.participants.select()).columns("conversation_id", "member_id"))

    here = scene.conversation
    kept = await scene.record.database.read(members)
    assert kept == {(here.id, scene.anna.id), (here.id, scene.ada.id)}
    assert (here.user_ids, here.character_ids) == ((scene.anna.id,), (scene.ada.id,))


async def test_newest_first_and_page_by_page(scene: Scene) -> None:
    begun = [scene.conversation, *[await scene.begin() for _ in range(6)]]
    await scene.say(conversation=begun[2])
    await scene.exchange(conversation=begun[0])
    expected = [begun[0].id, begun[2].id, *(begun[place].id for place in (6, 5, 4, 3, 1))]

    first = await scene.record.conversations.find(scene.anna.id, ConversationQuery(limit=2))
    assert first.unread == (1, 0)
    await scene.say(conversation=begun[5])  # it moves to the top: the later pages are not disturbed
    expected.remove(begun[5].id)
    pages = [first]
    while (cursor := pages[-1].next_cursor) is not None:
        pages.append(await scene.record.conversations.find(scene.anna.id, ConversationQuery(limit=2, cursor=cursor)))
    assert [[each.id for each in page.items] for page in pages] == [expected[:2], expected[2:4], expected[4:]]


@pytest.mark.parametrize("cursor", ["x", "%%%", "bm90IG91cnM=", "é", ""])
async def test_a_broken_cursor_is_said_to_be_one(scene: Scene, cursor: str) -> None:
    with pytest.raises(Invalid) as refused:
        await scene.record.conversations.find(scene.anna.id, ConversationQuery(cursor=cursor))
    assert refused.value.field == "cursor"


async def test_search_in_titles_and_names(scene: Scene) -> None:
    titles = ["Über den Fluss", "100% sure", "snake_case", "back\\slash", "nothing"]
    begun = {title: (await scene.begin(title=title)).id for title in titles}

    async def search(text: str) -> set[str]:
        page = await scene.record.conversations.find(scene.anna.id, ConversationQuery(text=text))
        return {each.id for each in page.items}

    assert await search("ÜBER") == {begun["Über den Fluss"]}
    assert await search("%") == {begun["100% sure"]}
    assert await search("_") == {begun["snake_case"]}
    assert await search("\\") == {begun["back\\slash"]}
    assert len(await search("aDa")) == 6, "the character's name"
    assert await search("nobody") == set()
    renamed = Persona("Grace")
    await scene.record.characters.update(scene.ada.id, None, renamed, scene.now())
    assert len(await search("grace")) == 6


async def test_filters_by_status_and_character(scene: Scene) -> None:
    other = await scene.record.characters.create(ids.new_character_id(), "b", None, Persona("B"), scene.now())
    with_other = await scene.record.conversations.create(
        ids.new_conversation_id(), scene.anna.id, [other.id], [scene.anna.id], "", None, scene.now()
    )
    archived, deleted = await scene.begin(), await scene.begin()
    await scene.record.conversations.update(archived.id, scene.anna.id, scene.now(), status="archived")
    await scene.record.conversations.update(deleted.id, scene.anna.id, scene.now(), status="deleted")

    async def find(**query: object) -> set[str]:
        page = await scene.record.conversations.find(scene.anna.id, ConversationQuery(**query))  # type: ignore[arg-type]
        return {each.id for each in page.items}

    assert await find() == {scene.conversation.id, with_other.id}
    assert await find(status=ConversationStatus.ARCHIVED) == {archived.id}
    assert await find(status=None) == {scene.conversation.id, with_other.id, archived.id}
    assert await find(status=ConversationStatus.DELETED) == set()
    assert await find(character_id=other.id) == {with_other.id}


async def test_changes_are_kept(scene: Scene) -> None:
    here, anna, conversations = scene.conversation.id, scene.anna.id, scene.record.conversations
    named = await conversations.update(here, anna, scene.now(), title="Ours", metadata={"mood": "calm"})
    assert (named.title, named.custom_title, named.metadata) == ("Ours", True, {"mood": "calm"})
    assert named.revision == scene.conversation.revision + 1
    assert named == await conversations.get(here, anna)
    unnamed = await conversations.update(here, anna, scene.now(), title="")
    assert (unnamed.title, unnamed.custom_title, unnamed.metadata) == ("", False, {"mood": "calm"})
    with pytest.raises(Invalid):
        await conversations.update(here, anna, scene.now(), title="x" * 201)
    with pytest.raises(Invalid):
        await conversations.update(here, anna, scene.now(), status="lost")


async def test_deleted_is_for_good_and_stops_what_waits(scene: Scene) -> None:
    here, anna, record = scene.conversation.id, scene.anna.id, scene.record
    asked = await scene.say(client_id="k")
    deleted = await record.conversations.update(here, anna, scene.now(), status="deleted")
    assert deleted.status is ConversationStatus.DELETED
    assert await record.turns.pending(None, scene.now()) == []

    def states(connection):  # type: ignore[no-untyped-def]
        return connection.execute(tables.turns.select()).columns("state").scalars().all()

    assert await record.database.read(states) == [TurnState.STOPPED.value]
    for refused in (
        lambda: record.conversations.get(here, anna),
        lambda: record.conversations.get(here, None),
        lambda: record.conversations.update(here, anna, scene.now(), status="active"),
        lambda: record.messages.recent(here, None, 5),
        lambda: record.messages.get(asked.message.id, anna),
        lambda: record.messages.append(scene.new(client_id="k")),
        lambda: record.messages.edit(asked.message.id, anna, "x", scene.now()),
        lambda: record.messages.mark_read(here, anna, 1, scene.now()),
    ):
        with pytest.raises(NotFound):
            await refused()


async def test_the_same_id_twice_is_a_conflict(scene: Scene) -> None:
    with pytest.raises(Conflict):
        await scene.record.conversations.create(
            scene.conversation.id, scene.anna.id, [scene.ada.id], [scene.anna.id], "", None, scene.now()
        )
