"""Overwriting of erased data in PostgreSQL.

PostgreSQL keeps deleted rows in place until their table is rewritten, and in its write-ahead log until a checkpoint
drops old segments. With `wal_recycle = off` these are deleted, otherwise kept and overwritten some time later. Backups,
replicas and archived segments are not covered.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any

from everkin.domain.errors import StorageUnavailable
from everkin.domain.memory import Scrubbed
from everkin.storage.sql.database import Database
from everkin.storage.sql.engines import POSTGRESQL_TIMEOUTS

_TABLES = (
    "conversations",
    "participants",
    "messages",
    "turns",
    "facts",
    "fact_sources",
    "findings",
    "summaries",
    "embeddings",
    "relationship_events",
    "message_words",
    "unrecalled",
    "characters",
    "character_versions",
    "media",
    "users",
)

_WAL = "old segments of PostgreSQL's write-ahead log: {reason}"
_NO_RIGHT = "this role may not {what}. Grant it pg_checkpoint and EXECUTE on pg_switch_wal()"
_RECYCLED = "the server keeps old segments for reuse. Set wal_recycle = off in postgresql.conf"


_LOCK = "SET lock_timeout = '200ms'"
"""A statement that waits for its lock makes all later ones queue behind it, so it gives up soon and is retried."""

_WRITER_WAITS = ("SET statement_timeout = '10min'", "SET lock_timeout = '10min'")

LONGEST_PAUSE = 1.0
"""Seconds to pause after a table for waiting statements; at most as long as the table took."""

PATIENCE = 60.0
"""Seconds after which the scrub fails if a table is never free."""

_LOCKED = "55P03"


class PostgresqlScrub:
    """Rewrites one table after the other on a connection of its own, with pauses. Writes to a table wait while it is
    rewritten, and this node's writer gets timeouts long enough for it.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def scrub(self) -> Scrubbed:
        """Rewrite the tables and drop old log segments. Raises StorageUnavailable."""
        await self._database.apart(_setting(_WRITER_WAITS))
        try:
            return Scrubbed(await self._database.beside(_scrub))
        finally:
            await self._database.apart(_setting(POSTGRESQL_TIMEOUTS))


def _scrub(connection: Any) -> tuple[str, ...]:
    connection.autocommit = True
    for statement in ("SET statement_timeout = 0", _LOCK):
        connection.execute(statement)
    for table in _TABLES:
        _rewrite(connection, table)
    return _let_go_of_the_log(connection)


def _rewrite(connection: Any, table: str) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        begun = time.monotonic()
        done = _rewritten(connection, table)
        connection.execute("SELECT pg_sleep(%s)", (min(LONGEST_PAUSE, time.monotonic() - begun),))
        if done:
            return
        if time.monotonic() > until:
            raise StorageUnavailable(f"The table {table} is in use all the while; it will be overwritten later.")


def _setting(statements: Sequence[str]) -> Callable[[Any], None]:
    def work(connection: Any) -> None:
        before, connection.autocommit = connection.autocommit, True
        for statement in statements:
            connection.execute(statement)
        connection.autocommit = before

    return work


def _rewritten(connection: Any, table: str) -> bool:
    """Rewrite a table. Return False if another connection uses it."""
    try:
        connection.execute(f"VACUUM (FULL) {table}")
    except Exception as error:
        if getattr(error, "sqlstate", None) != _LOCKED:
            raise
        return False
    return True


def _let_go_of_the_log(connection: Any) -> tuple[str, ...]:
    """Drop old log segments. Done twice, as a checkpoint keeps the segment it began in."""
    for _ in range(2):
        for what, statement in (("switch segments", "SELECT pg_switch_wal()"), ("make a checkpoint", "CHECKPOINT")):
            try:
                connection.execute(statement)
            except Exception as error:
                if getattr(error, "sqlstate", None) != "42501":
                    raise
                return (_WAL.format(reason=_NO_RIGHT.format(what=what)),)
    recycles = connection.execute("SELECT current_setting('wal_recycle')").fetchone()[0]
    return () if recycles == "off" else (_WAL.format(reason=_RECYCLED),)
