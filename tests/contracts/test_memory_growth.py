"""What an exchange costs the record does not grow with all that came before it. Counted, not timed."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, event

from everkin.domain.memory import Embedded, MemoryKind, Pair
from everkin.jobs.index_messages import EmbedMissing
from everkin.memory.relationship.formula import fold
from everkin.memory.relationships import Relationships
from tests.contracts.memory_scene import Remembering, vector
from tests.contracts.record_scene import Scene

EXCHANGES = 60


@dataclass
class Statements:
    """What was sent to the database by way of SQLAlchemy."""

    texts: set[str] = field(default_factory=set)
    rows: dict[str, int] = field(default_factory=dict)
    """Rows given, by the first three words of the statement."""

    def inserted(self, table: str) -> int:
        return self.rows.get(f"INSERT INTO {table}", 0)


@contextmanager
def watched() -> Iterator[Statements]:
    seen = Statements()

    def note(_: Any, __: Any, statement: str, parameters: Any, ___: Any, many: bool) -> None:
        seen.texts.add(statement)
        kind = " ".join(statement.split()[:3])
        seen.rows[kind] = seen.rows.get(kind, 0) + (len(parameters) if many else 1)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


async def after_many(scene: Scene, exchanges: int = EXCHANGES) -> Remembering:
    jobs = Remembering(scene)
    for number in range(exchanges):
        await scene.exchange(f"I live in house {number}")
        await jobs.work()
    return jobs


async def test_a_fold_writes_only_the_facts_that_differ(scene: Scene) -> None:
    jobs = await after_many(scene)
    await scene.exchange("and work in Bradford")
    with watched() as seen:
        await jobs.work()
    assert len(await jobs.facts()) == EXCHANGES + 1
    assert seen.inserted("facts") == 1
    assert seen.inserted("fact_sources") == 1


async def test_a_fact_that_is_gone_or_differs_is_written_as_it_is(scene: Scene) -> None:
    jobs = await after_many(scene, 3)
    before = await scene.record.memories.facts(jobs.pair)
    state = await scene.record.memories.state(jobs.pair)
    assert await scene.record.memories.fold(jobs.pair, state, before[:2])
    assert await jobs.facts() == sorted(fact.text for fact in before[:2])
    await jobs.fold(jobs.pair)
    assert await scene.record.memories.facts(jobs.pair) == before


async def test_few_statements_serve_every_length_of_a_list(scene: Scene) -> None:
    """Each is kept prepared by each connection, for as long as it lives."""
    with watched() as seen:
        jobs = await after_many(scene)
    with watched() as later:
        for number in range(EXCHANGES, EXCHANGES + 4):
            await scene.exchange(f"I live in house {number}")
            await jobs.work()
    assert len(later.texts - seen.texts) <= 2
    assert len(seen.texts) < 2 * EXCHANGES


async def test_what_follows_in_a_sitting_is_read_without_the_sitting(scene: Scene) -> None:
    jobs = await after_many(scene)
    _, whole = await scene.record.recalling.memories(jobs.pair, {})
    last = max((each for each in whole if each.kind is MemoryKind.MESSAGE), key=lambda each: each.seq)
    await scene.say("one more")
    await jobs.work()
    with watched() as seen:
        _, rest = await scene.record.recalling.memories(jobs.pair, {scene.conversation.id: last})
    assert [each.session for each in rest if each.kind is MemoryKind.MESSAGE] == [last.session]
    assert not [text for text in seen.texts if "messages.seq <" in text and "LIMIT" in text]


async def test_a_relationship_is_folded_further_not_anew(scene: Scene) -> None:
    jobs = await after_many(scene)
    kept = Relationships(scene.record.memories)
    assert await kept.at(jobs.pair, scene.now()) is not None
    assert kept.events_read == EXCHANGES
    for number in range(5):
        await scene.exchange(f"and I like number {number}")
        await jobs.work()
        now = scene.now()
        assert await kept.at(jobs.pair, now) == fold(await scene.record.memories.bond_events(jobs.pair), now)
    assert kept.events_read == EXCHANGES + 5


async def test_a_relationship_is_folded_anew_when_something_was_taken_away(scene: Scene) -> None:
    jobs = await after_many(scene, 5)
    kept = Relationships(scene.record.memories)
    await kept.at(jobs.pair, scene.now())
    fact = next(each for each in await scene.record.memories.facts(jobs.pair) if each.text.endswith("house 2"))
    await scene.record.erasing.forget_fact(fact.id, scene.anna.id, scene.now())
    now = scene.now()
    shown = await kept.at(jobs.pair, now)
    assert shown == fold(await scene.record.memories.bond_events(jobs.pair), now)
    assert "I live in house 2" not in shown.topics


async def test_relationships_kept_ready_are_few(scene: Scene) -> None:
    jobs = await after_many(scene, 1)
    kept = Relationships(scene.record.memories, most=1)
    await kept.at(jobs.pair, scene.now())
    await kept.at(Pair(scene.ada.id, scene.boris.id), scene.now())
    assert len(kept) == 1


async def test_all_messages_are_looked_at_only_where_one_may_be_without_a_vector(scene: Scene) -> None:
    jobs = Remembering(scene)
    await scene.exchange("I live in Leeds")
    await jobs.work()
    left = iter([0, 0, 0, 0, 1, 1])
    rest = EmbedMissing(scene.record.memories, Unused(), None, lambda: next(left))
    looked = []
    for _ in range(5):
        with watched() as seen:
            found = await rest.find(10)
        looked.append(any("messages.content" in text for text in seen.texts))
        for lot in found:
            vectors = [Embedded(each.item_id, Unused.name, vector(1)) for each in lot]
            await scene.record.memories.keep_vectors(lot, vectors)
    assert looked == [True, True, False, False, True], "until nothing is found, and again when one was left"


class Unused:
    name, dimension = "unused:4", 4

    async def embed(self, texts: Sequence[str]) -> Any:
        raise AssertionError("nothing is embedded here")
