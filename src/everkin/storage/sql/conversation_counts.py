"""Figures about conversations, read without their messages."""

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import Connection, func, select

from everkin.domain.ids import ConversationId, UserId
from everkin.domain.message import SenderType
from everkin.storage.sql import log, tables
from everkin.storage.sql.database import Database

_messages = tables.messages.c
_conversations = tables.conversations.c

_CHUNK = 500
"""Ids in one statement, so that a sweep over thousands leaves the readers free for other calls in between."""


class ConversationCounts:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def by_sender(self, conversation_id: ConversationId, user_id: UserId) -> Mapping[str, int]:
        """Return the number of messages that are not deleted, by id of user or character. Raises NotFound."""

        def count(connection: Connection) -> dict[str, int]:
            log.conversation(connection, conversation_id, user_id)
            query = (
                select(_messages.sender_id, func.count())
                .where(_messages.conversation_id == conversation_id, _messages.deleted_at.is_(None))
                .where(_messages.sender_type != SenderType.SYSTEM.value)
                .group_by(_messages.sender_id)
            )
            return {str(row[0]): int(row[1]) for row in connection.execute(query)}

        return await self._database.read(count)

    async def revisions(self, conversation_ids: Sequence[ConversationId]) -> Mapping[ConversationId, int]:
        """Return the revisions by conversation id. Unknown ids are left out."""
        found: dict[ConversationId, int] = {}
        for start in range(0, len(conversation_ids), _CHUNK):
            found |= await self._database.read(_revisions_of(conversation_ids[start : start + _CHUNK]))
        return found


def _revisions_of(ids: Sequence[ConversationId]) -> Callable[[Connection], dict[ConversationId, int]]:
    query = select(_conversations.id, _conversations.revision).where(_conversations.id.in_(ids))
    return lambda connection: {ConversationId(row[0]): int(row[1]) for row in connection.execute(query)}
