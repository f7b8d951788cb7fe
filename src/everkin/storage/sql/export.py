"""Export of all data stored about one user, table by table."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, Table, select

from everkin.domain.ids import UserId
from everkin.storage.sql import tables
from everkin.storage.sql.database import Database

SECRET = frozenset({"password_hash", "embedding", "embedder", "bytes"})
"""Columns left out: credentials, derived data, and file contents, which are exported as files."""

Rows = Mapping[str, Sequence[Mapping[str, Any]]]


class PersonalDataExport:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def rows(self, user_id: UserId) -> Rows:
        """Return the rows of each table as stored, from one snapshot. Conversations are complete, including messages of
        others.
        """

        def read(connection: Connection) -> Rows:
            return {table.name: _rows(connection, table, query) for table, query in _queries(user_id)}

        return await self._database.read(read)

    async def pictures(self, user_id: UserId) -> Sequence[tuple[str, str, bytes]]:
        """Return (id, content type, bytes) of every file the user owns."""
        media = tables.media.c
        query = select(media.id, media.content_type, media.bytes).where(media.owner_id == user_id).order_by(media.id)

        def read(connection: Connection) -> Sequence[tuple[str, str, bytes]]:
            return [(str(row[0]), str(row[1]), bytes(row[2])) for row in connection.execute(query)]

        return await self._database.read(read)


def _queries(user_id: UserId) -> Sequence[tuple[Table, Select[Any]]]:
    member = tables.participants.c
    own = select(member.conversation_id).where(member.member_id == user_id)
    characters = select(tables.characters.c.id).where(tables.characters.c.owner_id == user_id)
    facts = select(tables.facts.c.id).where(tables.facts.c.user_id == user_id)

    def where(table: Table, column: str, value: Any) -> tuple[Table, Select[Any]]:
        told = table.c[column]
        condition = told.in_(value) if isinstance(value, Select) else told == value
        shown = [each for each in table.c if each.name not in SECRET]
        return table, select(*shown).where(condition).order_by(*table.primary_key.columns)

    return (
        where(tables.users, "id", user_id),
        where(tables.characters, "owner_id", user_id),
        where(tables.character_versions, "character_id", characters),
        where(tables.conversations, "id", own),
        where(tables.participants, "conversation_id", own),
        where(tables.messages, "conversation_id", own),
        where(tables.turns, "conversation_id", own),
        where(tables.findings, "user_id", user_id),
        where(tables.facts, "user_id", user_id),
        where(tables.fact_sources, "fact_id", facts),
        where(tables.summaries, "conversation_id", own),
        where(tables.relationship_events, "user_id", user_id),
        where(tables.usage, "user_id", user_id),
        where(tables.reports, "reporter_id", user_id),
        where(tables.receipts, "user_id", user_id),
    )


def _rows(connection: Connection, table: Table, query: Select[Any]) -> list[Mapping[str, Any]]:
    return [dict(row) for row in connection.execute(query).mappings()]
