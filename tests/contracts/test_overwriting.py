"""Erased bytes leave SQLite's file while others go on reading and writing it."""

import asyncio
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from everkin.domain.errors import StorageUnavailable
from everkin.storage.sql import pages, raw_file, scrubbing_sqlite
from everkin.storage.sql.record import Record, open_record
from everkin.storage.sql.tables import unscrubbed
from tests.contracts.overwriting_scene import Workload, tokens_in

PATIENCE = 60.0
"""Seconds after which a test that hangs is given up."""


@pytest.fixture
def folder(sqlite_template: Path, tmp_path: Path) -> Path:
    shutil.copytree(sqlite_template, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_no_byte_of_what_went_is_left_and_nothing_else_is_lost(folder: Path, seed: int) -> None:
    async with open_record("", folder) as record:
        workload = Workload(record, seed)
        await workload.set_up()
        for _ in range(4):
            await workload.work(400)
            assert tokens_in(folder) & workload.dead, "which is why it is overwritten"
            await record.erasing.scrub()
            assert tokens_in(folder) & workload.dead == set()
            assert await rows(record) == workload.alive
        assert await sound(record)


async def test_what_was_overwritten_does_not_come_back_with_later_writes(folder: Path) -> None:
    """The same pages are written again and again from what the writer holds in memory."""
    async with open_record("", folder) as record:
        workload = Workload(record, 4)
        await workload.set_up()
        await workload.work(600)
        await record.erasing.scrub()
        gone = set(workload.dead)
        for _ in range(10):
            await workload.work(20)
            assert tokens_in(folder) & gone == set()


async def test_people_write_while_it_is_overwritten(folder: Path) -> None:
    async with open_record("", folder) as record:
        workload = Workload(record, 5)
        await workload.set_up()
        await workload.work(2000)
        gone = set(workload.dead)
        scrub = asyncio.ensure_future(record.erasing.scrub())
        meanwhile = 0
        while not scrub.done():
            await workload.work(10)
            meanwhile += 1
        assert (await scrub).pages > 0
        assert meanwhile > 1, "writes were acknowledged before it ended"
        assert tokens_in(folder) & gone == set()
        assert await rows(record) == workload.alive
        assert await sound(record)


async def test_which_pages_were_written_stands_in_the_log(folder: Path) -> None:
    """A pass relies on it to know where what it has not come to yet may have moved."""
    connection = sqlite3.connect(folder / "everkin.db", isolation_level=None)
    file = raw_file.shared(folder / "everkin.db")
    try:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        assert file.log().header == b""
        connection.execute("CREATE TABLE one (a)")
        connection.execute("CREATE TABLE two (a)")
        size = connection.execute("PRAGMA page_size").fetchone()[0]
        first, roots = (
            file.log(),
            dict(connection.execute("SELECT name, (rootpage - 1) * page_size FROM sqlite_master, pragma_page_size")),
        )
        assert {0, roots["one"], roots["two"]} <= first.current()
        assert len(first.frames) == first.current_frames()
        assert file.size() % size == 0
        connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchall()
        assert file.log() == first
        connection.execute("INSERT INTO one VALUES (1)")
        again = file.log()
        assert again.current() == {roots["one"]}
        assert again.begun == first.begun + 1
        assert {at for _, at in again.frames} > again.current(), "what is not overwritten yet"
    finally:
        connection.close()
        raw_file.release(file)


async def test_another_process_writes_to_the_same_file(folder: Path) -> None:
    async with open_record("", folder) as record:
        workload = Workload(record, 6)
        await workload.set_up()
        await workload.work(400)
        with running(folder, "7", "write") as writing:
            for _ in range(3):
                await line_of(writing)
                await workload.work(40)
                assert (await record.erasing.scrub()).odd == 0
        gone = set(workload.dead)
        await record.erasing.scrub()
        assert await sound(record)
        assert {n: text for n, text in (await rows(record)).items() if n in workload.alive} == workload.alive
    assert tokens_in(folder) & gone == set()


async def test_a_pass_that_was_killed_is_owed_and_done_after_the_next_start(folder: Path) -> None:
    async with open_record("", folder) as record:
        workload = Workload(record, 9)
        await workload.set_up()
        await workload.work(1200)
    for _ in range(3):
        with running(folder, "10", "pass") as process:
            await progress(folder)
            process.send_signal(signal.SIGKILL)
            process.wait(PATIENCE)
    assert tokens_in(folder) & workload.dead, "it was killed before it was done"
    async with open_record("", folder) as record:
        assert await record.erasing.owed() > 0
        assert await sound(record)
        await record.erasing.scrub()
        await record.erasing.settle(await record.erasing.owed())
        assert await record.erasing.owed() == 0
        assert await rows(record) == workload.alive
        assert tokens_in(folder) & workload.dead == set()


async def test_a_reader_who_stays_makes_it_fail_and_writes_go_on(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scrubbing_sqlite, "PATIENCE", 0.2)
    async with open_record("", folder) as record:
        workload = Workload(record, 11)
        await workload.set_up()
        await workload.work(100)
        reader = sqlite3.connect(folder / "everkin.db", isolation_level=None)
        reader.execute("BEGIN").close()
        reader.execute("SELECT count(*) FROM scraps").fetchall()
        await workload.work(100)
        with pytest.raises(StorageUnavailable):
            await record.erasing.scrub()
        assert await record.erasing.owed() > 0
        await workload.work(100)
        reader.close()
        await record.erasing.scrub()
        assert tokens_in(folder) & workload.dead == set()


async def test_what_is_not_owed_is_not_looked_for(folder: Path) -> None:
    async with open_record("", folder) as record:
        workload = Workload(record, 12)
        await workload.set_up()
        await workload.work(400)
        await record.erasing.settle(await record.erasing.owed())
        assert (await record.erasing.scrub()).pages == 0
        assert tokens_in(folder) & workload.dead


async def test_a_page_that_contradicts_itself_is_left_alone(folder: Path) -> None:
    async with open_record("", folder) as record:
        workload = Workload(record, 13)
        await workload.set_up()
        await workload.work(600)
        (size,) = await scalars(record, "PRAGMA page_size")
    with sqlite3.connect(folder / "everkin.db") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'ix_facts_pair'").fetchone()[0]
    connection.close()
    at = (root - 1) * size
    bad = bytes([10, 0, 0, 0, 200, 1, 0, 0]) + b"\x00\x09" * 200 + b"what is this" * 20
    with (folder / "everkin.db").open("r+b") as file:
        file.seek(at)
        file.write(bad)
    async with open_record("", folder) as record:
        assert (await record.erasing.scrub()).odd == 1
        assert tokens_in(folder) & workload.dead == set()
    assert (folder / "everkin.db").read_bytes()[at : at + len(bad)] == bad


LAYOUT = pages.Layout(512, 512)


def page(*, kind: int = 13, block: int = 0, cells: Sequence[int] = (), top: int = 512, rest: bytes = b"") -> bytes:
    head = bytes([kind]) + b"".join(n.to_bytes(2, "big") for n in (block, len(cells), top)) + b"\0"
    start = head + b"".join(n.to_bytes(2, "big") for n in cells)
    return start + rest.rjust(512 - len(start), b"x")


@pytest.mark.parametrize(
    "odd",
    [
        page(cells=[100], top=200),
        page(cells=[600], top=400),
        page(cells=[300] * 100, top=150),
        page(top=600),
        page(cells=[400], top=400, block=300),
        page(cells=[400, 450], top=400, block=420, rest=(b"\0\0" + b"\0\x50").ljust(92, b"y")),
        page(cells=[400], top=400, block=500, rest=(b"\0\0\0\x50").ljust(12, b"y")),
        page(cells=[400], top=400, block=450, rest=(b"\1\0\0\x08").ljust(62, b"y")),
    ],
    ids=[
        "cell_in_gap",
        "cell_outside",
        "list_in_cells",
        "top_outside",
        "block_in_gap",
        "cell_in_block",
        "long_block",
        "disorder",
    ],
)
def test_pages_that_cannot_be(odd: bytes) -> None:
    with pytest.raises(pages.OddPageError):
        pages.leftovers(odd, LAYOUT, False)


def test_only_what_belongs_to_nothing_is_named() -> None:
    free = b"\0\0\0\x14"
    content = page(cells=[400, 480], top=400, block=440, rest=free.ljust(72, b"z"))
    assert pages.leftovers(content, LAYOUT, False) == [(12, 400), (444, 460)]
    assert pages.is_dirty(content, 0, LAYOUT, False)
    clean = content[:12] + bytes(388) + content[400:444] + bytes(16) + content[460:]
    assert pages.leftovers(clean, LAYOUT, False) == []
    assert not pages.is_dirty(clean, 0, LAYOUT, False)
    assert pages.leftovers(page(kind=0), LAYOUT, False) == [], "a page of another kind"


# -- what the tests do --------------------------------------------------------------------------------------------------


async def rows(record: Record) -> dict[int, str]:
    """By way of the tree of the table, and compared with its index."""
    found = await record.database.read(
        lambda connection: connection.exec_driver_sql("SELECT n, t FROM scraps ORDER BY n").fetchall()
    )
    keyed = await scalars(record, "SELECT t FROM keyed")
    assert sorted(keyed) == sorted(text for _, text in found if len(text) < 1000)
    return {row[0]: row[1] for row in found}


async def sound(record: Record) -> bool:
    return await scalars(record, "PRAGMA integrity_check") == ["ok"]


async def scalars(record: Record, statement: str) -> list[Any]:
    return await record.database.read(lambda connection: list(connection.exec_driver_sql(statement).scalars()))


@contextmanager
def running(folder: Path, seed: str, what: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.contracts.overwriting_scene", str(folder), seed, what]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait(PATIENCE)
        assert process.stdout is not None
        process.stdout.close()


async def line_of(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE):
        assert await asyncio.to_thread(process.stdout.readline) == "done\n"


async def progress(folder: Path) -> None:
    """Returns once the other process has cleaned some pages."""
    connection = sqlite3.connect(folder / "everkin.db", timeout=PATIENCE)
    try:
        async with asyncio.timeout(PATIENCE):
            before = connection.execute(str(select(unscrubbed.c.steps))).fetchall()
            while connection.execute(str(select(unscrubbed.c.steps))).fetchall() == before:
                await asyncio.sleep(0.001)
    finally:
        connection.close()
