"""Memory in the record: watermarks, findings and facts, and what a pair recalls."""

from dataclasses import replace

from everkin.domain import ids
from everkin.domain.memory import Category, Embedded, Finding, MemoryKind, Op, Pair, PairState, Realm, Unembedded, Work
from tests.contracts.memory_scene import EMBEDDER, Remembering, vector
from tests.contracts.record_scene import Scene


async def test_a_job_finds_its_work_and_moves_on_once(scene: Scene) -> None:
    jobs = Remembering(scene)
    assert await scene.record.memories.to_index(10) == []
    await scene.exchange("I live in Leeds")
    work = Work(scene.conversation.id, 0, 2)
    assert await scene.record.memories.to_index(10) == [work]
    assert await jobs.index(work)
    assert not await jobs.index(work), "another node was there first"
    assert await scene.record.memories.to_index(10) == []
    assert await jobs.digest(work)
    assert await scene.record.memories.to_digest(10) == []
    assert await scene.record.memories.to_summarise(10, 3) == []
    assert await scene.record.memories.to_summarise(10, 2) == [work]
    assert await jobs.sum_up(work)
    assert [each.to_seq for each in await scene.record.memories.summaries(scene.conversation.id)] == [2]


async def test_what_is_found_becomes_facts_that_are_read_as_they_were_written(scene: Scene) -> None:
    jobs = Remembering(scene)
    await scene.exchange("I live in Leeds")
    await scene.exchange("I live in Leeds")
    await jobs.work()
    facts = await scene.record.memories.facts(jobs.pair)
    assert [fact.text for fact in facts] == ["said: I live in Leeds"]
    assert facts[0].reinforcements == 2
    assert (facts[0].category, facts[0].realm, facts[0].slot) == (Category.PERSONAL, Realm.REAL, "word")
    assert len(facts[0].message_ids) == len(facts[0].findings) == 2
    assert await scene.record.memories.fact(facts[0].id, scene.anna.id) == facts[0]
    assert await scene.record.memories.facts(jobs.pair, text="LEEDS") == facts
    assert await scene.record.memories.facts(jobs.pair, text="%") == []
    assert await scene.record.memories.facts(jobs.pair, current=False) == []
    assert await scene.record.memories.facts(Pair(scene.ada.id, scene.boris.id)) == []
    events = await scene.record.memories.bond_events(jobs.pair)
    assert [(event.kind, event.amounts, event.topic) for event in events] == [
        ("shared", {"trust": 1.0}, "I live in Leeds")
    ] * 2


async def test_digesting_again_replaces_what_was_found(scene: Scene) -> None:
    jobs = Remembering(scene)
    said = (await scene.exchange("I live in Leeds")).message
    await jobs.work()
    await scene.record.messages.edit(said.id, scene.anna.id, "I live in York", scene.now())
    assert await jobs.facts() == [], "what rested on the old words is gone at once"
    await jobs.work()
    assert await jobs.facts() == ["said: I live in York"]
    assert len(await scene.record.memories.findings(jobs.pair)) == 1
    assert len(await scene.record.memories.bond_events(jobs.pair)) == 1


async def test_a_job_that_read_what_was_edited_meanwhile_writes_nothing(scene: Scene) -> None:
    jobs = Remembering(scene)
    said = (await scene.exchange("I live in Leeds")).message
    (work,) = await scene.record.memories.to_digest(10)
    await scene.record.messages.edit(said.id, scene.anna.id, "I live in York", scene.now())
    assert not await jobs.digest(work)
    assert not await jobs.index(work)
    assert not await jobs.sum_up(work)
    await jobs.work()
    assert await jobs.facts() == ["said: I live in York"]


async def test_a_fold_of_an_older_state_is_refused(scene: Scene) -> None:
    jobs = Remembering(scene)
    await scene.exchange("I live in Leeds")
    await jobs.work()
    state = await scene.record.memories.state(jobs.pair)
    await scene.record.memories.add(by_hand(jobs, "likes tea"))
    assert not await scene.record.memories.fold(jobs.pair, state, [])
    assert await scene.record.memories.to_fold(10) == [jobs.pair]
    await jobs.work()
    assert await scene.record.memories.to_fold(10) == []
    assert await jobs.facts() == ["likes tea", "said: I live in Leeds"]


async def test_a_hand_that_pins(scene: Scene) -> None:
    jobs = Remembering(scene)
    await scene.record.memories.add(added := by_hand(jobs, "likes tea"))
    pin = replace(by_hand(jobs, ""), id=ids.new_finding_id(), op=Op.PINNED, target=added.id)
    await scene.record.memories.add(pin)
    await jobs.work()
    (fact,) = await scene.record.memories.facts(jobs.pair)
    assert fact.pinned
    assert fact.message_ids == ()
    found = (await scene.record.memories.findings(jobs.pair))[1]
    assert found == pin


async def test_a_pair_recalls_what_it_shared_from_where_it_knows(scene: Scene) -> None:
    jobs = Remembering(scene)
    await scene.exchange("I live in Leeds")
    assert await scene.record.recalling.state(jobs.pair) == PairState()
    await jobs.work()
    state, found = await scene.record.recalling.memories(jobs.pair, {})
    assert state == await scene.record.recalling.state(jobs.pair)
    said = [each for each in found if each.kind is MemoryKind.MESSAGE]
    assert [(each.seq, each.speaker, each.by_character) for each in said] == [(1, "Anna", False), (2, "Ada", True)]
    assert said[0].witnesses == {scene.anna.id, scene.ada.id}
    assert {each.kind for each in found} == set(MemoryKind)
    stored = await scene.record.recalling.vectors([said[0].id, "msg_unknown"], EMBEDDER)
    assert stored == [Embedded(said[0].id, EMBEDDER, vector(1))]
    assert await scene.record.recalling.vectors([said[0].id], "another:4") == []

    await scene.exchange("and work in Bradford")
    await jobs.work()
    later, more = await scene.record.recalling.memories(jobs.pair, {scene.conversation.id: said[-1]})
    assert later.version > state.version
    assert later.epoch == state.epoch
    assert [each.seq for each in more if each.kind is MemoryKind.MESSAGE] == [3, 4]
    assert await scene.record.recalling.memories(Pair(scene.ada.id, scene.boris.id), {}) == (PairState(), [])


async def test_a_long_silence_ends_a_sitting(scene: Scene) -> None:
    jobs = Remembering(scene)
    await scene.say("one")
    await scene.say("two")
    scene.clock = iter(range(10_000_000, 20_000_000))
    await scene.say("three")
    await jobs.work()
    _, whole = await scene.record.recalling.memories(jobs.pair, {})
    sessions = {each.seq: each.session for each in whole if each.kind is MemoryKind.MESSAGE}
    assert sessions[1] == sessions[2] != sessions[3]
    await scene.say("four")
    await jobs.work()
    for known in (each for each in whole if each.kind is MemoryKind.MESSAGE and each.seq in (2, 3)):
        _, rest = await scene.record.recalling.memories(jobs.pair, {scene.conversation.id: known})
        assert {each.session for each in rest if each.kind is MemoryKind.MESSAGE} == {sessions[3]}


async def test_vectors_that_come_later(scene: Scene) -> None:
    jobs = Remembering(scene)
    await scene.say("I live in Leeds")
    await jobs.work()
    waiting = await scene.record.memories.to_embed(EMBEDDER, 10)
    assert {each.kind for each in waiting} == {MemoryKind.FACT, MemoryKind.SUMMARY}
    for each in waiting:
        await scene.record.memories.keep_vectors([each], [Embedded(each.item_id, EMBEDDER, vector(9))])
    assert await scene.record.memories.to_embed(EMBEDDER, 10) == []
    assert len(await scene.record.memories.to_embed("another:4", 10)) == 3
    gone = Embedded("msg_gone", EMBEDDER, vector(9))
    await scene.record.memories.keep_vectors([Unembedded("msg_gone", MemoryKind.MESSAGE, "gone")], [gone])
    assert await scene.record.recalling.vectors(["msg_gone"], EMBEDDER) == []


async def test_a_vector_of_words_that_were_changed_meanwhile_is_not_kept(scene: Scene) -> None:
    memories = scene.record.memories
    said = (await scene.exchange("I live in Leeds")).message
    (work,) = await memories.to_index(10)
    assert await memories.indexed(work, work.last_seq, [])
    before = [each for each in await memories.to_embed(EMBEDDER, 10) if each.item_id == said.id]
    await scene.record.messages.edit(said.id, scene.anna.id, "I live in York", scene.now())
    (work,) = await memories.to_index(10)
    assert await memories.indexed(work, work.last_seq, [])
    await memories.keep_vectors(before, [Embedded(said.id, EMBEDDER, vector(9))])
    assert await scene.record.recalling.vectors([said.id], EMBEDDER) == []
    assert "I live in York" in [each.text for each in await memories.to_embed(EMBEDDER, 10)]


def by_hand(jobs: Remembering, text: str) -> Finding:
    return Finding(
        id=ids.new_finding_id(),
        user_id=jobs.pair.user_id,
        conversation_id=None,
        message_id=None,
        seq=0,
        n=0,
        at=jobs.scene.now(),
        text=text,
        category=Category.PREFERENCE,
        op=Op.ADDED,
        character_id=jobs.pair.character_id,
        source="person",
    )
