"""Shelves over the cache: what a node changed is never read old there, nor anywhere once it has been told."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from everkin.cache.port import Cache
from everkin.cache.read_through import ReadThroughCache
from everkin.domain.character import Character, Persona, Sampling
from everkin.domain.errors import NotFound
from everkin.domain.ids import CharacterId, Millis, UserId
from everkin.kit.clock import Clock, ManualClock, SystemClock, settle
from everkin.storage.local.cache import LocalCache
from tests.contracts.valkey import Node, Valkey, running_valkey, until


@dataclass(frozen=True)
class Thing:
    name: str
    version: int


class Source:
    """Stands for the record: versions that only grow, and loads that take as long as one wants."""

    def __init__(self) -> None:
        self.versions: dict[str, int] = {}
        self.loads = 0
        self.gate: asyncio.Event | None = None

    async def load(self, key: str) -> Thing:
        self.loads += 1
        read = Thing(key, self.versions.get(key, 0))
        if self.gate is not None:
            await self.gate.wait()
        else:
            await asyncio.sleep(0)
        return read

    def write(self, key: str) -> int:
        self.versions[key] = self.versions.get(key, 0) + 1
        return self.versions[key]


class Reader:
    def __init__(self, source: Source, cache: Cache, clock: Clock) -> None:
        self.source = source
        self.cache = cache
        self.shelved = ReadThroughCache(Thing, 3600, cache, clock)

    async def get(self, key: str = "a") -> Thing:
        return await self.shelved.get(key, lambda: self.source.load(key))

    async def write(self, key: str = "a") -> int:
        version = self.source.write(key)
        await self.cache.delete(key)
        return version


@pytest.fixture
def alone() -> Reader:
    clock = ManualClock()
    return Reader(Source(), LocalCache(clock), clock)


@pytest.fixture(scope="module")
def valkey() -> Iterator[Valkey]:
    with running_valkey() as server:
        yield server


@pytest.fixture
async def pair(valkey: Valkey) -> AsyncIterator[tuple[Reader, Reader]]:
    source = Source()
    valkey.ask(b"FLUSHALL")
    async with AsyncExitStack() as stack:
        nodes = [await stack.enter_async_context(Node(valkey.url, name)) for name in ("nod_a", "nod_b")]
        for node in nodes:
            await node.whole()
        yield Reader(source, nodes[0].cache, SystemClock()), Reader(source, nodes[1].cache, SystemClock())


async def test_a_value_is_loaded_once_however_many_ask(alone: Reader) -> None:
    alone.source.gate = asyncio.Event()
    asking = [asyncio.ensure_future(alone.get()) for _ in range(20)]
    await settle()
    alone.source.gate.set()
    assert {thing.version for thing in await asyncio.gather(*asking)} == {0}
    assert alone.source.loads == 1
    assert await alone.get() is await alone.get()


async def test_who_leads_a_load_may_leave_without_taking_the_others_along(alone: Reader) -> None:
    alone.source.gate = asyncio.Event()
    asking = [asyncio.ensure_future(alone.get()) for _ in range(3)]
    await settle()
    asking[0].cancel()
    await settle()
    alone.source.gate.set()
    assert [thing.version for thing in await asyncio.gather(*asking[1:])] == [0, 0]
    assert asking[0].cancelled()


async def test_near_copies_are_bounded_in_number_and_size() -> None:
    clock = ManualClock()

    async def load() -> str:
        return "x" * 1000

    for bounds in ({"size": 3}, {"most_bytes": 3100}):
        shelved = ReadThroughCache(str, 60, LocalCache(clock), clock, **bounds)
        for number in range(20):
            await shelved.get(str(number), load)
        assert len(shelved) == 3


async def test_a_load_that_fails_fails_for_all_and_is_tried_again(alone: Reader) -> None:
    async def gone() -> Thing:
        await asyncio.sleep(0)
        raise NotFound

    asked = await asyncio.gather(*(alone.shelved.get("a", gone) for _ in range(3)), return_exceptions=True)
    assert all(isinstance(each, NotFound) for each in asked)
    assert (await alone.get()).version == 0


async def test_a_load_that_an_update_overtook_is_not_kept_nor_given_to_those_who_come_after(alone: Reader) -> None:
    alone.source.gate = asyncio.Event()
    before = asyncio.ensure_future(alone.get())
    await settle()
    await alone.write()
    after = asyncio.ensure_future(alone.get())
    await settle()
    alone.source.gate.set()
    assert ((await before).version, (await after).version) == (0, 1)
    assert (await alone.get()).version == 1


async def test_a_character_comes_back_whole() -> None:
    persona = Persona("Ada", age=34, traits=("dry",), sampling=Sampling(0.3), lorebook={"x": [1]}, extensions={"y": {}})
    ada = Character(CharacterId("chr_1"), "ada", UserId("usr_1"), 3, persona, Millis(1), Millis(2))
    cache = LocalCache(ManualClock())

    async def load() -> Character:
        return ada

    async def never() -> Character:
        raise AssertionError("it is in the cache")

    assert await ReadThroughCache(Character, 60, cache, ManualClock()).get("character:1", load) == ada
    assert await ReadThroughCache(Character, 60, cache, ManualClock()).get("character:1", never) == ada


async def test_what_another_version_wrote_is_not_believed(alone: Reader) -> None:
    for strange in (b"{}", b"00000000 {}", alone.shelved._form + b"{", alone.shelved._form + b'{"name":1}'):
        await alone.cache.set("a", strange, 60)
        assert (await alone.get()).version == 0
        await alone.cache.delete("a")
    assert alone.shelved.unreadable == 4


async def test_another_node_reads_the_new_value_once_it_was_told(pair: tuple[Reader, Reader]) -> None:
    here, there = pair
    assert ((await here.get()).version, (await there.get()).version) == (0, 0)
    assert here.source.loads == 1, "the second node took it from Redis"
    await here.write()
    assert (await here.get()).version == 1
    async with asyncio.timeout(20):
        while (await there.get()).version != 1:
            await asyncio.sleep(0.002)


async def test_a_slow_load_elsewhere_does_not_bring_the_old_value_back(pair: tuple[Reader, Reader]) -> None:
    here, there = pair
    here.source.gate = asyncio.Event()
    slow = asyncio.ensure_future(there.get())
    await until(lambda: here.source.loads == 1)
    await here.write()
    here.source.gate.set()
    assert (await slow).version == 0, "it asked before the update"
    assert (await here.get()).version == 1
    async with asyncio.timeout(20):
        while (await there.get()).version != 1:
            await asyncio.sleep(0.002)


async def test_random_writes_while_valkey_freezes_dies_and_comes_back() -> None:
    """Each node reads its own changes throughout, and both agree with the record once Redis is whole again."""
    source = Source()
    with running_valkey() as server:
        async with Node(server.url, "nod_a", timeout=0.3) as one, Node(server.url, "nod_b", timeout=0.3) as two:
            readers = [Reader(source, node.cache, SystemClock()) for node in (one, two)]
            ending = asyncio.Event()

            async def work(reader: Reader, draw: random.Random) -> None:
                known: dict[str, int] = {}
                while not ending.is_set():
                    key = draw.choice("abcd")
                    if draw.random() < 0.2:
                        known[key] = await reader.write(key)
                    else:
                        assert (await reader.get(key)).version >= known.get(key, 0)
                    await asyncio.sleep(0)

            async with asyncio.TaskGroup() as group:
                for place, reader in enumerate(readers * 2):
                    group.create_task(work(reader, random.Random(place)))
                for disturb, mend in ((server.freeze, server.thaw), (server.kill, server.start)) * 2:
                    disturb()
                    await until(lambda: one.link.away and two.link.away)
                    mend()
                    await one.whole()
                    await two.whole()
                ending.set()
            assert (await one.cache.stats()).owed == (await two.cache.stats()).owed == 0
            for place, node in enumerate((one, two)):
                await node.cache.delete("marker")
                other = (one, two)[1 - place]
                await until(lambda other=other: any("marker" in keys for keys in other.told if keys))  # type: ignore[misc]
            for reader in readers:
                read = {key: (await reader.get(key)).version for key in "abcd"}
                assert read == {key: source.versions.get(key, 0) for key in "abcd"}


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_two_nodes_under_random_writes_read_nothing_old(valkey: Valkey, seed: int) -> None:
    asyncio.run(_random_writes(valkey, random.Random(seed)))


async def _random_writes(valkey: Valkey, draw: random.Random) -> None:
    """On the node that wrote, each read that begins after the write was acknowledged sees it; on the other each that
    begins after it was told (its own channel is in order, so a later marker tells that all before it has arrived)."""
    valkey.ask(b"FLUSHALL")
    source = Source()
    async with Node(valkey.url, "nod_a") as one, Node(valkey.url, "nod_b") as two:
        nodes = (one, two)
        readers = [Reader(source, node.cache, SystemClock()) for node in nodes]
        for node in nodes:
            await node.whole()
        stale: list[str] = []
        known: list[dict[str, int]] = [{}, {}]

        async def work(place: int, seed: int) -> None:
            own = random.Random(seed)
            for _ in range(40):
                key = own.choice("abcd")
                if own.random() < 0.25:
                    known[place][key] = max(known[place].get(key, 0), await readers[place].write(key))
                    continue
                least = known[place].get(key, 0)
                if (await readers[place].get(key)).version < least:
                    stale.append(f"{key} on {place}")

        await asyncio.gather(*(work(place, draw.getrandbits(32)) for place in (0, 1) for _ in range(3)))
        for place, node in enumerate(nodes):
            other = nodes[1 - place]
            await node.cache.delete("marker")
            await until(lambda other=other: any("marker" in keys for keys in other.told if keys))  # type: ignore[misc]
        for reader in readers:
            read = {key: (await reader.get(key)).version for key in "abcd"}
            assert read == {key: source.versions.get(key, 0) for key in "abcd"}
        assert not stale
