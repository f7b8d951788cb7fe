"""What fails fails whole: a database that is locked, full, killed or gone costs nothing that was acknowledged."""

import asyncio
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection, text

from everkin.domain.errors import StartError, StorageUnavailable
from everkin.domain.ids import Millis
from everkin.domain.record import Appended
from everkin.storage.sql.database import open_database
from everkin.storage.sql.record import Record, open_record
from tests.contracts.record_scene import Scene


@pytest.fixture
async def impatient(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Scene]:
    """A scene on SQLite that does not wait for locks."""
    shutil.copytree(sqlite_template, tmp_path, dirs_exist_ok=True)
    database = await open_database("", tmp_path, busy_seconds=0)
    try:
        yield await Scene.set_up(Record(database))
    finally:
        await database.close()


@contextmanager
def locked(path: Path) -> Iterator[None]:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


async def test_locked_by_another_process(impatient: Scene, tmp_path: Path) -> None:
    await impatient.say("before")
    with locked(tmp_path / "everkin.db"):
        async with asyncio.timeout(30):
            results = await asyncio.gather(*(impatient.say(f"{n}") for n in range(5)), return_exceptions=True)
        assert [type(each) for each in results] == [StorageUnavailable] * 5
        log = await impatient.record.messages.recent(impatient.conversation.id, None, 9)
        assert [entry.message.content for entry in log.entries] == ["before"], "reading goes on"
    assert (await impatient.say("after")).message.seq == 2


async def test_a_full_disk(impatient: Scene) -> None:
    kept = [await impatient.say("x" * 500, client_id="k")]

    def limit(connection: Connection, pages: int = 0) -> None:
        used = connection.execute(text("PRAGMA page_count")).scalar_one()
        connection.execute(text(f"PRAGMA max_page_count = {pages or used + 2}"))

    await impatient.record.database.change(limit)
    refused = 0
    for _ in range(20):
        try:
            kept.append(await impatient.say("x" * 2000))
        except StorageUnavailable:
            refused += 1
    assert refused > 0
    log = await impatient.record.messages.recent(impatient.conversation.id, None, 50)
    assert [entry.message.id for entry in log.entries] == [each.message.id for each in kept]
    assert log.conversation.last_seq == log.conversation.message_count == len(kept)
    assert all(len(entry.turns) == 1 for entry in log.entries)

    await impatient.record.database.change(lambda connection: limit(connection, 10**6))
    assert (await impatient.say("room again")).message.seq == len(kept) + 1


async def test_the_write_probe_tells_a_full_disk_and_a_lock(impatient: Scene, tmp_path: Path) -> None:
    probe, at = impatient.record.write_probe, Millis(1_000)

    def limit(connection: Connection, pages: int = 0) -> None:
        used = connection.execute(text("PRAGMA page_count")).scalar_one()
        connection.execute(text(f"PRAGMA max_page_count = {pages or used}"))

    await impatient.record.database.change(limit)
    with pytest.raises(StorageUnavailable):
        await probe.write(at)
    await impatient.record.database.change(lambda connection: limit(connection, 10**6))
    await probe.write(at)
    with locked(tmp_path / "everkin.db"), pytest.raises(StorageUnavailable):
        await probe.write(at)
    await probe.write(at)


def damage(folder: Path) -> None:
    for file in folder.glob("everkin.db-*"):
        file.unlink()
    (folder / "everkin.db").write_bytes(b"not a database at all" * 1000)


async def test_a_damaged_file_is_no_crash(impatient: Scene, tmp_path: Path) -> None:
    await impatient.record.database.close()
    damage(tmp_path)
    with pytest.raises(StartError, match=r"everkin\.db cannot be opened"):
        await open_database("", tmp_path)


def acknowledged_until_killed(folder: Path) -> list[list[str]]:
    """[conversation, message, seq] as another process reported them, which was killed while it wrote."""
    command = [sys.executable, "-m", "tests.contracts.record_writer", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        try:
            lines = [child.stdout.readline() for _ in range(300)]
        finally:
            child.kill()
        lines += child.stdout.readlines()
    return [line.split() for line in lines if line.endswith("\n")]


async def test_kill_9_loses_nothing_acknowledged(sqlite_template: Path, tmp_path: Path) -> None:
    shutil.copytree(sqlite_template, tmp_path, dirs_exist_ok=True)
    acknowledged = acknowledged_until_killed(tmp_path)
    assert len(acknowledged) >= 300
    async with open_record("", tmp_path) as record:
        for conversation_id in {each[0] for each in acknowledged}:
            log = await record.messages.recent(conversation_id, None, 100_000)  # type: ignore[arg-type]
            seqs = [entry.message.seq for entry in log.entries]
            assert seqs == list(range(1, log.conversation.last_seq + 1)), "gapless, nothing half-written"
            assert all(len(entry.turns) == 1 for entry in log.entries)
            kept = {(entry.message.id, str(entry.message.seq)) for entry in log.entries}
            assert {(each[1], each[2]) for each in acknowledged if each[0] == conversation_id} <= kept
        with closing(sqlite3.connect(tmp_path / "everkin.db")) as file:
            assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_more_waits_than_may(impatient: Scene, tmp_path: Path) -> None:
    impatient.record.database._writer._capacity = 10
    async with asyncio.timeout(30):
        results = await asyncio.gather(*(impatient.say(f"{n}") for n in range(40)), return_exceptions=True)
    refused = sum(isinstance(each, StorageUnavailable) for each in results)
    assert refused > 0
    assert (await impatient.fresh()).last_seq == 40 - refused


async def test_closing_writes_what_waits(sqlite_template: Path, tmp_path: Path) -> None:
    shutil.copytree(sqlite_template, tmp_path, dirs_exist_ok=True)
    async with open_record("", tmp_path) as record:
        scene = await Scene.set_up(record)
        tasks = [asyncio.create_task(scene.say(f"{n}")) for n in range(50)]
        await asyncio.sleep(0)
    assert all(isinstance(each, Appended) for each in await asyncio.gather(*tasks))
    with pytest.raises(StorageUnavailable):
        await scene.say("too late")
    with pytest.raises(StorageUnavailable):
        await scene.fresh()
    async with open_record("", tmp_path) as record:
        assert (await record.conversations.get(scene.conversation.id, None)).last_seq == 50


# -- PostgreSQL ----------------------------------------------------------------------------------------------------


@pytest.fixture(params=["postgres"])
def database_url(empty_postgres: str) -> str:
    """For the tests below: a server's database of its own, whose connections may be cut."""
    return empty_postgres


def cut_all(url: str) -> None:
    """As a restart of the server does."""
    with psycopg.connect(url, autocommit=True) as connection:
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        connection.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")


async def test_connections_that_were_cut_are_made_anew(scene: Scene, database_url: str) -> None:
    for number in range(3):
        await scene.say(f"{number}")
        cut_all(database_url)
        assert (await scene.fresh()).last_seq == number + 1
    assert (await scene.say("after")).message.seq == 4


async def test_several_nodes_write_into_one_conversation(scene: Scene, database_url: str, tmp_path: Path) -> None:
    async with open_record(database_url, tmp_path) as second, open_record(database_url, tmp_path) as third:
        records = [scene.record, second, third]
        others = [await scene.begin() for _ in range(2)]
        where = [scene.conversation, *others]
        news = [scene.new(f"{n}", conversation=where[n % 3], client_id=f"{n % 100}") for n in range(150)]
        async with asyncio.timeout(60):
            appended = await asyncio.gather(
                *(records[n % 2 + n % 3 // 2].messages.append(new) for n, new in enumerate(news))
            )
    for conversation in where:
        log = await scene.record.messages.recent(conversation.id, None, 200)
        seqs = [entry.message.seq for entry in log.entries]
        assert seqs == list(range(1, log.conversation.last_seq + 1))
        mine = [each.message.seq for each in appended if each.message.conversation_id == conversation.id]
        assert sorted(mine) == seqs


async def test_one_turn_two_nodes_one_end(scene: Scene, database_url: str, tmp_path: Path) -> None:
    async with open_record(database_url, tmp_path) as second:
        for _ in range(5):
            turn = (await scene.say()).turns[0]
            rival = Scene(second, scene.anna, scene.boris, scene.ada, scene.conversation, scene.clock)
            async with asyncio.timeout(30):
                ends = await asyncio.gather(scene.finish(turn, "one"), rival.finish(turn, "two"))
            assert sum(each is not None for each in ends) == 1
    assert (await scene.fresh()).last_seq == 10
