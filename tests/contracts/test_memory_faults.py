"""What must not confuse memory: another embedder, a deletion in the middle of a job, two nodes at the same conversation."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray

from everkin.domain.caller import Caller
from everkin.domain.character import Character
from everkin.domain.conversation import Conversation
from everkin.domain.memory import Pair
from everkin.domain.message import SenderType
from everkin.jobs.extract_facts import ExtractFacts
from everkin.storage.sql import tables
from everkin.storage.sql.memories import Memories
from everkin.wiring import memory
from tests.contracts.test_chroma_index import on_disk
from tests.journeys.memory_house import MemoryHouse, open_memory_house


@dataclass
class Bag:
    """An embedder without a model: each word is a place, found by its hash. The same words give the same vector."""

    name: str
    dimension: int
    salt: bytes = b""
    asked: int = 0

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked += len(texts)
        rows = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text.lower().split() or ["."]:
                row[hashlib.blake2b(word.encode(), key=self.salt).digest()[0] % self.dimension] += 1
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        return rows


@pytest.mark.parametrize("index", ["exact", "chroma"])
@pytest.mark.parametrize(
    "second", [Bag("other:32", 32), Bag("same-size:64", 64, b"another")], ids=lambda each: each.name
)
async def test_another_embedder_begins_anew_and_is_never_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, index: str, second: Bag
) -> None:
    first = Bag("first:64", 64)
    monkeypatch.setattr(memory, "make_embedder", lambda *_: first)
    async with open_memory_house(tmp_path, vector_index=index) as house:
        sam = await house.owner()
        ada = await house.character(sam)
        chat = await house.begin(sam, ada)
        for text in ("I have a dog called Fig.", "I live in Leeds.", "The sea was wild today."):
            await house.say(sam, chat, text)
        await house.settle()
        assert set(await stored(house)) == {first.name}
    monkeypatch.setattr(memory, "make_embedder", lambda *_: second)
    async with open_memory_house(tmp_path, vector_index=index) as house:
        await house.say(sam, await house.begin(sam, ada), "Hello.")  # while nothing has a vector of it yet
        await house.settle()
        vectors = await stored(house)
        assert {size for _, size in vectors[second.name]} == {2 * second.dimension}
        assert len(vectors[second.name]) >= 8, "messages and facts"
        (prompt,) = await house.say(sam, await house.begin(sam, ada), "the sea was wild today, was it not?")
        assert "The sea was wild today." in str(prompt)
        assert (await house.figures())["went_without"] == 0


async def stored(house: MemoryHouse) -> dict[str, list[tuple[str, int]]]:
    """embedder -> (item, bytes of its vector)."""
    database = cast(Memories, house.app.memories._record)._database
    columns = tables.embeddings.c
    rows = await database.read(
        lambda connection: connection.execute(
            tables.embeddings.select().with_only_columns(columns.embedder, columns.item_id, columns.vector)
        ).all()
    )
    found: dict[str, list[tuple[str, int]]] = {}
    for embedder, item, vector in rows:
        found.setdefault(embedder, []).append((item, len(vector)))
    return found


class Halting(Bag):
    """Waits in the middle of its work until it may go on."""

    def __init__(self) -> None:
        super().__init__("halting:64", 64)
        self.reached, self.may_go_on = asyncio.Event(), asyncio.Event()

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if any("Vexford" in text for text in texts):
            self.reached.set()
            await self.may_go_on.wait()
        return await super().embed(texts)


@pytest.mark.parametrize("whole", [False, True], ids=["message", "conversation"])
async def test_what_is_deleted_while_a_job_holds_it_does_not_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: bool
) -> None:
    embedder = Halting()
    monkeypatch.setattr(memory, "make_embedder", lambda *_: embedder)
    async with open_memory_house(tmp_path, vector_index="chroma") as house:
        sam = await house.owner()
        ada = await house.character(sam)
        chat = await house.begin(sam, ada)
        await house.say(sam, chat, "Good evening.")
        await house.settle()
        embedder.may_go_on.set()
        await house.say(sam, chat, "I live in Vexford.")
        embedder.may_go_on.clear()
        embedder.reached.clear()
        working = asyncio.ensure_future(house.app.job_runner.settle())
        await asyncio.wait_for(embedder.reached.wait(), 20)
        if whole:
            await house.app.conversations.forget(sam, chat.id)
        else:
            await house.app.conversations.delete(sam, await last_said(house, sam, chat))
        embedder.may_go_on.set()
        await asyncio.wait_for(working, 20)
        await house.settle()
        assert await house.known(sam, ada) == []
        index = house.app.maintenance.reindexing._mirror
        assert index is not None
        record = {item for items in (await stored(house)).values() for item, _ in items}
        assert await index._index.ids(Pair(ada.id, sam.user_id)) == record
        assert len(record) == (0 if whole else 3), "the greeting's two messages, and the reply"
        assert b"Vexford" not in on_disk(tmp_path)


async def last_said(house: MemoryHouse, caller: Caller, chat: Conversation) -> str:
    said = [e.message for e in await house.entries(caller, chat) if e.message.sender_type is SenderType.USER]
    return said[-1].id


@pytest.fixture
async def nodes(tmp_path: Path, empty_postgres: str) -> AsyncIterator[tuple[MemoryHouse, MemoryHouse]]:
    async with AsyncExitStack() as stack:
        here, there = [
            await stack.enter_async_context(
                open_memory_house(tmp_path / name, database_url=empty_postgres, embedder="none", summary_every=4)
            )
            for name in ("here", "there")
        ]
        yield here, there


async def test_two_nodes_at_the_same_conversations_learn_everything_once(
    nodes: tuple[MemoryHouse, MemoryHouse],
) -> None:
    here, there = nodes
    sam = await here.owner()
    ada = await here.character(sam)
    chats = [await here.begin(sam, ada) for _ in range(6)]
    for number, chat in enumerate(chats):
        for text in ("I live in Leeds.", f"I have a dog called Fig{'abcdef'[number]}.", "Good night."):
            await here.say(sam, chat, text)
    await asyncio.gather(*(node.app.job_runner.settle() for node in (here, there)))
    for node in (here, there):
        await node.app.job_runner.settle()
    await equal_to_one_node(here, there, sam, ada, chats)


async def test_only_the_first_of_two_gets_its_findings_in(nodes: tuple[MemoryHouse, MemoryHouse]) -> None:
    """Both have read before either writes."""
    here, there = nodes
    sam = await here.owner()
    ada = await here.character(sam)
    chat = await here.begin(sam, ada)
    await here.say(sam, chat, "I live in Leeds.")
    jobs = [digesting(node) for node in (here, there)]
    works = [(await job.find(10))[0] for job in jobs]
    assert works[0] == works[1]
    assert sorted(await asyncio.gather(*(job.do(work) for job, work in zip(jobs, works, strict=True)))) == [False, True]
    assert [fact.reinforcements for fact in await here.known(sam, ada)] == [0]


def digesting(house: MemoryHouse) -> ExtractFacts:
    return next(job for job in house.app.job_runner._jobs if isinstance(job, ExtractFacts))


async def equal_to_one_node(
    here: MemoryHouse, there: MemoryHouse, sam: Caller, ada: Character, chats: list[Conversation]
) -> None:
    facts = {fact.text: fact for fact in await here.known(sam, ada)}
    assert set(facts) == {"lives in Leeds", *(f"has a dog, Fig{letter}" for letter in "abcdef")}
    assert facts["lives in Leeds"].reinforcements == len(chats) - 1
    assert {fact.text for fact in await there.known(sam, ada)} == set(facts)
    bond = (await here.app.memories.relationship(sam, ada.id, "me")).relationship
    assert bond.interactions == 3 * len(chats)
    for chat in chats:
        summaries = await here.app.memories._record.summaries(chat.id)
        assert len({each.from_seq for each in summaries}) == len(summaries)
