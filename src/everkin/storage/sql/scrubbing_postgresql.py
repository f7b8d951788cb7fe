"""Overwriting what was erased in PostgreSQL.

PostgreSQL leaves deleted rows where they were until their table is rewritten, and in its write-ahead log until a checkpoint
lets old segments go. With `wal_recycle = off` they are removed, else kept and overwritten some time later. Neither reaches
backups, replicas or archived segments.
"""

from typing import Any

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


class PostgresqlScrub:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def scrub(self) -> Scrubbed:
        return Scrubbed(await self._database.apart(_postgresql))


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
