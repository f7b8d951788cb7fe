"""Sliding windows, in this process and in Valkey: the same promise."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest

from everkin.cache.port import Counts
from everkin.domain.cache import Limit
from everkin.domain.errors import TooMany
from everkin.domain.ids import UserId
from everkin.kit.clock import ManualClock
from everkin.storage.local.counts import LocalCounts
from everkin.storage.redis.counts import RedisCounts
from everkin.turn.limits import RateLimits
from tests.contracts.valkey import Node, Valkey, running_valkey

SAM, KIM = UserId("sam"), UserId("kim")


@dataclass
class Tried:
    counts: Counts
    clock: ManualClock


@pytest.fixture(scope="module")
def valkey() -> Iterator[Valkey]:
    with running_valkey() as server:
        yield server


@pytest.fixture(params=["local", "redis"])
async def tried(request: pytest.FixtureRequest) -> AsyncIterator[Tried]:
    clock = ManualClock()
    if request.param == "local":
        yield Tried(LocalCounts(clock), clock)
        return
    server: Valkey = request.getfixturevalue("valkey")
    server.ask(b"FLUSHALL")
    async with Node(server.url) as node:
        yield Tried(RedisCounts(node.link, LocalCounts(clock), lambda: clock.now() / 1000), clock)


async def test_a_limit_slides(tried: Tried) -> None:
    limit = Limit("sam", 2, 60)
    assert await tried.counts.take(limit) is None
    await tried.clock.advance(20)
    assert await tried.counts.take(limit) is None
    refusal = await tried.counts.take(limit)
    assert refusal is not None
    assert (refusal.limit, refusal.wait) == (limit, pytest.approx(40, abs=0.01))
    await tried.clock.advance(40)
    assert await tried.counts.take(limit) is None
    assert await tried.counts.take(limit) is not None


async def test_what_is_refused_counts_nowhere(tried: Tried) -> None:
    wide, narrow = Limit("all", 3, 60), Limit("sam", 1, 60)
    assert await tried.counts.take(wide, narrow) is None
    for _ in range(5):
        refusal = await tried.counts.take(wide, narrow)
        assert refusal is not None
        assert refusal.limit == narrow
    assert await tried.counts.take(wide) is None
    assert await tried.counts.take(wide) is None
    assert await tried.counts.take(wide) is not None


async def test_many_at_once_do_not_pass_it_together(tried: Tried) -> None:
    limit = Limit("sam", 30, 60)
    taken = await asyncio.gather(*(tried.counts.take(limit) for _ in range(100)))
    assert sum(each is None for each in taken) == 30


async def test_a_limit_of_none_lets_none_through(tried: Tried) -> None:
    assert await tried.counts.take(Limit("sam", 0, 60)) is not None


async def test_what_comes_again_under_its_mark_counts_once_from_when_it_came_first(tried: Tried) -> None:
    limit = Limit("sam", 2, 60)
    assert await tried.counts.take(limit, mark="a") is None
    await tried.clock.advance(20)
    assert [await tried.counts.take(limit, mark=each) for each in "aba"] == [None] * 3
    refusal = await tried.counts.take(limit, mark="c")
    assert refusal is not None
    assert refusal.wait == pytest.approx(40, abs=0.01)
    assert await tried.counts.take(limit, mark="a") is None, "at the limit, too"
    await tried.clock.advance(40)
    assert await tried.counts.take(limit, mark="c") is None
    assert await tried.counts.take(limit, mark="a") is not None, "it has left the window"


async def test_what_is_given_back_makes_room_at_once(tried: Tried) -> None:
    wide, narrow = Limit("all", 2, 60), Limit("sam", 1, 60)
    assert await tried.counts.take(wide, narrow, mark="a") is None
    await tried.counts.give_back(wide, narrow, mark="unknown")
    assert await tried.counts.take(narrow, mark="b") is not None
    await tried.counts.give_back(wide, narrow, mark="a")
    assert await tried.counts.take(wide, narrow, mark="b") is None
    assert await tried.counts.take(wide, mark="c") is None


async def test_a_limit_can_be_asked_without_counting(tried: Tried) -> None:
    free, full = Limit("sam", 2, 60), Limit("kim", 1, 60)
    await tried.counts.take(full)
    await tried.clock.advance(20)
    for _ in range(5):
        assert await tried.counts.check(free) is None
        refusal = await tried.counts.check(free, full)
        assert refusal is not None
        assert (refusal.limit, refusal.wait) == (full, pytest.approx(40, abs=0.01))
    await tried.clock.advance(40)
    assert await tried.counts.check(full) is None


async def test_rates_tell_people_how_long_to_wait(tried: Tried) -> None:
    rates = RateLimits(2, 3, tried.counts)
    await rates.take(SAM)
    await rates.take(SAM)
    with pytest.raises(TooMany, match="You have sent 2 messages") as own:
        await rates.take(SAM)
    assert own.value.retry_after == 60
    await rates.take(KIM)
    with pytest.raises(TooMany, match="Many people"):
        await rates.take(KIM)


async def test_windows_that_are_over_are_forgotten() -> None:
    clock = ManualClock()
    counts = LocalCounts(clock)
    for number in range(1_000):
        await counts.take(Limit(f"{number}", 5, 60))
    await clock.advance(61)
    for _ in range(600):
        await counts.take(Limit("sam", 10_000, 60))
    assert len(counts) == 1


async def test_memory_for_windows_is_bounded() -> None:
    counts = LocalCounts(ManualClock(), most_windows=100)
    for number in range(1_000):
        await counts.take(Limit(f"{number}", 5, 60))
    assert len(counts) == 100


async def test_windows_that_are_over_leave_redis_by_themselves(valkey: Valkey) -> None:
    valkey.ask(b"FLUSHALL")
    async with Node(valkey.url) as node:
        await RedisCounts(node.link, LocalCounts(node.clock)).take(Limit("sam", 5, 60))
    left = int(valkey.ask(b"PTTL", b"everkin-count:sam")[1:])
    assert 0 < left <= 60_000


async def test_two_nodes_share_one_limit(valkey: Valkey) -> None:
    valkey.ask(b"FLUSHALL")
    async with Node(valkey.url, "nod_a") as here, Node(valkey.url, "nod_b") as there:
        both = [RedisCounts(node.link, LocalCounts(node.clock)) for node in (here, there)]
        taken = await asyncio.gather(*(both[number % 2].take(Limit("sam", 30, 60)) for number in range(100)))
    assert sum(each is None for each in taken) == 30


async def test_without_redis_the_process_counts_and_nobody_is_unlimited() -> None:
    with running_valkey() as server:
        async with Node(server.url) as node:
            counts, limit = RedisCounts(node.link, LocalCounts(node.clock)), Limit("sam", 10, 60)
            for _ in range(6):
                assert await counts.take(limit) is None
            server.kill()
            taken = [await counts.take(limit) for _ in range(20)]
            assert sum(each is None for each in taken) == 4, "what had been allowed before is remembered"
            assert await counts.check(limit) is not None
            assert counts.fallbacks == 21
            server.start()
            await node.whole()
            assert await counts.take(limit) is None
            assert counts.fallbacks == 21
