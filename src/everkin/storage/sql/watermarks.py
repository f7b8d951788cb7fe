"""How far each job has come in each conversation, and moving that on only from where the job had found it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, select, update

from everkin.domain.conversation import Conversation, ConversationStatus
from everkin.domain.ids import ConversationId, MessageId
from everkin.domain.memory import Work
from everkin.domain.message import Message
from everkin.storage.sql import tables
from everkin.storage.sql.rows import CONVERSATION, MESSAGE, conversation_of, message_of

_conversations = tables.conversations.c
_messages = tables.messages.c

INDEXED, DIGESTED, SUMMARISED = "indexed_seq", "digested_seq", "summarised_seq"


@dataclass(frozen=True, slots=True)
class Reached:
    mark: str
    work: Work
    """Done up to `to_seq`."""
    to_seq: int


def behind(connection: Connection, mark: str, limit: int, least: int = 1) -> list[Work]:
    """Conversations with `least` messages or more beyond the watermark, those first that have waited longest."""
    reached = _conversations[mark]
    query = (
        select(_conversations.id, reached, _conversations.last_seq, _conversations.amended)
        .where(_conversations.last_seq - reached >= least)
        .where(_conversations.status != ConversationStatus.DELETED.value)
        .order_by(_conversations.updated_at, _conversations.id)
        .limit(limit)
    )
    return [Work(*row) for row in connection.execute(query)]


def advance(connection: Connection, reached: Reached) -> Conversation | None:
    """None, and nothing moved: another node was there first, or what the job has read was changed meanwhile."""
    column = _conversations[reached.mark]
    statement = (
        update(tables.conversations)
        .where(_conversations.id == reached.work.conversation_id, column == reached.work.seq)
        .where(_conversations.amended == reached.work.amended)
        .where(_conversations.status != ConversationStatus.DELETED.value)
        .values({reached.mark: reached.to_seq})
        .returning(*CONVERSATION)
    )
    row = connection.execute(statement).first()
    return None if row is None else conversation_of(row)


def standing() -> tuple[ColumnElement[bool], ...]:
    """Of messages: what can be remembered."""
    forgotten = select(1).where(tables.unrecalled.c.message_id == _messages.id).exists()
    return (_messages.deleted_at.is_(None), _messages.aside.is_(False), ~forgotten)


def readable(conversation_id: ConversationId, after: int) -> Select[Any]:
    query = select(*MESSAGE).where(_messages.conversation_id == conversation_id, _messages.seq > after, *standing())
    return query.order_by(_messages.seq)


def read(connection: Connection, conversation_id: ConversationId, after: int, limit: int) -> list[Message]:
    return [message_of(row) for row in connection.execute(readable(conversation_id, after).limit(limit))]


def passed(connection: Connection, reached: Reached) -> list[Message]:
    """The messages that the job has dealt with."""
    query = readable(reached.work.conversation_id, reached.work.seq).where(_messages.seq <= reached.to_seq)
    return [message_of(row) for row in connection.execute(query)]


def ids(messages: Sequence[Message]) -> set[MessageId]:
    return {message.id for message in messages}
