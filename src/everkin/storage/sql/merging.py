"""Merges of SQLite's search index (FTS5). Deleted words leave the files only when the segments that hold them are
merged, so all segments are merged into one, step by step: https://www.sqlite.org/fts5.html#the_merge_command
"""

from collections.abc import Iterator

from sqlalchemy import Connection, text

STEP = 64
"""Index pages that one step writes: about 20 ms."""

STRUCTURE = 10
"""Row of the index's own table that lists its segments."""

_MERGE = text("INSERT INTO message_index(message_index, rank) VALUES ('merge', :pages)")
_STRUCTURE = text(f"SELECT block FROM message_index_data WHERE id = {STRUCTURE}")


def begin(connection: Connection) -> int | None:
    """Run the first step. Return the level of segments being merged, None when the merge is complete."""
    connection.execute(_MERGE, {"pages": -STEP})
    levels = _merging(connection)
    busy = [level for level, inputs in enumerate(levels) if inputs]
    return busy[-1] if busy else None


def go_on(connection: Connection, level: int) -> bool:
    """Run a further step. Return whether all segments of `level` are merged into one; segments added since are not
    waited for.
    """
    connection.execute(_MERGE, {"pages": STEP})
    levels = _merging(connection)
    return level >= len(levels) or not levels[level]


def _merging(connection: Connection) -> list[int]:
    """Return for each level how many of its segments are being merged into one of the next."""
    block: bytes | None = connection.execute(_STRUCTURE).scalar()
    numbers = _numbers(block[4:] if block else b"\0\0\0")
    levels, _, _ = next(numbers), next(numbers), next(numbers)
    found = []
    for _ in range(levels):
        found.append(next(numbers))
        for _ in range(3 * next(numbers)):
            next(numbers)
    return found


def _numbers(block: bytes) -> Iterator[int]:
    """Yield SQLite's varints, of up to eight bytes."""
    value = 0
    for byte in block:
        value = value << 7 | byte & 127
        if byte < 128:
            yield value
            value = 0
