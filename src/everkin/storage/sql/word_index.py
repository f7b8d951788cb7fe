"""The index of words in messages, used by the search. `migrations/` defines how each database stores it."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Insert, bindparam, delete, func, insert
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text as TextType

from everkin.domain.message import Message, MessageType
from everkin.storage.sql import tables
from everkin.storage.sql.ids import chunks, padded
from everkin.storage.sql.words import words_of

_words = tables.message_words.c


def write(connection: Connection, messages: Sequence[Message]) -> None:
    """Index messages, replacing earlier entries. System messages are not indexed."""
    drop(connection, [message.id for message in messages])
    rows = [
        {"message_id": message.id, "conversation_id": message.conversation_id, "folded": words_of(message.content)}
        for message in messages
        if message.type is not MessageType.SYSTEM
    ]
    given = [row | {"folded": _given(connection, row["folded"])} for row in rows if row["folded"]]
    if given:
        connection.execute(_inserting(connection), given)


def drop(connection: Connection, message_ids: Iterable[str]) -> int:
    gone = 0
    for some in chunks(message_ids):
        gone += connection.execute(delete(tables.message_words).where(_words.message_id.in_(padded(some)))).rowcount
    return gone


def _inserting(connection: Connection) -> Insert:
    """Return the insert statement. PostgreSQL's parser would split words that look like addresses, so it gets an array
    of words.
    """
    folded: Any = bindparam("folded")
    if connection.dialect.name != "sqlite":
        folded = func.array_to_tsvector(bindparam("folded", type_=ARRAY(TextType)))
    columns: dict[str, Any] = {"message_id": bindparam("message_id"), "conversation_id": bindparam("conversation_id")}
    return insert(tables.message_words).values(**columns, words=folded)


def _given(connection: Connection, words: Sequence[str]) -> object:
    return " ".join(words) if connection.dialect.name == "sqlite" else list(dict.fromkeys(words))
