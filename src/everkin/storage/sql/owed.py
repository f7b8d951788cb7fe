"""Erasures whose bytes may still be in the database's files: noted in the transaction that erases, struck off after a scrub."""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from everkin.domain.memory import Erased
from everkin.storage.sql.derivatives import Taken
from everkin.storage.sql.tables import unscrubbed


@dataclass(frozen=True, slots=True)
class Owed:
    """Every erasure up to the one with number `last`."""

    last: int
    words: bool
    """Some took words out of the index for search."""


def note(connection: Connection, taken: Taken) -> Erased:
    """What was taken, which a scrub now owes. A conversation takes its words along uncounted where it has none."""
    erased = taken.erased()
    if erased.counts:
        connection.execute(insert(unscrubbed).values(words=bool(erased.counts.get("words"))))
    return erased


def owed(connection: Connection) -> Owed | None:
    """None: nothing is."""
    rows = connection.execute(select(unscrubbed.c.n, unscrubbed.c.words)).all()
    return Owed(max(row[0] for row in rows), any(row[1] for row in rows)) if rows else None


def strike_off(connection: Connection, last: int) -> None:
    connection.execute(delete(unscrubbed).where(unscrubbed.c.n <= last))
