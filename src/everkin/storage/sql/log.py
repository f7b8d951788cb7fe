"""Reads of a conversation's log. Each call reads one snapshot: entries, turns and revision belong together."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, or_, select

from everkin.domain.conversation import Conversation, ConversationStatus
from everkin.domain.errors import NotFound
from everkin.domain.ids import ConversationId, MessageId, UserId
from everkin.domain.message import Message, SenderType
from everkin.domain.record import Log, LogEntry
from everkin.storage.sql import tables
from everkin.storage.sql.newest import NewestTurns
from everkin.storage.sql.rows import CONVERSATION, MESSAGE, conversation_of, message_of

_conversations = tables.conversations.c
_messages = tables.messages.c
_members = tables.participants.c


def visible(user_id: UserId | None) -> ColumnElement[bool]:
    """Return the condition that a user may see a conversation. None stands for Everkin itself."""
    alive = _conversations.status != ConversationStatus.DELETED.value
    if user_id is None:
        return alive
    member = select(1).where(_members.conversation_id == _conversations.id, _members.member_id == user_id).exists()
    return and_(alive, or_(_conversations.owner_id == user_id, member))


def conversation(connection: Connection, conversation_id: ConversationId, user_id: UserId | None) -> Conversation:
    query = select(*CONVERSATION).where(_conversations.id == conversation_id, visible(user_id))
    row = connection.execute(query).first()
    if row is None:
        raise NotFound()
    return conversation_of(row)


class LogReader:
    def __init__(self, newest: NewestTurns) -> None:
        self._newest = newest

    def entry(
        self, connection: Connection, message_id: MessageId, user_id: UserId | None
    ) -> tuple[LogEntry, Conversation]:
        columns = (*MESSAGE, *CONVERSATION)
        query = select(*columns).join_from(tables.messages, tables.conversations)
        row = connection.execute(query.where(_messages.id == message_id, visible(user_id))).first()
        if row is None:
            raise NotFound()
        found = conversation_of(row[len(MESSAGE) :])
        return self.entries(connection, found, [message_of(row[: len(MESSAGE)])])[0], found

    def entries(self, connection: Connection, found: Conversation, messages: Sequence[Message]) -> tuple[LogEntry, ...]:
        """Return messages with their turns. Only users' messages have turns, so only those are looked up."""
        asked = [message.id for message in messages if message.sender_type is SenderType.USER]
        turns = self._newest.of(connection, asked, found.character_ids)
        return tuple(LogEntry(message, turns.get(message.id, ())) for message in messages)

    def newest(
        self, connection: Connection, conversation_id: ConversationId, user_id: UserId | None, limit: int
    ) -> Log:
        return self.before(connection, conversation_id, user_id, None, limit)

    def before(
        self,
        connection: Connection,
        conversation_id: ConversationId,
        user_id: UserId | None,
        before: int | None,
        limit: int,
    ) -> Log:
        query = _log(conversation_id).order_by(_messages.seq.desc())
        if before is not None:
            query = query.where(_messages.seq < before)
        return self._cut(connection, conversation_id, user_id, query, limit, backwards=True)

    def after(
        self, connection: Connection, conversation_id: ConversationId, user_id: UserId, after: int, limit: int
    ) -> Log:
        query = _log(conversation_id).where(_messages.seq > after).order_by(_messages.seq)
        return self._cut(connection, conversation_id, user_id, query, limit)

    def missed(
        self,
        connection: Connection,
        conversation_id: ConversationId,
        user_id: UserId,
        last_seq: int,
        last_revision: int | None,
        limit: int,
    ) -> Log:
        wanted = _messages.seq > last_seq
        if last_revision is not None:
            wanted = or_(wanted, _messages.revision > last_revision)
        query = _log(conversation_id).where(wanted).order_by(_messages.seq)
        return self._cut(connection, conversation_id, user_id, query, limit)

    def _cut(
        self,
        connection: Connection,
        conversation_id: ConversationId,
        user_id: UserId | None,
        query: Select[Any],
        limit: int,
        *,
        backwards: bool = False,
    ) -> Log:
        found = conversation(connection, conversation_id, user_id)
        messages = [message_of(row) for row in connection.execute(query.limit(limit + 1))]
        kept = messages[:limit]
        if backwards:
            kept.reverse()
        return Log(found, self.entries(connection, found, kept), more=len(messages) > limit)


def _log(conversation_id: ConversationId) -> Select[Any]:
    """Return the query for the messages of the current branch."""
    return select(*MESSAGE).where(_messages.conversation_id == conversation_id, _messages.aside.is_(False))
