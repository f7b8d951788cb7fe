"""Conversion between rows and domain objects. Columns are in the order of the dataclass fields, so a row is its
arguments.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Column

from everkin.domain.caller import Role, User
from everkin.domain.character import Character, Persona
from everkin.domain.conversation import Conversation, ConversationStatus
from everkin.domain.message import Message, MessageStatus, MessageType, SenderType
from everkin.domain.turn import Turn, TurnState
from everkin.storage.sql import tables
from everkin.storage.sql.engines import encoded

Row = Sequence[Any]


def _fields(kind: type, table: Any) -> tuple[Column[Any], ...]:
    return tuple(table.c[field.name] for field in dataclasses.fields(kind))


CONVERSATION = _fields(Conversation, tables.conversations)
MESSAGE = _fields(Message, tables.messages)
TURN = _fields(Turn, tables.turns)
USER = _fields(User, tables.users)
CHARACTER = tuple(
    tables.characters.c[name] for name in ("id", "slug", "owner_id", "version", "persona", "created_at", "updated_at")
)

CONVERSATION_STATUS = {each.value: each for each in ConversationStatus}
_MESSAGE_STATUS = {each.value: each for each in MessageStatus}
_MESSAGE_TYPE = {each.value: each for each in MessageType}
_SENDER = {each.value: each for each in SenderType}
_TURN_STATE = {each.value: each for each in TurnState}

# The enums are strings and are looked up as such, which is cheaper than `.value`, whose type the drivers need.
_PLAIN = {each.value: each.value for kind in (MessageStatus, MessageType, SenderType, TurnState) for each in kind}


def names(columns: Sequence[Column[Any]], *, qualified: bool = True) -> str:
    return ", ".join(f"{column.table.name}.{column.name}" if qualified else column.name for column in columns)


def conversation_of(row: Row) -> Conversation:
    values = list(row)
    values[2] = tuple(document(values[2]))
    values[3] = tuple(document(values[3]))
    values[5] = bool(values[5])
    values[6] = CONVERSATION_STATUS[values[6]]
    values[15] = document(values[15])
    return Conversation(*values)


def message_of(row: Row) -> Message:
    values = list(row)
    values[6] = _SENDER[values[6]]
    values[8] = _MESSAGE_TYPE[values[8]]
    values[10] = _MESSAGE_STATUS[values[10]]
    values[18] = document(values[18])
    return Message(*values)


def turn_of(row: Row) -> Turn:
    values = list(row)
    values[4] = _TURN_STATE[values[4]]
    values[13] = document(values[13])
    return Turn(*values)


def user_of(row: Row) -> User:
    values = list(row)
    values[3] = Role(values[3])
    values[9] = bool(values[9])
    values[10] = document(values[10])
    return User(*values)


def character_of(row: Row) -> Character:
    values = list(row)
    values[4] = persona_of(values[4])
    return Character(*values)


def persona_of(value: Any) -> Persona:
    """Return the persona. Keys unknown to this version are ignored."""
    return msgspec.convert(document(value), Persona, strict=False)


def persona_document(persona: Persona) -> Any:
    return msgspec.json.decode(msgspec.json.encode(persona))


def message_values(message: Message) -> tuple[Any, ...]:
    """Return the values in the order of MESSAGE."""
    return (
        message.id,
        message.conversation_id,
        message.seq,
        message.revision,
        message.parent_id,
        message.reply_to,
        _PLAIN[message.sender_type],
        message.sender_id,
        _PLAIN[message.type],
        message.content,
        _PLAIN[message.status],
        message.created_at,
        message.client_id,
        message.turn_id,
        message.delivered_at,
        message.read_at,
        message.edited_at,
        message.deleted_at,
        text_of(message.metadata),
    )


def turn_values(turn: Turn) -> tuple[Any, ...]:
    """Return the values in the order of TURN."""
    return (
        turn.id,
        turn.conversation_id,
        turn.message_id,
        turn.character_id,
        _PLAIN[turn.state],
        turn.attempt,
        turn.owner,
        turn.lease_until,
        turn.created_at,
        turn.ended_at,
        turn.reply_id,
        turn.error_code,
        turn.partial,
        text_of(turn.metadata),
    )


def text_of(metadata: Mapping[str, Any]) -> str:
    return encoded(dict(metadata)) if metadata else "{}"


def document(value: Any) -> Any:
    """Return a JSON column's value: SQLite returns its text, PostgreSQL's driver the decoded value."""
    if value == "{}":
        return {}
    return msgspec.json.decode(value) if isinstance(value, str) else value


def preview_of(content: str) -> str:
    """Return at most 160 characters on one line."""
    return " ".join(content[:640].split())[:160]
