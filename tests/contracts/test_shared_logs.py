"""Hot copies shared by nodes: found by another process, never believed when old, gone when dropped, done without."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from everkin.cache.port import TTL_CHAT, TTL_CHAT_IDLE, Cache, chat_key
from everkin.domain.ids import ConversationId, Millis, new_conversation_id
from everkin.domain.memory import Erased
from everkin.domain.record import Log
from everkin.history.log_cache import HistoryCache
from everkin.history.shared_log_cache import MOST_WAITING, PAUSE, SharedHistoryCache
from everkin.kit.clock import Clock, ManualClock
from everkin.storage.local.cache import LocalCache
from everkin.storage.sql.record import open_record
from tests.contracts.record_scene import Scene
from tests.contracts.valkey import Node, Valkey, running_valkey

KEEP = 6
HOUR_MS = 3_600_000


class CountedMessages:
    """The record's own, and how often it was asked for a whole log."""

    def __init__(self, messages: object) -> None:
        self.reads = 0
        self._messages = messages

    async def recent(self, *asked: object) -> Log:
        self.reads += 1
        return await self._messages.recent(*asked)  # type: ignore[attr-defined, no-any-return]


class KeepsTimes(LocalCache):
    """As it is, and says for how long it was asked to keep things."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.kept: list[tuple[str, float]] = []

    async def set(self, key: str, value: bytes, ttl_seconds: float) -> None:
        self.kept.append((key, ttl_seconds))
        await super().set(key, value, ttl_seconds)


@dataclass
class Process:
    messages: CountedMessages
    logs: HistoryCache
    shared: SharedHistoryCache
    clock: ManualClock

    async def written(self) -> None:
        """All that waits to be copied has been."""
        while self.shared._tasks:
            await self.clock.advance(PAUSE)
            await asyncio.sleep(0)


@asynccontextmanager
async def process(scene: Scene, cache: Cache, *, present: bool = False, at: int = 1_000_000) -> AsyncIterator[Process]:
    clock, messages = ManualClock(at), CountedMessages(scene.record.messages)
    shared = SharedHistoryCache(cache, scene.record.counting, clock, lambda _: present)
    logs = HistoryCache(messages, KEEP, shared=shared)  # type: ignore[arg-type]
    try:
        yield Process(messages, logs, shared, clock)
    finally:
        await shared.close()


@pytest.fixture(scope="module")
def valkey() -> Iterator[Valkey]:
    with running_valkey() as server:
        yield server


@pytest.fixture
async def scene(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Scene]:
    shutil.copytree(sqlite_template, tmp_path, dirs_exist_ok=True)
    async with open_record("", tmp_path) as record:
        yield await Scene.set_up(record)


@pytest.fixture(params=["in process", "valkey"])
async def caches(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Cache, Cache]]:
    """Of two processes that share what is in them."""
    if request.param == "in process":
        alone = LocalCache(ManualClock())
        yield alone, alone
        return
    server: Valkey = request.getfixturevalue("valkey")
    async with AsyncExitStack() as stack:
        here, there = [await stack.enter_async_context(Node(server.url, name)) for name in ("nod_a", "nod_b")]
        for node in (here, there):
            await node.whole()
        yield here.cache, there.cache


async def talk(scene: Scene, here: Process, times: int = 1) -> ConversationId:
    """Turns that begin and end in this process."""
    for _ in range(times):
        asked = await scene.say()
        here.logs.appended(asked)
        ended = await scene.finish(asked.turns[0])
        assert ended is not None
        here.logs.finished(ended)
    return scene.conversation.id


async def test_another_process_finds_the_copy_and_reads_no_messages(scene: Scene, caches: tuple[Cache, Cache]) -> None:
    async with process(scene, caches[0]) as here, process(scene, caches[1]) as there:
        chat = await talk(scene, here, 5)
        await here.written()
        whole = await scene.record.messages.recent(chat, None, KEEP)
        assert await there.logs.get(chat) == whole
        assert (there.messages.reads, there.shared.hits) == (0, 1)


async def test_an_old_copy_is_not_believed_and_is_replaced(scene: Scene, caches: tuple[Cache, Cache]) -> None:
    async with process(scene, caches[0]) as here, process(scene, caches[1]) as there:
        chat = await talk(scene, here)
        await here.written()
        await scene.say("said elsewhere")
        assert (await there.logs.get(chat)).entries[-1].message.content == "said elsewhere"
        assert (there.messages.reads, there.shared.stale) == (1, 1)
        await there.written()
        async with process(scene, caches[0]) as third:
            assert (await third.logs.get(chat)).entries[-1].message.content == "said elsewhere"
            assert third.messages.reads == 0


async def test_what_this_process_holds_is_not_written_when_another_has_gone_on(
    scene: Scene, caches: tuple[Cache, Cache]
) -> None:
    async with process(scene, caches[0]) as here, process(scene, caches[1]) as there:
        chat = await talk(scene, here)
        await scene.say("said elsewhere")
        await here.written()
        assert (await there.logs.get(chat)).entries[-1].message.content == "said elsewhere"
        assert there.messages.reads == 0


async def test_broken_foreign_and_short_copies_are_rebuilt(scene: Scene, caches: tuple[Cache, Cache]) -> None:
    mine, theirs = caches
    async with process(scene, mine) as here, process(scene, theirs) as there:
        chat = await talk(scene, here, 5)
        await here.written()
        whole = await mine.get(chat_key(chat))
        assert whole is not None
        other = (await scene.begin()).id
        broken = (b"x", whole[:-9], whole[:40], b"ffffffff " + whole[9:], whole[:9] + b"\0" * 50)
        for each in broken:
            await mine.set(chat_key(chat), each, 60)
            there.logs.drop(chat)
            assert len((await there.logs.get(chat)).entries) == KEEP
        await mine.set(chat_key(other), whole, 60)
        assert (await there.logs.get(other)).conversation.id == other
        assert there.shared.broken == len(broken) + 1
        small = SharedHistoryCache(mine, scene.record.counting, here.clock)
        await mine.set(chat_key(chat), whole, 60)
        assert await small.get(chat, KEEP + 1) is None, "fewer messages than this process keeps"
        fewer = await small.get(chat, KEEP - 2)
        assert fewer is not None
        assert (len(fewer.entries), fewer.more) == (KEEP - 2, True)


async def test_at_most_one_copy_a_second_of_the_newest(scene: Scene) -> None:
    cache = KeepsTimes(ManualClock())
    async with process(scene, cache) as here:
        await talk(scene, here, 4)
        await here.clock.advance(PAUSE / 2)
        assert cache.kept == []
        await here.written()
        assert len(cache.kept) == 1
        assert here.messages.reads <= 1, "the process has it"


async def test_it_lives_a_day_while_somebody_is_there_and_an_hour_when_not(scene: Scene) -> None:
    cache = KeepsTimes(ManualClock())
    said_at = (await scene.say()).message.created_at
    for hours, present, lives in ((23, False, TTL_CHAT), (25, False, TTL_CHAT_IDLE), (25, True, TTL_CHAT)):
        async with process(scene, cache, present=present, at=said_at + hours * HOUR_MS) as here:
            await here.logs.get(scene.conversation.id)
            await here.written()
        assert cache.kept[-1] == (chat_key(scene.conversation.id), lives)
        await cache.delete(chat_key(scene.conversation.id))


async def test_somebody_who_only_read_was_there(scene: Scene) -> None:
    cache = KeepsTimes(ManualClock())
    asked = await scene.say()
    await scene.finish(asked.turns[0])
    later = Millis(asked.message.created_at + 48 * HOUR_MS)
    await scene.record.messages.mark_read(scene.conversation.id, scene.anna.id, 2, later)
    async with process(scene, cache, at=later + HOUR_MS) as here:
        await here.logs.get(scene.conversation.id)
        await here.written()
    assert cache.kept[-1][1] == TTL_CHAT


async def test_a_copy_ends_by_itself(scene: Scene) -> None:
    clock = ManualClock()
    cache = LocalCache(clock)
    async with process(scene, cache, at=50 * HOUR_MS) as here:
        await here.logs.get(scene.conversation.id)
        await here.written()
        assert await cache.get(chat_key(scene.conversation.id)) is not None
        await clock.advance(TTL_CHAT_IDLE + 1)
        assert await cache.get(chat_key(scene.conversation.id)) is None


async def test_dropped_is_gone_here_and_there_and_does_not_come_back(scene: Scene, caches: tuple[Cache, Cache]) -> None:
    async with process(scene, caches[0]) as here, process(scene, caches[1]) as there:
        chat = await talk(scene, here)
        await here.written()
        await there.logs.get(chat)
        here.logs._note(chat)  # a writing that waits
        await here.shared.forget(Erased({}, (), (), (chat,)))
        assert await caches[0].get(chat_key(chat)) is None
        assert await caches[1].get(chat_key(chat)) is None
        assert here.logs.peek(chat) is None
        async with asyncio.timeout(10):
            while there.logs.peek(chat) is not None:
                await asyncio.sleep(0.005)
        await here.written()
        assert await caches[0].get(chat_key(chat)) is None


async def test_a_copy_being_written_while_it_is_dropped_does_not_stay(scene: Scene) -> None:
    clock = ManualClock()

    class Slow(LocalCache):
        meanwhile: HistoryCache | None = None

        async def set(self, key: str, value: bytes, ttl_seconds: float) -> None:
            if self.meanwhile is not None:
                await self.meanwhile.forget(scene.conversation.id)
            await super().set(key, value, ttl_seconds)

    cache = Slow(clock)
    async with process(scene, cache) as here:
        cache.meanwhile = here.logs
        await talk(scene, here)
        await here.written()
        assert await cache.get(chat_key(scene.conversation.id)) is None


async def test_what_is_deleted_or_never_was_leaves_no_copy(scene: Scene, caches: tuple[Cache, Cache]) -> None:
    async with process(scene, caches[0]) as here:
        chat = await talk(scene, here)
        await here.written()
        gone = await scene.record.conversations.update(chat, scene.anna.id, scene.now(), status="deleted")
        here.logs.moved(gone)
        here.logs._note(new_conversation_id())
        await here.written()
        assert await caches[0].get(chat_key(chat)) is None
        assert here.shared.failures == 0


async def test_valkey_dies_and_returns_and_the_chat_goes_on(scene: Scene) -> None:
    with running_valkey() as server:
        async with Node(server.url, "nod_a", timeout=0.5) as one, Node(server.url, "nod_b", timeout=0.5) as two:
            await one.whole()
            await two.whole()
            async with process(scene, one.cache) as here, process(scene, two.cache) as there:
                chat = await talk(scene, here)
                await here.written()
                server.kill()
                await talk(scene, here, 2)
                await here.written()
                assert len((await there.logs.get(chat)).entries) == KEEP
                assert there.messages.reads == 1
                there.logs.drop(chat)
                server.start()
                await one.whole()
                await two.whole()
                await talk(scene, here)
                await here.written()
                reads = there.messages.reads
                assert await there.logs.get(chat) == await scene.record.messages.recent(chat, None, KEEP)
                assert there.messages.reads == reads


async def test_more_than_may_wait_are_left_to_their_readers(scene: Scene) -> None:
    async with process(scene, LocalCache(ManualClock())) as here:
        for _ in range(MOST_WAITING + 3):
            here.shared.note(new_conversation_id())
        assert here.shared.skipped == 3
