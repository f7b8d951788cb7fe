"""Findings as rows. Those of off-branch messages are kept, but left out when findings are read."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, or_, select

from everkin.domain.conversation import Conversation, ConversationStatus
from everkin.domain.ids import MessageId
from everkin.domain.memory import Category, Finding, Op, Pair, Realm
from everkin.storage.sql import tables
from everkin.storage.sql.ids import chunks, padded
from everkin.storage.sql.rows import Row, document

_findings = tables.findings.c
_messages = tables.messages.c

_FIELDS = tuple(field.name for field in dataclasses.fields(Finding))
_COLUMNS = tuple(_findings[name] for name in _FIELDS)
_AT = {name: place for place, name in enumerate(_FIELDS)}


def in_the_fold(connection: Connection, pair: Pair) -> list[Finding]:
    """Return the findings this character witnessed of the user, and those the user entered for it by hand, ordered by
    `at`, `seq`, `n`.
    """
    query = (
        select(*_COLUMNS)
        .select_from(
            tables.findings.outerjoin(tables.messages, _messages.id == _findings.message_id).outerjoin(
                tables.conversations, tables.conversations.c.id == _findings.conversation_id
            )
        )
        .where(_findings.user_id == pair.user_id, _meant_for(pair), _standing())
        .order_by(_findings.at, _findings.seq, _findings.n, _findings.id)
    )
    found = (_finding(row) for row in connection.execute(query))
    return [each for each in found if each.character_id is not None or pair.character_id in each.witnesses]


def write(connection: Connection, findings: Sequence[Finding]) -> None:
    if findings:
        connection.execute(insert(tables.findings), [_values(each) for each in findings])


def replace(connection: Connection, message_ids: Sequence[MessageId], findings: Sequence[Finding]) -> None:
    """Replace all findings of these messages."""
    for some in chunks(message_ids):
        connection.execute(delete(tables.findings).where(_findings.message_id.in_(padded(some))))
    write(connection, findings)


def belonging(conversation: Conversation, readable: set[MessageId], findings: Sequence[Finding]) -> list[Finding]:
    """Leave out findings of messages that are gone, and findings about users who do not participate."""
    return [each for each in findings if each.message_id in readable and each.user_id in conversation.user_ids]


def _meant_for(pair: Pair) -> ColumnElement[bool]:
    return or_(_findings.character_id == pair.character_id, _findings.character_id.is_(None))


def _standing() -> ColumnElement[bool]:
    said = and_(
        _messages.deleted_at.is_(None),
        _messages.aside.is_(False),
        tables.conversations.c.status != ConversationStatus.DELETED.value,
    )
    return or_(_findings.message_id.is_(None), said)


def _values(finding: Finding) -> dict[str, Any]:
    values = {name: getattr(finding, name) for name in _FIELDS}
    plain = {name: values[name].value for name in ("op", "category", "realm")}
    return values | plain | {"witnesses": list(finding.witnesses)}


def _finding(row: Row) -> Finding:
    values = list(row)
    values[_AT["category"]] = Category(values[_AT["category"]])
    values[_AT["realm"]] = Realm(values[_AT["realm"]])
    values[_AT["op"]] = Op(values[_AT["op"]])
    values[_AT["ended"]] = bool(values[_AT["ended"]])
    values[_AT["witnesses"]] = tuple(document(values[_AT["witnesses"]]))
    return Finding(*values)
