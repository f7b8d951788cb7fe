"""Beginning the index anew, and how far it has come."""

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
        """Every conversation is indexed from its first message on; how many there are. What was indexed serves until it is
        replaced; a job under way finds its watermark moved and writes nothing."""
        back = update(tables.conversations).where(_ALIVE, _conversations.last_seq > 0).values(indexed_seq=0)
        return await self._database.change(lambda connection: int(connection.execute(back).rowcount))

    async def left(self, embedder: str) -> int:
        """Messages that wait for the index, and what has no vector of this embedder (empty: vectors are not wanted)."""

        def count(connection: Connection) -> int:
            behind = select(func.coalesce(func.sum(_conversations.last_seq - _conversations.indexed_seq), 0)).where(
                _ALIVE
            )
            waiting = int(connection.execute(behind).scalar_one())
            return waiting + (lacking(connection, embedder) if embedder else 0)

        return await self._database.read(count)
