"""What every cache promises, over the one in this process and the one in Valkey."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest

from everkin.cache.port import Cache
from everkin.kit.clock import ManualClock
from everkin.storage.local.cache import LocalCache
from tests.contracts.valkey import Node, Valkey, running_valkey

OLDER = b"""for _, key in ipairs(redis.call('KEYS', '*')) do
  redis.call('PEXPIRE', key, redis.call('PTTL', key) - ARGV[1])
end"""


@dataclass
class Tried:
    """`pass_time` lets seconds go by: by turning the clock, or by making everything in Valkey older."""

    cache: Cache
    pass_time: Callable[[float], Awaitable[None]]


@pytest.fixture(scope="module")
def valkey() -> Iterator[Valkey]:
    with running_valkey() as server:
        yield server


@pytest.fixture(params=["local", "redis"])
async def tried(request: pytest.FixtureRequest) -> AsyncIterator[Tried]:
    async with AsyncExitStack() as stack:
        if request.param == "local":
            clock = ManualClock()
            yield Tried(LocalCache(clock), clock.advance)
            return
        server: Valkey = request.getfixturevalue("valkey")
        server.ask(b"FLUSHALL")
        node = await stack.enter_async_context(Node(server.url))

        async def pass_time(seconds: float) -> None:
            server.ask(b"EVAL", OLDER, b"0", b"%d" % (seconds * 1000))

        yield Tried(node.cache, pass_time)


@pytest.fixture
def cache(tried: Tried) -> Cache:
    return tried.cache


async def test_what_was_set_is_there_until_its_time_is_over(tried: Tried) -> None:
    assert await tried.cache.get("user:1:profile") is None
    await tried.cache.set("user:1:profile", b"\x00Ann\xff", 60)
    assert await tried.cache.get("user:1:profile") == b"\x00Ann\xff"
    await tried.pass_time(61)
    assert await tried.cache.get("user:1:profile") is None


async def test_a_deleted_value_is_gone_and_deleting_nothing_is_no_error(cache: Cache) -> None:
    await cache.set("a", b"1", 60)
    await cache.set("b", b"2", 60)
    await cache.delete("a", "never")
    await cache.delete()
    assert (await cache.get("a"), await cache.get("b")) == (None, b"2")


async def test_a_copy_is_added_where_there_is_none(cache: Cache) -> None:
    assert await cache.add("a", b"first", 60)
    assert not await cache.add("a", b"second", 60)
    assert await cache.get("a") == b"first"


async def test_a_copy_read_before_an_update_never_comes_back_after_it(cache: Cache) -> None:
    await cache.delete("a")
    assert not await cache.add("a", b"read before", 60)
    assert await cache.get("a") is None
    await cache.set("a", b"said outright", 60)
    assert await cache.get("a") == b"said outright"


async def test_an_empty_value_is_refused(cache: Cache) -> None:
    for write in (cache.set, cache.add):
        with pytest.raises(ValueError, match="empty"):
            await write("a", b"", 60)  # type: ignore[operator]


async def test_a_pattern_reaches_what_it_fits_and_no_more(cache: Cache) -> None:
    keys = ("user:1:profile", "user:1:state", "user:10:profile", "user:[1]:a", "character:1", "user:1\n:x")
    for key in keys:
        await cache.set(key, b"v", 60)
    assert await cache.delete_matching("user:1:*") == 2
    assert await cache.delete_matching("user:1:*") == 0
    assert await cache.delete_matching("user:[1]:*") == 1, "brackets stand for themselves"
    assert await cache.delete_matching("character:??") == 0
    assert await cache.delete_matching("character:?") == 1
    assert [key for key in keys if await cache.get(key)] == ["user:10:profile", "user:1\n:x"]
    assert await cache.delete_matching("user:1?:x") == 1


async def test_a_pattern_deletes_a_bounded_number(cache: Cache) -> None:
    for number in range(30):
        await cache.set(f"user:{number}:profile", b"v", 60)
    assert await cache.delete_matching("user:*", most=10) == 10
    assert await cache.delete_matching("user:*") == 20


async def test_who_watches_is_told_of_every_deletion(cache: Cache) -> None:
    told: list[tuple[str, ...] | None] = []
    cache.watch(told.append)
    await cache.delete("a", "b")
    assert told == [("a", "b")]
    await cache.set("user:1:x", b"v", 60)
    await cache.delete_matching("user:1:*")
    assert told[1] in (None, ("user:1:x",))


async def test_a_lock_is_held_by_one_and_released_by_its_holder(cache: Cache) -> None:
    async with cache.lock("dusk") as first:
        async with cache.lock("dusk") as second, cache.lock("dawn") as other:
            assert (first, second, other) == (True, False, True)
        async with cache.lock("dusk") as third:
            assert not third, "who did not hold it did not release it"
    async with cache.lock("dusk") as again:
        assert again


async def test_a_lock_that_outlived_its_time_is_not_released_by_its_old_holder(tried: Tried) -> None:
    async with tried.cache.lock("dusk", 60) as old:
        assert old
        await tried.pass_time(61)
        async with tried.cache.lock("dusk", 60) as new:
            assert new
            held = tried.cache.lock("dusk")
    async with held as taken:
        assert taken, "both have let go"


async def test_the_old_holder_leaves_the_new_ones_lock_alone(tried: Tried) -> None:
    old = tried.cache.lock("dusk", 60)
    assert await old.__aenter__()
    await tried.pass_time(61)
    async with tried.cache.lock("dusk", 60) as new:
        assert new
        await old.__aexit__(None, None, None)
        async with tried.cache.lock("dusk") as third:
            assert not third


async def test_it_counts(cache: Cache) -> None:
    await cache.set("a", b"1", 60)
    await cache.get("a")
    await cache.get("b")
    stats = await cache.stats()
    assert (stats.hits, stats.misses, stats.hit_rate, stats.status) == (1, 1, 0.5, "ok")
    assert stats.entries >= 1
    assert stats.bytes > 0


async def test_the_one_in_this_process_is_bounded_and_keeps_what_is_used() -> None:
    cache = LocalCache(ManualClock(), entries=3, size=10_000)
    for name in ("a", "b", "c"):
        await cache.set(name, b"1", 60)
    await cache.get("a")
    await cache.set("d", b"1", 60)
    assert [name for name in ("a", "b", "c", "d") if await cache.get(name)] == ["a", "c", "d"]
    await cache.set("huge", b"x" * 20_000, 60)
    assert (await cache.stats()).bytes <= 10_000


async def test_nodes_that_do_not_hear_of_each_other_believe_nothing_for_long() -> None:
    clock = ManualClock()
    cache = LocalCache(clock, believed_seconds=30)
    await cache.set("a", b"1", 3600)
    await clock.advance(31)
    assert await cache.get("a") is None
