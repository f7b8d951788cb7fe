"""Chroma's folder: damaged ones are moved aside, and remains of deleted vectors are removed.

Measured with Chroma 1.5.9: after a collection was deleted, its segment's folder still holds the vectors, and so do
freed pages of chroma.sqlite3.
"""

import shutil
import sqlite3
import struct
import time
from pathlib import Path

ASIDE = ".damaged-"

LARGEST_VECTOR = 2**20
"""Bytes; a header with a greater size is damaged."""

_HEADER = struct.Struct("<iQQQQ")
"""Header of an HNSW segment: version, offset, capacity in vectors, number of vectors, bytes of each."""


class DamagedError(Exception):
    """A damaged file that would make Chroma end the process."""


def check(folder: Path) -> None:
    """Check that each segment's file is as long as its header requires. The content is not checked.

    Raises DamagedError.
    """
    for header in folder.glob("*/header.bin"):
        content = header.read_bytes()
        if len(content) < _HEADER.size:
            raise DamagedError(header.name)
        version, _, most, used, size = _HEADER.unpack_from(content)
        vectors = header.with_name("data_level0.bin")
        whole = version == 1 and used <= most and 0 < size <= LARGEST_VECTOR
        if not whole or not vectors.exists() or vectors.stat().st_size < used * size:
            raise DamagedError(vectors.name)


def move_aside(folder: Path) -> Path:
    aside = folder.with_name(f"{folder.name}{ASIDE}{time.time_ns() // 1_000_000}")
    folder.rename(aside)
    return aside


def remove_leftovers(folder: Path) -> None:
    """Remove segments that belong to no collection, freed pages, and folders that were moved aside."""
    connection = sqlite3.connect(folder / "chroma.sqlite3", timeout=10, isolation_level=None)
    try:
        alive = {row[0] for row in connection.execute("SELECT id FROM segments")}
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()
    for segment in folder.iterdir():
        if segment.is_dir() and segment.name not in alive:
            shutil.rmtree(segment)
        elif segment.is_dir():
            _blank_unused(segment)
    for aside in folder.parent.glob(f"{folder.name}{ASIDE}*"):
        shutil.rmtree(aside)


def _blank_unused(segment: Path) -> None:
    """Zero the part of a segment's file that holds no vector.

    A new segment's file has room for its first hundred vectors and is written with uninitialised memory, which may
    contain vectors freed just before.
    """
    header, vectors = segment / "header.bin", segment / "data_level0.bin"
    if not header.exists() or not vectors.exists():
        return
    *_, used, size = _HEADER.unpack_from(header.read_bytes())
    with vectors.open("r+b") as file:
        rest = vectors.stat().st_size - used * size
        if rest > 0:
            file.seek(used * size)
            file.write(bytes(rest))
