"""Greetings for a user who returns: a character's message that answers no other."""

from sqlalchemy import Connection, insert

from everkin.domain.conversation import ConversationStatus
from everkin.domain.message import Message, MessageStatus, MessageType, SenderType
from everkin.domain.record import Appended, Greeting
from everkin.storage.sql import tables
from everkin.storage.sql.database import Database
from everkin.storage.sql.operations import PerItem
from everkin.storage.sql.rows import MESSAGE, message_values
from everkin.storage.sql.unit_of_work import ConversationState, UnitOfWork


class Greetings:
    """Stores greetings."""

    def __init__(self, database: Database, ledger: UnitOfWork) -> None:
        self._database = database
        self._ledger = ledger
        self._add = PerItem(self._write)

    async def add(self, greeting: Greeting) -> Appended | None:
        """Append a greeting. Return None, with no effect, if the conversation has continued meanwhile or is archived or
        deleted.
        """
        return await self._database.write(self._add, greeting)

    def _write(self, connection: Connection, greeting: Greeting) -> Appended | None:
        standing = self._ledger.open(connection, [greeting.conversation_id]).get(greeting.conversation_id)
        if standing is None or standing.status is not ConversationStatus.ACTIVE:
            return None
        if standing.last_seq != greeting.after_seq or greeting.character_id not in standing.character_ids:
            return None
        message = _message(greeting, standing)
        values = dict(zip((column.name for column in MESSAGE), message_values(message), strict=True))
        connection.execute(insert(tables.messages).values({**values, "metadata": dict(message.metadata)}))
        self._ledger.keep(connection, {standing.id: standing})
        return Appended(message, (), standing.frozen())


def _message(greeting: Greeting, standing: ConversationState) -> Message:
    parent = standing.head_id
    revision = standing.step(greeting.at)
    standing.add(greeting.id, greeting.content, greeting.at)
    return Message(
        id=greeting.id,
        conversation_id=greeting.conversation_id,
        seq=standing.last_seq,
        revision=revision,
        parent_id=parent,
        reply_to=None,
        sender_type=SenderType.CHARACTER,
        sender_id=greeting.character_id,
        type=MessageType.TEXT,
        content=greeting.content,
        status=MessageStatus.DELIVERED if greeting.delivered else MessageStatus.SENT,
        created_at=greeting.at,
        delivered_at=greeting.at if greeting.delivered else None,
        metadata={"greeting": True},
    )
