"""Chroma's folder: damaged ones are moved aside, and what Chroma leaves behind of deleted vectors is removed.

Measured with Chroma 1.5.9: after a collection was deleted, its segment's folder still holds the vectors, and so do freed
pages of chroma.sqlite3.
"""

import shutil
import sqlite3
import time
from pathlib import Path

ASIDE = ".damaged-"


def move_aside(folder: Path) -> Path:
    aside = folder.with_name(f"{folder.name}{ASIDE}{time.time_ns() // 1_000_000}")
    folder.rename(aside)
    return aside


def remove_leftovers(folder: Path) -> None:
    """Segments that no collection has, freed pages, and folders that were moved aside."""
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
    for aside in folder.parent.glob(f"{folder.name}{ASIDE}*"):
        shutil.rmtree(aside)
