"""Full-text search over a user's messages. The query is split into words here, so that neither database parses user
input.
"""

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, column, literal, or_, select, table, text, union
from sqlalchemy.dialects.postgresql import TSQUERY

from everkin.domain.conversation import ConversationStatus
from everkin.domain.errors import Invalid
from everkin.domain.ids import UserId
from everkin.domain.message import Message, MessageType
from everkin.domain.search import SearchHit, SearchPage, SearchQuestion
from everkin.storage.sql import tables
from everkin.storage.sql.database import Database
from everkin.storage.sql.rows import MESSAGE, message_of
from everkin.storage.sql.snippets import Wanted, snippet
from everkin.storage.sql.words import words_of

MOST_HITS = 100
NOT_YET_INDEXED = 500
"""Newest messages whose words are not indexed yet; they are searched one by one."""

_conversations = tables.conversations.c
_members = tables.participants.c
_messages = tables.messages.c
_words = tables.message_words.c

_index = table("message_index", column("rowid"))


class MessageSearch:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def search(self, user_id: UserId, question: SearchQuestion) -> SearchPage:
        """Return hits that the user may see, on current branches, newest first.

        Raises Invalid for a limit outside 1..100, a text without a word, and a cursor that is not one of a search.
        """
        if not 1 <= question.limit <= MOST_HITS:
            raise Invalid(f"A page holds 1 to {MOST_HITS} hits.", field="limit", limit=MOST_HITS)
        wanted = Wanted.of(question.text)
        conditions = _conditions(user_id, question)
        if wanted is None:
            raise Invalid("q: has no word to search for; a word holds letters or digits.", field="q")
        return await self._database.read(lambda connection: _search(connection, wanted, conditions, question.limit))

    async def has_met(self, user_id: UserId, other_id: UserId) -> bool:
        """Return whether the other user participates in a conversation of the first one."""
        mine = select(_members.conversation_id).where(_members.member_id == user_id)
        query = select(1).where(_members.member_id == other_id, _members.conversation_id.in_(mine)).limit(1)
        return await self._database.read(lambda connection: connection.execute(query).first() is not None)


def _search(
    connection: Connection, wanted: Wanted, conditions: Sequence[ColumnElement[bool]], limit: int
) -> SearchPage:
    found = [*_indexed(connection, wanted, conditions, limit + 1), *_fresh(connection, wanted, conditions)]
    messages = sorted({message.id: message for message in found}.values(), key=_place, reverse=True)
    page = messages[:limit]
    cursor = _cursor_after(page[-1]) if len(messages) > limit else None
    return SearchPage(tuple(_hit(message, wanted) for message in page), cursor)


def _indexed(
    connection: Connection, wanted: Wanted, conditions: Sequence[ColumnElement[bool]], limit: int
) -> list[Message]:
    said = tables.messages.join(tables.conversations).join(tables.message_words, _words.message_id == _messages.id)
    match = _on_sqlite(wanted) if connection.dialect.name == "sqlite" else _on_postgresql(wanted)
    newest = _newest(select(_messages.id).select_from(said).where(match, *conditions)).limit(limit)
    ids = connection.execute(newest).scalars().all()  # ids first: sorting the whole rows of all matches would be slow
    return [message_of(row) for row in connection.execute(select(*MESSAGE).where(_messages.id.in_(ids)))]


def _fresh(connection: Connection, wanted: Wanted, conditions: Sequence[ColumnElement[bool]]) -> list[Message]:
    beyond = _messages.seq > _conversations.indexed_seq
    query = select(*MESSAGE).join(tables.conversations).where(beyond, *conditions)
    rows = connection.execute(_newest(query).limit(NOT_YET_INDEXED))
    return [message for message in map(message_of, rows) if wanted.all_in(words_of(message.content))]


def _newest(query: Select[Any]) -> Select[Any]:
    return query.order_by(_messages.created_at.desc(), _messages.id.desc())


def _on_sqlite(wanted: Wanted) -> ColumnElement[bool]:
    """Return the FTS5 condition. Words hold only letters and digits, so quoted they contain no syntax."""
    words = [*(f'"{word}"' for word in wanted.whole), f'"{wanted.beginning}"*']
    matching = select(_index.c.rowid).where(text("message_index MATCH :words").bindparams(words=" ".join(words)))
    return _words.n.in_(matching)


def _on_postgresql(wanted: Wanted) -> ColumnElement[bool]:
    words = [*(f"'{word}'" for word in wanted.whole), f"'{wanted.beginning}':*"]
    asked = literal(" & ".join(words)).cast(TSQUERY())
    return _words.words.bool_op("@@")(asked)


def _conditions(user_id: UserId, question: SearchQuestion) -> list[ColumnElement[bool]]:
    owned = select(_conversations.id).where(_conversations.owner_id == user_id)
    joined = select(_members.conversation_id).where(_members.member_id == user_id)
    conditions = [
        _messages.conversation_id.in_(union(owned, joined)),
        _conversations.status != ConversationStatus.DELETED.value,
        _messages.deleted_at.is_(None),
        _messages.aside.is_(False),
        _messages.type != MessageType.SYSTEM.value,
    ]
    if question.character_id is not None:
        there = and_(_members.conversation_id == _conversations.id, _members.member_id == question.character_id)
        conditions.append(select(1).where(there).exists())
    for wanted, place in (
        (question.conversation_id, _messages.conversation_id),
        (question.sender, _messages.sender_id),
        (question.sender_type.value if question.sender_type else None, _messages.sender_type),
    ):
        if wanted is not None:
            conditions.append(place == wanted)
    return conditions + _in_time(question)


def _in_time(question: SearchQuestion) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if question.since is not None:
        conditions.append(_messages.created_at >= question.since)
    if question.until is not None:
        conditions.append(_messages.created_at < question.until)
    if question.cursor is not None:
        at, last_id = _position(question.cursor)
        conditions.append(or_(_messages.created_at < at, and_(_messages.created_at == at, _messages.id < last_id)))
    return conditions


def _hit(message: Message, wanted: Wanted) -> SearchHit:
    shown, marks, rank = snippet(message.content, wanted)
    return SearchHit(message, message.conversation_id, shown, marks, rank)


def _place(message: Message) -> tuple[int, str]:
    return message.created_at, message.id


def _cursor_after(last: Message) -> str:
    return base64.urlsafe_b64encode(f"{last.created_at}:{last.id}".encode()).decode()


def _position(cursor: str) -> tuple[int, str]:
    try:
        at, _, last_id = base64.b64decode(cursor.encode(), b"-_", validate=True).decode().partition(":")
        if not last_id.startswith("msg_"):
            raise ValueError
        return int(at), last_id
    except (ValueError, binascii.Error):
        raise Invalid("cursor: is not one of this list. Begin with the first page.", field="cursor") from None
