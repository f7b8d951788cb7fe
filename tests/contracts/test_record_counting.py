"""Figures about conversations, and a character's word that answers nothing."""

import pytest

from everkin.domain import ids
from everkin.domain.conversation import ConversationStatus
from everkin.domain.errors import NotFound
from everkin.domain.ids import ConversationId, Millis
from everkin.domain.message import SenderType
from everkin.domain.record import Greeting
from tests.contracts.record_scene import Scene


def word(scene: Scene, after_seq: int, content: str = "There you are.") -> Greeting:
    return Greeting(
        ids.new_message_id(), scene.conversation.id, scene.ada.id, content, after_seq, Millis(5_000), delivered=True
    )


async def test_messages_are_counted_by_sender_without_deleted_ones(scene: Scene) -> None:
    first = await scene.record.messages.append(scene.new("one"))
    await scene.record.messages.append(scene.new("two"))
    await scene.record.messages.delete(first.message.id, scene.anna.id, scene.now())
    assert await scene.record.counting.by_sender(scene.conversation.id, scene.anna.id) == {scene.anna.id: 1}
    with pytest.raises(NotFound):
        await scene.record.counting.by_sender(scene.conversation.id, scene.boris.id)


async def test_revisions_of_many_are_told_at_once(scene: Scene) -> None:
    other = await scene.begin()
    said = await scene.record.messages.append(scene.new())
    unknown = [ConversationId(f"cnv_{number}") for number in range(1_200)]
    asked = [*unknown, scene.conversation.id, other.id]
    assert await scene.record.counting.revisions(asked) == {
        scene.conversation.id: said.conversation.revision,
        other.id: 1,
    }
    assert await scene.record.counting.revisions([]) == {}


async def test_a_greeting_is_a_message_of_the_character(scene: Scene) -> None:
    await scene.record.messages.append(scene.new())
    said = await scene.record.greetings.add(word(scene, after_seq=1))
    assert said is not None
    assert (said.message.seq, said.message.sender_type, said.message.content) == (
        2,
        SenderType.CHARACTER,
        "There you are.",
    )
    read = await scene.record.messages.recent(scene.conversation.id, scene.anna.id, 10)
    assert read.entries[-1].message == said.message
    assert read.conversation == said.conversation
    assert await scene.record.conversations.unread(scene.conversation.id, scene.anna.id) == 1


async def test_a_greeting_that_comes_too_late_is_not_said(scene: Scene) -> None:
    await scene.record.messages.append(scene.new())
    assert await scene.record.greetings.add(word(scene, after_seq=0)) is None
    await scene.record.conversations.update(
        scene.conversation.id, scene.anna.id, scene.now(), status=ConversationStatus.ARCHIVED.value
    )
    assert await scene.record.greetings.add(word(scene, after_seq=1)) is None
    log = await scene.record.messages.recent(scene.conversation.id, scene.anna.id, 10)
    assert len(log.entries) == 1
