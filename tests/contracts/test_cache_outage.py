"""A Redis that is away, killed, frozen or full: nobody notices but the operator, and nothing old is ever read."""

import asyncio
from collections.abc import Iterator

import pytest

from everkin.domain.errors import StartError
from everkin.kit.clock import ManualClock, SystemClock
from everkin.storage.redis.bus import Bus
from everkin.storage.redis.connection import RedisConnection
from tests.contracts.valkey import Node, Valkey, running_valkey, until


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    with running_valkey() as server:
        yield server


async def test_a_redis_that_was_never_there_fails_nothing(tmp_path: object) -> None:
    async with Node("unix:///nowhere/valkey.sock") as node:
        await node.cache.set("a", b"1", 60)
        assert await node.cache.get("a") is None
        assert not await node.cache.add("a", b"1", 60)
        await node.cache.delete("a")
        assert await node.cache.delete_matching("user:*") == 0
        async with node.cache.lock("dusk") as first, node.cache.lock("dusk") as second:
            assert (first, second) == (True, False), "the locks of this process take over"
        stats = await node.cache.stats()
        assert (stats.status, bool(stats.note), stats.failures > 0) == ("degraded", True, True)


async def test_a_redis_that_is_not_there_is_said_once_not_at_every_try(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "everkin.redis")
    clock, tries = ManualClock(), list[object]()
    link = RedisConnection("unix:///nowhere/valkey.sock", clock)
    bus = Bus(link, "nod_a", clock)
    bus.watch(tries.append)
    async with link.opened(), bus.opened():
        for number in range(1, 6):
            await until(lambda number=number: len(tries) >= number and link.failures >= number)
            await clock.advance(60)
    warnings = [each.getMessage() for each in caplog.records if each.levelname == "WARNING"]
    assert len(warnings) == 1
    assert "REDIS_URL" in warnings[0]
    assert len(caplog.records) == 2, [each.getMessage() for each in caplog.records]


async def test_one_that_is_killed_is_done_without_and_used_again_when_it_is_back(valkey: Valkey) -> None:
    async with Node(valkey.url) as node:
        await node.whole()
        await node.cache.set("a", b"1", 60)
        valkey.kill()
        assert await node.cache.get("a") is None
        await node.cache.set("a", b"2", 60)
        assert (await node.cache.stats()).status == "degraded"
        valkey.start()
        await node.whole()
        await node.cache.set("a", b"3", 60)
        assert await node.cache.get("a") == b"3"
        assert (await node.cache.stats()).status == "ok"


async def test_what_was_deleted_during_an_outage_is_never_read_again(valkey: Valkey) -> None:
    async with Node(valkey.url, "nod_a", timeout=0.3) as here, Node(valkey.url, "nod_b") as there:
        await here.whole()
        await there.whole()
        for name in ("old", "kept"):
            await here.cache.set(name, b"1", 3600)
        valkey.freeze()
        await here.cache.delete("old")
        assert (await here.cache.stats()).owed == 1
        assert await here.cache.get("old") is None
        valkey.thaw()
        await until(lambda: not here.link.away)
        assert await here.cache.get("old") is None
        assert await here.cache.get("kept") == b"1", "the rest is still there"
        await there.whole()
        assert await there.cache.get("old") is None
        assert not await there.cache.add("old", b"read before", 60)
        assert (await here.cache.stats()).owed == 0


async def test_a_node_that_died_owing_leaves_nothing_old_to_the_next(valkey: Valkey) -> None:
    async with Node(valkey.url, timeout=0.3) as dying:
        await dying.whole()
        await dying.cache.set("a", b"old", 3600)
        valkey.freeze()
        await dying.cache.delete("a")
    valkey.thaw()
    valkey.ask(b"SET", b"everkin:a", b"old")  # whatever became of what was on its way
    valkey.ask(b"SET", b"somebody-elses", b"1")
    async with Node(valkey.url) as successor:
        await successor.whole()
        assert await successor.cache.get("a") is None
    assert valkey.ask(b"GET", b"somebody-elses") == b"$1\r\n1\r\n"


async def test_a_frozen_redis_costs_those_who_wait_one_time_out_and_everybody_after_them_none(valkey: Valkey) -> None:
    async with Node(valkey.url, timeout=0.3) as node:
        await node.whole()
        valkey.freeze()
        asked = [node.cache.get(f"user:{number}:profile") for number in range(500)]
        async with asyncio.timeout(20):
            assert set(await asyncio.gather(*asked)) == {None}
        assert node.link.failures <= 60, "places are given up as soon as the first has failed"
        assert node.link.away
        before = node.link.failures
        for _ in range(1_000):
            await node.cache.get("a")
        assert node.link.failures - before <= 5, "only the attempts to come back count"
        valkey.thaw()
        await node.whole()


async def test_what_nodes_copied_is_dropped_when_they_stop_hearing_each_other(valkey: Valkey) -> None:
    async with Node(valkey.url, timeout=0.3) as node:
        await node.whole()
        node.told.clear()
        believed = node.cache.believed_seconds
        valkey.freeze()
        await until(lambda: not node.bus.hearing)
        assert None in node.told
        assert node.cache.believed_seconds < believed
        node.told.clear()
        valkey.thaw()
        await node.whole()
        assert None in node.told, "and again when it hears: something may have been missed"


async def test_a_full_redis_is_done_without(valkey: Valkey) -> None:
    async with Node(valkey.url) as node:
        await node.whole()
        await node.cache.set("a", b"1", 60)
        valkey.ask(b"CONFIG", b"SET", b"maxmemory", b"1")
        await node.cache.set("b", b"1", 60)
        await node.cache.delete("a")
        assert await node.cache.get("a") is None
        valkey.ask(b"CONFIG", b"SET", b"maxmemory", b"0")
        await node.whole()
        assert await node.cache.get("a") is None


async def test_deletions_that_come_together_are_sent_together(valkey: Valkey) -> None:
    async with Node(valkey.url, "nod_a") as here, Node(valkey.url, "nod_b") as there:
        await here.whole()
        await there.whole()
        before = there.bus.heard
        there.told.clear()
        await asyncio.gather(*(here.cache.delete(f"user:{number}:profile") for number in range(200)))
        wanted = {f"user:{number}:profile" for number in range(200)}
        await until(lambda: wanted <= {key for keys in there.told for key in keys or ()})
        assert there.bus.heard - before <= 5


async def test_no_more_connections_are_opened_than_allowed(valkey: Valkey) -> None:
    async with Node(valkey.url, timeout=10.0) as node:
        await node.whole()
        await asyncio.gather(*(node.cache.get(f"user:{number}:profile") for number in range(2_000)))
        assert sum(node.link.hosts()["redis"]) <= node.link.most() == 50
        assert not node.link.away
        assert await node.link.clean() > 0
        assert await node.cache.get("a") is None
        assert not node.link.away


async def test_an_address_that_is_none_stops_the_start() -> None:
    with pytest.raises(StartError, match="REDIS_URL"):
        RedisConnection("http://127.0.0.1", SystemClock())
