"""Watermarks: how far each job has come in each conversation. A watermark moves only from the position the job read it
at.
"""

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
    """A job's progress."""

    mark: str
    """Name of the watermark's column."""
    work: Work
    """The work as the job read it."""
    to_seq: int
    """Processed up to this `seq`, inclusive."""


def behind(connection: Connection, mark: str, limit: int, least: int = 1) -> list[Work]:
    """Return conversations with at least `least` messages beyond the watermark, those waiting longest first."""
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
    """Move the watermark. Return None, with no effect, if another node was first or the messages read were changed
    meanwhile.
    """
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
    """Return the conditions for messages that can be remembered."""
    forgotten = select(1).where(tables.unrecalled.c.message_id == _messages.id).exists()
    return (_messages.deleted_at.is_(None), _messages.aside.is_(False), ~forgotten)


def readable(conversation_id: ConversationId, after: int) -> Select[Any]:
    query = select(*MESSAGE).where(_messages.conversation_id == conversation_id, _messages.seq > after, *standing())
    return query.order_by(_messages.seq)


def read(connection: Connection, conversation_id: ConversationId, after: int, limit: int) -> list[Message]:
    return [message_of(row) for row in connection.execute(readable(conversation_id, after).limit(limit))]


def passed(connection: Connection, reached: Reached) -> list[Message]:
    """Return the messages that the job has processed."""
    query = readable(reached.work.conversation_id, reached.work.seq).where(_messages.seq <= reached.to_seq)
    return [message_of(row) for row in connection.execute(query)]


def ids(messages: Sequence[Message]) -> set[MessageId]:
    return {message.id for message in messages}
