"""The words of messages, where the search looks for them. `migrations/` says how each database keeps them."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, delete, func, insert
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.types import Text as TextType

from everkin.domain.message import Message
from everkin.storage.sql import tables
from everkin.storage.sql.vectors import chunks
from everkin.storage.sql.words import words_of

_words = tables.message_words.c


def write(connection: Connection, messages: Sequence[Message]) -> None:
    """Again for those that were there."""
    drop(connection, [message.id for message in messages])
    for message in messages:
        words = words_of(message.content)
        if words:
            row = {"message_id": message.id, "conversation_id": message.conversation_id}
            connection.execute(insert(tables.message_words).values(**row, words=_stored(connection, words)))


def drop(connection: Connection, message_ids: Iterable[str]) -> int:
    gone = 0
    for some in chunks(message_ids):
        gone += connection.execute(delete(tables.message_words).where(_words.message_id.in_(some))).rowcount
    return gone


def _stored(connection: Connection, words: Sequence[str]) -> object:
    """PostgreSQL's own parser would take apart what looks like an address; it is handed the words as they are."""
    if connection.dialect.name == "sqlite":
        return " ".join(words)
    return func.array_to_tsvector(array(list(dict.fromkeys(words)), type_=TextType))
