"""Pending scrubs: erasures whose bytes may still be in the database's files. They are recorded in the erasing
transaction and deleted after a scrub.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from everkin.domain.memory import Erased
from everkin.storage.sql.derivatives import Taken
from everkin.storage.sql.tables import unscrubbed


@dataclass(frozen=True, slots=True)
class Owed:
    """The pending scrub, which covers every erasure up to number `last`."""

    last: int
    """Number of the newest erasure."""
    words: bool
    """True if words were deleted from the search index."""


def note(connection: Connection, taken: Taken) -> Erased:
    """Return the data removed, and record a pending scrub if there is any. A conversation whose word count is 0 has no
    words to merge.
    """
    erased = taken.erased()
    if erased.counts:
        connection.execute(insert(unscrubbed).values(words=bool(erased.counts.get("words"))))
    return erased


def owed(connection: Connection) -> Owed | None:
    """Return the pending scrub, None if there is none."""
    rows = connection.execute(select(unscrubbed.c.n, unscrubbed.c.words)).all()
    return Owed(max(row[0] for row in rows), any(row[1] for row in rows)) if rows else None


def strike_off(connection: Connection, last: int) -> None:
    connection.execute(delete(unscrubbed).where(unscrubbed.c.n <= last))
