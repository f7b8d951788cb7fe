"""Nobody sees or touches what is another's: each method that takes a user, tried by a stranger."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from everkin.domain import ids
from everkin.domain.character import Persona
from everkin.domain.conversation import ConversationQuery
from everkin.domain.errors import NotFound
from everkin.domain.ids import Millis
from everkin.domain.turn import TurnState
from tests.contracts.record_scene import NODE, Scene

Attempt = Callable[[Scene, Any, Any], Awaitable[object]]

ATTEMPTS: dict[str, Attempt] = {
    "append": lambda s, c, m: s.record.messages.append(s.new("let me in", user=s.boris, client_id="k")),
    "again": lambda s, c, m: s.record.messages.again(m, s.boris.id, ids.new_turn_id(), NODE, Millis(9), s.now()),
    "edit": lambda s, c, m: s.record.messages.edit(m, s.boris.id, "mine now", s.now()),
    "delete message": lambda s, c, m: s.record.messages.delete(m, s.boris.id, s.now()),
    "mark_read": lambda s, c, m: s.record.messages.mark_read(c, s.boris.id, 9, s.now()),
    "mark_delivered": lambda s, c, m: s.record.messages.mark_delivered(c, s.boris.id, 9, s.now()),
    "get message": lambda s, c, m: s.record.messages.get(m, s.boris.id),
    "recent": lambda s, c, m: s.record.messages.recent(c, s.boris.id, 9),
    "page": lambda s, c, m: s.record.messages.page(c, s.boris.id, before=None, after=0, limit=9),
    "missed": lambda s, c, m: s.record.messages.missed(c, s.boris.id, 0, 0, 9),
    "get conversation": lambda s, c, m: s.record.conversations.get(c, s.boris.id),
    "unread": lambda s, c, m: s.record.conversations.unread(c, s.boris.id),
    "rename": lambda s, c, m: s.record.conversations.update(c, s.boris.id, s.now(), title="mine"),
    "delete conversation": lambda s, c, m: s.record.conversations.update(c, s.boris.id, s.now(), status="deleted"),
}


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS.keys())
async def test_a_stranger_finds_nothing_and_changes_nothing(scene: Scene, attempt: Attempt) -> None:
    asked = await scene.say("private", client_id="k")
    await scene.finish(asked.turns[0], "", TurnState.FAILED, error_code="model_error")
    before = await scene.record.messages.recent(scene.conversation.id, None, 9)
    with pytest.raises(NotFound) as foreign:
        await attempt(scene, scene.conversation.id, asked.message.id)
    scene.conversation = replace(scene.conversation, id=ids.ConversationId("cnv_none"))
    with pytest.raises(NotFound) as unknown:
        await attempt(scene, scene.conversation.id, ids.MessageId("msg_none"))
    assert foreign.value.sentence == unknown.value.sentence, "foreign and unknown cannot be told apart"
    assert await scene.record.messages.recent(before.conversation.id, None, 9) == before


async def test_lists_hold_only_ones_own(scene: Scene) -> None:
    await scene.exchange("private")
    page = await scene.record.conversations.find(scene.boris.id, ConversationQuery())
    assert (page.items, page.next_cursor) == ((), None)
    theirs = await scene.begin(user=scene.boris)
    page = await scene.record.conversations.find(scene.boris.id, ConversationQuery(text="ada"))
    assert [each.id for each in page.items] == [theirs.id]


async def test_a_strangers_character_is_not_there(scene: Scene) -> None:
    characters = scene.record.characters
    mine = await characters.create(ids.new_character_id(), "mine", scene.anna.id, Persona("Mine"), scene.now())
    assert [each.name for each in await characters.find(scene.anna.id)] == ["Ada", "Mine"]
    assert [each.name for each in await characters.find(scene.boris.id)] == ["Ada"]
    for name in (mine.id, mine.slug):
        with pytest.raises(NotFound):
            await characters.get(name, scene.boris.id)
    with pytest.raises(NotFound):
        await characters.update(mine.id, scene.boris.id, Persona("Stolen"), scene.now())
    with pytest.raises(NotFound):
        await characters.update(mine.id, None, Persona("Seeded"), scene.now())
    with pytest.raises(NotFound):
        await characters.delete(mine.id, scene.boris.id, scene.now())
    assert await characters.get(mine.id, scene.anna.id) == mine
