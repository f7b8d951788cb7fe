"""Chroma as the vector index: in the data folder, and a server's."""

import asyncio
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import numpy as np
import pytest

from everkin.domain.errors import StartError, Unavailable
from everkin.domain.ids import CharacterId, UserId
from everkin.domain.memory import Pair
from everkin.storage.chroma.index import ChromaIndex, open_embedded, open_server

ANNA = Pair(CharacterId("chr_0190aa"), UserId("usr_anna"))
BORIS = Pair(ANNA.character_id, UserId("usr_boris"))
ELSEWHERE = Pair(CharacterId("chr_0190bb"), UserId("usr_anna"))
SIZE = 64


def vector(*places: int) -> bytes:
    """A unit vector that float16 holds exactly: four halves."""
    row = np.zeros(SIZE, "<f2")
    row[list(places)] = 0.5
    return row.tobytes()


def as_kept(packed: bytes) -> bytes:
    return np.frombuffer(packed, "<f2").astype("<f4").tobytes()


ONE, TWO, FAR = vector(0, 1, 2, 3), vector(0, 1, 2, 4), vector(30, 31, 32, 33)
QUERY = np.frombuffer(ONE, "<f2").astype(np.float32)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running(free_port(), tmp_path_factory.mktemp("chroma-server")) as url:
        yield url


class running:
    """`chroma run`, until the block ends."""

    def __init__(self, port: int, folder: Path) -> None:
        self._port = port
        chroma = Path(sys.executable).with_name("chroma")
        command = [str(chroma), "run", "--path", str(folder), "--host", "127.0.0.1", "--port", str(port)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __enter__(self) -> str:
        wait_for(self._port)
        return f"http://127.0.0.1:{self._port}"

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(20)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int) -> None:
    for _ in range(600):
        with socket.socket() as probe:
            probe.settimeout(0.05)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        threading_pause()
    raise TimeoutError


def threading_pause() -> None:
    import threading

    threading.Event().wait(0.05)


@pytest.fixture(params=["embedded", "server"])
async def index(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[ChromaIndex]:
    """Empty: every test has an embedder of its own."""
    name = f"{request.node.name}:{SIZE}"
    if request.param == "embedded":
        opened = open_embedded(tmp_path / "chroma", name)
    else:
        opened = open_server(request.getfixturevalue("server"), name, 20.0)
    yield opened
    await opened.close()


async def test_the_nearest_are_found_best_first(index: ChromaIndex) -> None:
    assert await index.search(ANNA, QUERY, 5) == []
    assert await index.ids(ANNA) == set()
    await index.put(ANNA, [("msg_1", ONE), ("msg_2", TWO), ("msg_3", FAR)])
    found = await index.search(ANNA, QUERY, 2)
    assert [item for item, _ in found] == ["msg_1", "msg_2"]
    assert [round(score, 3) for _, score in found] == [1.0, 0.75]
    assert len(await index.search(ANNA, QUERY, 10)) == 3
    assert await index.ids(ANNA) == {"msg_1", "msg_2", "msg_3"}


async def test_putting_again_replaces(index: ChromaIndex) -> None:
    await index.put(ANNA, [("msg_1", FAR)])
    await index.put(ANNA, [("msg_1", TWO), ("msg_1", ONE)])
    assert [(item, round(score, 3)) for item, score in await index.search(ANNA, QUERY, 5)] == [("msg_1", 1.0)]


async def test_pairs_never_meet(index: ChromaIndex) -> None:
    for pair in (ANNA, BORIS, ELSEWHERE):
        await index.put(pair, [("msg_shared", ONE)])
    await index.drop(BORIS, ["msg_shared", "msg_unknown"])
    assert await index.ids(BORIS) == set()
    assert await index.search(BORIS, QUERY, 5) == []
    assert await index.ids(ANNA) == await index.ids(ELSEWHERE) == {"msg_shared"}
    await index.forget(ANNA)
    assert await index.ids(ANNA) == set()
    assert await index.ids(ELSEWHERE) == {"msg_shared"}
    await index.drop(Pair(CharacterId("chr_nobody"), ANNA.user_id), ["msg_1"])


async def test_embedders_never_meet(tmp_path: Path) -> None:
    first, second = (open_embedded(tmp_path / "chroma", name) for name in ("one:64", "two:32"))
    await first.put(ANNA, [("msg_1", ONE)])
    await second.put(ANNA, [("msg_1", ONE[:64])])
    assert len(await first.search(ANNA, QUERY, 5)) == len(await second.search(ANNA, QUERY[:32], 5)) == 1
    with pytest.raises(Unavailable):
        await second.put(ANNA, [("msg_2", ONE)])
    await second.forget(ANNA)
    assert await first.ids(ANNA) == set(), "of every embedder there ever was"
    assert first.moved_aside == second.moved_aside == []
    await first.close()
    await second.close()


@pytest.mark.parametrize("many", [3, 1500])
async def test_not_a_byte_is_left_of_what_was_forgotten(tmp_path: Path, many: int) -> None:
    """Few vectors wait in Chroma's own log, many are in its files."""
    index = open_embedded(tmp_path / "chroma", "plain:64")
    rows = [vector(40, 41, 42 + number % 10, 52 + number // 10 % 10) for number in range(many)]
    await index.put(ANNA, [("msg_1", ONE), *((f"msg_{number + 10}", row) for number, row in enumerate(rows))])
    await index.put(BORIS, [("msg_1", TWO), ("msg_2", FAR)])
    for needle in (ONE, TWO, FAR):
        assert as_kept(needle) in on_disk(tmp_path)
    await index.drop(BORIS, ["msg_1"])
    await index.scrub()
    assert as_kept(TWO) not in on_disk(tmp_path)
    await index.forget(ANNA)
    await index.scrub()
    assert as_kept(ONE) not in on_disk(tmp_path)
    assert all(as_kept(row) not in on_disk(tmp_path) for row in rows[:3])
    assert await index.ids(BORIS) == {"msg_2"}
    await index.close()
    again = open_embedded(tmp_path / "chroma", "plain:64")
    assert [item for item, _ in await again.search(BORIS, QUERY, 5)] == ["msg_2"]
    assert again.moved_aside == []
    await again.close()


@pytest.mark.parametrize("broken", ["chroma.sqlite3", "*/header.bin", "*/data_level0.bin"])
async def test_a_damaged_folder_is_moved_aside_and_begun_anew(tmp_path: Path, broken: str) -> None:
    folder = tmp_path / "chroma"
    index = open_embedded(folder, "plain:64")
    await index.put(ANNA, [(f"msg_{number}", vector(number % 30, 40, 41, 42)) for number in range(1500)])
    await index.close()
    for file in damaged(folder, broken):
        file.write_bytes(b"\xff" * 5000)
    index = open_embedded(folder, "plain:64")
    with pytest.raises(Unavailable):
        await index.search(ANNA, QUERY, 5)
    assert len(index.moved_aside) == 1
    await index.put(ANNA, [("msg_1", ONE)])
    assert await index.ids(ANNA) == {"msg_1"}
    await index.scrub()
    assert not index.moved_aside[0].exists(), "it holds vectors as well"
    await index.close()


async def test_a_server_that_is_away_is_asked_again(tmp_path: Path) -> None:
    port = free_port()
    index = open_server(f"http://127.0.0.1:{port}", "plain:64", 20.0)
    async with asyncio.timeout(60):
        with pytest.raises(Unavailable):
            await index.search(ANNA, QUERY, 5)
        server = await asyncio.to_thread(running, port, tmp_path)
        await asyncio.to_thread(server.__enter__)
        await index.put(ANNA, [("msg_1", ONE)])
        await asyncio.to_thread(server.__exit__)
        with pytest.raises(Unavailable):
            await index.ids(ANNA)
        server = await asyncio.to_thread(running, port, tmp_path)
        await asyncio.to_thread(server.__enter__)
        assert await index.ids(ANNA) == {"msg_1"}
        await asyncio.to_thread(server.__exit__)
    await index.close()


async def test_a_server_that_hangs_is_not_waited_for() -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        index = open_server(f"http://127.0.0.1:{deaf.getsockname()[1]}", "plain:64", 0.2)
        async with asyncio.timeout(30):
            with pytest.raises(Unavailable):
                await index.ping()
        await index.close()


def test_an_address_of_no_use() -> None:
    for url in ("redis://host", "nonsense", "http://"):
        with pytest.raises(StartError, match="Chroma"):
            open_server(url, "plain:64")


async def test_without_the_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "chromadb", None)
    index = open_embedded(tmp_path / "chroma", "plain:64")
    with pytest.raises(StartError, match=r"everkin\[chroma\]"):
        await index.ping()
    await index.close()


async def test_a_server_says_what_it_cannot_overwrite(server: str) -> None:
    index = open_server(server, "plain:64", 20.0)
    assert "Chroma server" in (await index.scrub()).left[0]
    await index.close()


def damaged(folder: Path, pattern: str) -> list[Path]:
    return list(folder.glob(pattern))


def on_disk(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())
