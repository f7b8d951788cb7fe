"""Rebuilding the index, and its progress."""

from sqlalchemy import Connection, func, select, update

from everkin.domain.conversation import ConversationStatus
from everkin.storage.sql import tables
from everkin.storage.sql.database import Database
from everkin.storage.sql.missing_vectors import lacking

_conversations = tables.conversations.c
_ALIVE = _conversations.status != ConversationStatus.DELETED.value


class ReindexState:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def restart(self) -> int:
        """Set every conversation to be indexed from its first message, and return their number.

        Existing index entries serve until they are replaced; a running job finds its watermark moved and writes no
        results.
        """
        back = update(tables.conversations).where(_ALIVE, _conversations.last_seq > 0).values(indexed_seq=0)
        return await self._database.change(lambda connection: int(connection.execute(back).rowcount))

    async def left(self, embedder: str) -> int:
        """Return the number of messages to index plus items without a vector of this embedder ("": vectors are not
        counted).
        """

        def count(connection: Connection) -> int:
            behind = select(func.coalesce(func.sum(_conversations.last_seq - _conversations.indexed_seq), 0)).where(
                _ALIVE
            )
            waiting = int(connection.execute(behind).scalar_one())
            return waiting + (lacking(connection, embedder) if embedder else 0)

        return await self._database.read(count)
