"""Retention: finds idle conversations to archive and data that may be purged. Only archiving is written here; purging
is an erasure (erasure.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, select, update

from everkin.domain.conversation import ARCHIVED_AT, ARCHIVED_BY, RETENTION, Conversation, ConversationStatus
from everkin.domain.ids import ConversationId, Millis, UserId
from everkin.domain.memory import FactId
from everkin.storage.sql import tables
from everkin.storage.sql.database import Database
from everkin.storage.sql.operations import PerItem
from everkin.storage.sql.unit_of_work import UnitOfWork

_conversations = tables.conversations.c
_facts = tables.facts.c


@dataclass(frozen=True, slots=True)
class _Archiving:
    """A request to archive an idle conversation."""

    id: ConversationId
    """The conversation's id."""
    before: Millis
    """It must have been idle since this time, Unix milliseconds."""
    at: Millis
    """Unix milliseconds."""


class RetentionRecord:
    def __init__(self, database: Database, ledger: UnitOfWork) -> None:
        self._database = database
        self._ledger = ledger
        self._archive = PerItem(self._put_away)

    async def idle(self, before: Millis, limit: int) -> Sequence[ConversationId]:
        """Return active conversations without a message, read or change since `before`."""
        query = select(_conversations.id).where(_idle(before)).order_by(_conversations.updated_at).limit(limit)
        return await self._database.read(lambda connection: list(connection.execute(query).scalars()))

    async def count_idle(self, before: Millis) -> int:
        return await self._count(select(_conversations.id).where(_idle(before)))

    async def archive(self, conversation_id: ConversationId, before: Millis, at: Millis) -> Conversation | None:
        """Archive a conversation. Return None, with no effect, if it is no longer idle."""
        return await self._database.write(self._archive, _Archiving(conversation_id, before, at))

    async def put_away(self, before: Millis, limit: int) -> Sequence[tuple[ConversationId, UserId]]:
        """Return conversations that retention archived and that are unchanged since `before`, with their owners. Those
        archived by a user are not included.
        """
        query = select(_conversations.id, _conversations.owner_id).where(_put_away(before)).limit(limit)
        return await self._database.read(lambda connection: [(row[0], row[1]) for row in connection.execute(query)])

    async def count_put_away(self, before: Millis) -> int:
        return await self._count(select(_conversations.id).where(_put_away(before)))

    async def resting(self, before: Millis, below: float, limit: int) -> Sequence[tuple[FactId, UserId]]:
        """Return facts last mentioned before `before`, not pinned and of less importance than `below`, for every
        character that knows them.
        """
        query = _resting(before, below).limit(limit)
        return await self._database.read(lambda connection: [(row[0], row[1]) for row in connection.execute(query)])

    async def count_resting(self, before: Millis, below: float) -> int:
        return await self._count(_resting(before, below))

    async def _count(self, query: Select[Any]) -> int:
        counting = select(func.count()).select_from(query.subquery())
        return await self._database.read(lambda connection: int(connection.execute(counting).scalar_one()))

    def _put_away(self, connection: Connection, asked: _Archiving) -> Conversation | None:
        """Archive a conversation. The row is locked before the check, so that no new message is archived with it."""
        standing = self._ledger.open(connection, [asked.id]).get(asked.id)
        if standing is None:
            return None
        mine = _conversations.id == asked.id
        if connection.execute(select(1).where(mine, _idle(asked.before))).first() is None:
            return None
        standing.status = ConversationStatus.ARCHIVED
        standing.metadata = {**standing.metadata, ARCHIVED_BY: RETENTION, ARCHIVED_AT: asked.at}
        connection.execute(update(tables.conversations).where(mine).values(metadata=standing.metadata))
        standing.step(asked.at)
        self._ledger.keep(connection, {standing.id: standing})
        return standing.frozen()


def _idle(before: Millis) -> ColumnElement[bool]:
    said = func.coalesce(_conversations.last_message_at, _conversations.created_at) < before
    return and_(_conversations.status == ConversationStatus.ACTIVE.value, said, _conversations.updated_at < before)


def _put_away(before: Millis) -> ColumnElement[bool]:
    by_retention = _conversations.metadata[ARCHIVED_BY].as_string() == RETENTION
    archived = _conversations.status == ConversationStatus.ARCHIVED.value
    return and_(archived, by_retention, _conversations.updated_at < before)


def _resting(before: Millis, below: float) -> Select[Any]:
    """Build the query. A fact is erased for all its characters at once, so it counts only if it rests with each."""
    little = and_(~_facts.pinned, _facts.importance < below, _facts.last_reinforced_at < before)
    held = tables.facts.alias().c
    holding = (held.pinned) | (held.importance >= below) | (held.last_reinforced_at >= before)
    elsewhere = select(1).where(held.id == _facts.id, holding).exists()
    return select(_facts.id, _facts.user_id).where(little, ~elsewhere).distinct().order_by(_facts.id)
