"""Branches and absences: what stands aside is not remembered, and a character knows only what it witnessed."""

import pytest

from everkin.domain import ids
from everkin.domain.character import Persona
from everkin.domain.errors import Conflict, NotFound
from everkin.domain.memory import MemoryKind, Pair
from everkin.domain.turn import TurnState
from everkin.domain.witnesses import witnesses
from tests.contracts.memory_scene import Remembering
from tests.contracts.record_scene import Scene


async def test_what_stands_aside_is_neither_shown_nor_remembered(scene: Scene) -> None:
    jobs = Remembering(scene)
    first = (await scene.exchange("I live in Leeds")).reply
    second = (await scene.exchange("I have a dog")).reply
    assert first is not None
    assert second is not None
    await jobs.work()
    before = await scene.record.memories.state(jobs.pair)
    revision = (await scene.fresh()).revision

    switched, erased = await scene.record.conversations.switch(
        scene.conversation.id, scene.anna.id, first.id, scene.now()
    )
    assert (switched.head_id, switched.revision, switched.last_seq) == (first.id, revision + 1, 4)
    assert erased.pairs == (jobs.pair,)
    assert (await scene.record.memories.state(jobs.pair)).epoch == before.epoch + 1
    assert [entry.message.seq for entry in (await scene.record.messages.recent(switched.id, None, 10)).entries] == [
        1,
        2,
    ]
    await jobs.work()
    assert await jobs.facts() == ["said: I live in Leeds"]
    assert "dog" not in " ".join(await jobs.recalled())
    assert len(await scene.record.memories.bond_events(jobs.pair)) == 1

    said = (await scene.exchange("I have a cat")).message
    assert (said.seq, said.parent_id) == (5, first.id)
    await jobs.work()
    assert await jobs.facts() == ["said: I have a cat", "said: I live in Leeds"]

    await scene.record.conversations.switch(scene.conversation.id, scene.anna.id, second.id, scene.now())
    await jobs.work()
    assert await jobs.facts() == ["said: I have a dog", "said: I live in Leeds"]
    assert "cat" not in " ".join(await jobs.recalled())
    assert (await scene.fresh()).last_message_preview == second.content


async def test_a_branch_that_was_aside_when_the_jobs_came_by_is_read_when_it_comes_back(scene: Scene) -> None:
    jobs = Remembering(scene)
    first = (await scene.say("one")).message
    second = (await scene.say("two")).message
    await scene.record.conversations.switch(scene.conversation.id, scene.anna.id, first.id, scene.now())
    await jobs.work()
    await scene.record.conversations.switch(scene.conversation.id, scene.anna.id, second.id, scene.now())
    await jobs.work()
    assert await jobs.facts() == ["said: one", "said: two"]


async def test_only_a_message_that_is_there_can_be_the_head(scene: Scene) -> None:
    said = await scene.say("one")
    gone = (await scene.say("two")).message
    await scene.record.messages.delete(gone.id, scene.anna.id, scene.now())
    switch = scene.record.conversations.switch
    with pytest.raises(NotFound):
        await switch(scene.conversation.id, scene.anna.id, ids.new_message_id(), scene.now())
    with pytest.raises(NotFound):
        await switch(scene.conversation.id, scene.boris.id, said.message.id, scene.now())
    with pytest.raises(Conflict):
        await switch(scene.conversation.id, scene.anna.id, gone.id, scene.now())
    await switch(scene.conversation.id, scene.anna.id, said.message.id, scene.now())
    entry, _ = await scene.record.messages.get(said.message.id, scene.anna.id)
    assert entry.turns[0].state is TurnState.STOPPED, "what would have been answered may stand aside now"


async def test_a_character_that_was_away_does_not_know(scene: Scene) -> None:
    jobs = Remembering(scene)
    bea = await scene.record.characters.create(ids.new_character_id(), "bea", None, Persona("Bea"), scene.now())
    company = await scene.record.conversations.create(
        ids.new_conversation_id(), scene.anna.id, [scene.ada.id, bea.id], [scene.anna.id], "", None, scene.now()
    )
    absent = scene.record.conversations.absent
    await scene.say("for both", conversation=company, answered=False)
    left = await absent(company.id, scene.anna.id, bea.id, True, scene.now())
    again = await absent(company.id, scene.anna.id, bea.id, True, scene.now())
    assert again == left
    await scene.say("a secret for Ada", conversation=company, answered=False)
    back = await absent(company.id, scene.anna.id, bea.id, False, scene.now())
    await scene.say("for both again", conversation=company, answered=False)
    assert back.revision > left.revision
    assert [bea.id in witnesses(back, seq) for seq in (1, 2, 3)] == [True, False, True]

    await jobs.work()
    theirs = Pair(bea.id, scene.anna.id)
    assert await jobs.facts(theirs) == ["said: for both", "said: for both again"]
    assert await jobs.facts() == ["said: a secret for Ada", "said: for both", "said: for both again"]
    _, found = await scene.record.recalling.memories(theirs, {})
    assert [each.seq for each in found if each.kind is MemoryKind.MESSAGE] == [1, 3]
    assert len(await scene.record.memories.bond_events(theirs)) == 2
    with pytest.raises(NotFound):
        await absent(company.id, scene.boris.id, bea.id, True, scene.now())
