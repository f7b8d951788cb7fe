"""Overwriting what was erased: freed pages, and the log of writes.

SQLite zeroes what is deleted as it goes (secure_delete), but copies of cells stay behind in pages that were rebalanced, in
the segments of the full-text index, and in the write-ahead log until that is emptied.

PostgreSQL leaves deleted rows where they were until their table is rewritten, and in its write-ahead log until a checkpoint
lets old segments go. With `wal_recycle = off` they are removed, else kept and overwritten some time later. Neither reaches
backups, replicas or archived segments.
"""

from collections.abc import Callable
from typing import Any

from everkin.domain.errors import StorageUnavailable
from everkin.storage.sql.engines import POSTGRESQL_TIMEOUTS

TRIES = 5

Work = Callable[[Any], tuple[str, ...]]

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


def scrubbing(dialect: str) -> Work:
    """What to do with the driver's connection; says what could not be done."""
    return _sqlite if dialect == "sqlite" else _postgresql


def _sqlite(connection: Any) -> tuple[str, ...]:
    """The copy that VACUUM makes goes to a file of its own, which has no name: memory would not do for years of talk."""
    connection.execute("INSERT INTO message_index(message_index) VALUES ('optimize')")
    connection.execute("PRAGMA temp_store = FILE")
    try:
        connection.execute("VACUUM")
    finally:
        connection.execute("PRAGMA temp_store = MEMORY")
    for _ in range(TRIES):
        busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        if not busy:
            return ()
    raise StorageUnavailable("Somebody reads the record for very long; what was erased will be overwritten later.")


def _postgresql(connection: Any) -> tuple[str, ...]:
    before, connection.autocommit = connection.autocommit, True
    try:
        connection.execute("SET statement_timeout = 0")
        connection.execute("SET lock_timeout = '60s'")
        for table in _TABLES:
            connection.execute(f"VACUUM (FULL) {table}")
        return _let_go_of_the_log(connection)
    finally:
        for statement in POSTGRESQL_TIMEOUTS:
            connection.execute(statement)
        connection.autocommit = before


def _let_go_of_the_log(connection: Any) -> tuple[str, ...]:
    """Twice: a checkpoint keeps the segment that it began in."""
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
