"""Relationship events and summaries as rows."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select, true

from everkin.domain.conversation import ConversationStatus
from everkin.domain.ids import MessageId, Millis
from everkin.domain.memory import BondEvent, BondEventsAfter, Pair, Summary
from everkin.storage.sql import pairs, tables
from everkin.storage.sql.ids import chunks, padded
from everkin.storage.sql.rows import Row, document

_events = tables.relationship_events.c
_messages = tables.messages.c
_summaries = tables.summaries.c

LONGEST_TOPIC = 120

_EVENT = ("id", "character_id", "user_id", "conversation_id", "message_id", "kind", "amounts", "at", "topic")
_SUMMARY = ("id", "conversation_id", "from_seq", "to_seq", "text", "importance", "model", "created_at", "witnesses")


def events(connection: Connection, pair: Pair, after: Millis | None = None) -> list[BondEvent]:
    """Return events in order of time, only those after `after` if given. Events of deleted or off-branch messages are
    left out.
    """
    query = (
        select(*(_events[name] for name in _EVENT))
        .join(tables.messages, _messages.id == _events.message_id)
        .join(tables.conversations, tables.conversations.c.id == _events.conversation_id)
        .where(_of(pair), true() if after is None else _events.at > after)
        .where(_messages.deleted_at.is_(None), _messages.aside.is_(False))
        .where(tables.conversations.c.status != ConversationStatus.DELETED.value)
        .order_by(_events.at, _messages.seq, _events.id)
    )
    return [_event(row) for row in connection.execute(query)]


def events_after(connection: Connection, pair: Pair, after: Millis | None) -> BondEventsAfter:
    found = events(connection, pair, after)
    last = found[-1].at if found else after
    epoch = pairs.state(connection, pair).epoch
    return BondEventsAfter(epoch, _until(connection, pair, after), found, _until(connection, pair, last))


def _until(connection: Connection, pair: Pair, at: Millis | None) -> int:
    """Return the number of events up to this time, including those of deleted or off-branch messages."""
    if at is None:
        return 0
    query = select(func.count()).select_from(tables.relationship_events).where(_of(pair), _events.at <= at)
    return int(connection.execute(query).scalar_one())


def _of(pair: Pair) -> ColumnElement[bool]:
    return and_(_events.character_id == pair.character_id, _events.user_id == pair.user_id)


def _event(row: Row) -> BondEvent:
    values = list(row)
    values[6] = document(values[6])
    return BondEvent(*values)


def replace(connection: Connection, message_ids: Sequence[MessageId], given: Sequence[BondEvent]) -> None:
    """Replace all events of these messages."""
    for some in chunks(message_ids):
        connection.execute(delete(tables.relationship_events).where(_events.message_id.in_(padded(some))))
    if given:
        connection.execute(insert(tables.relationship_events), [_values(each) for each in given])


def _values(event: BondEvent) -> dict[str, Any]:
    names = ("id", "character_id", "user_id", "conversation_id", "message_id", "kind", "at")
    values = {name: getattr(event, name) for name in names}
    return values | {"amounts": dict(event.amounts), "topic": event.topic[:LONGEST_TOPIC]}


def summaries(connection: Connection, conversation_ids: Collection[str]) -> list[Summary]:
    """Return summaries in order of conversation and `to_seq`."""
    query = select(*(_summaries[name] for name in _SUMMARY)).where(
        _summaries.conversation_id.in_(padded(conversation_ids))
    )
    rows = connection.execute(query.order_by(_summaries.conversation_id, _summaries.to_seq))
    return [_summary(row) for row in rows]


def _summary(row: Row) -> Summary:
    values = list(row)
    values[5] = round(values[5])
    values[8] = tuple(document(values[8]))
    return Summary(*values)


def write_summary(connection: Connection, summary: Summary) -> None:
    connection.execute(
        insert(tables.summaries).values(
            id=summary.id,
            conversation_id=summary.conversation_id,
            from_seq=summary.from_seq,
            to_seq=summary.to_seq,
            text=summary.text,
            importance=summary.importance,
            model=summary.model,
            created_at=summary.at,
            witnesses=list(summary.witnesses),
        )
    )
