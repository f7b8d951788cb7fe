"""A user's conversations: newest first, in pages, searched by title and by names of participants."""

import base64
import binascii
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, union

from everkin.domain.conversation import Conversation, ConversationQuery, ConversationStatus
from everkin.domain.errors import Invalid
from everkin.domain.ids import UserId
from everkin.domain.record import ConversationPage
from everkin.storage.sql import tables
from everkin.storage.sql.read_receipts import unread
from everkin.storage.sql.rows import CONVERSATION, conversation_of

_conversations = tables.conversations.c
_members = tables.participants.c

_activity = func.coalesce(_conversations.last_message_at, _conversations.created_at)


def find(connection: Connection, user_id: UserId, query: ConversationQuery) -> ConversationPage:
    """Return one page. A page continues where the last one ended, even if conversations have moved to the top since."""
    statement = select(*CONVERSATION).where(*_conditions(connection.dialect.name, user_id, query))
    ordered = statement.order_by(_activity.desc(), _conversations.id.desc()).limit(query.limit + 1)
    found = [conversation_of(row) for row in connection.execute(ordered)]
    page = found[: query.limit]
    waiting = unread(connection, [each.id for each in page], user_id) if page else {}
    cursor = _cursor_after(page[-1]) if page and len(found) > query.limit else None
    return ConversationPage(tuple(page), tuple(waiting.get(each.id, 0) for each in page), cursor)


def _conditions(dialect: str, user_id: UserId, query: ConversationQuery) -> list[ColumnElement[bool]]:
    conditions = [_of(user_id), _conversations.status != ConversationStatus.DELETED.value]
    if query.status is not None:
        conditions.append(_conversations.status == query.status.value)
    if query.character_id is not None:
        conditions.append(_someone(_members.member_id == query.character_id))
    if query.text.strip():
        conditions.append(_matches(dialect, query.text.strip()))
    if query.cursor is not None:
        activity, last_id = _position(query.cursor)
        conditions.append(or_(_activity < activity, and_(_activity == activity, _conversations.id < last_id)))
    return conditions


def _of(user_id: UserId) -> ColumnElement[bool]:
    """Return the same condition as `log.visible`, in a form that uses an index for a whole list."""
    owned = select(_conversations.id).where(_conversations.owner_id == user_id)
    joined = select(_members.conversation_id).where(_members.member_id == user_id)
    return _conversations.id.in_(union(owned, joined))


def _someone(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return select(1).where(_members.conversation_id == _conversations.id, condition).exists()


def _matches(dialect: str, text: str) -> ColumnElement[bool]:
    """Match without regard to case. SQLite's lower() covers only ASCII, hence `folded` (engines.py)."""
    fold: Any = func.folded if dialect == "sqlite" else func.lower
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    pattern = fold(f"%{escaped}%")
    title = fold(_conversations.title).like(pattern, escape="\\")
    return or_(title, _someone(fold(_members.name).like(pattern, escape="\\")))


def _cursor_after(last: Conversation) -> str:
    activity = last.created_at if last.last_message_at is None else last.last_message_at
    return base64.urlsafe_b64encode(f"{activity}:{last.id}".encode()).decode()


def _position(cursor: str) -> tuple[int, str]:
    try:
        activity, _, last_id = base64.b64decode(cursor.encode(), b"-_", validate=True).decode().partition(":")
        if not last_id.startswith("cnv_"):
            raise ValueError
        return int(activity), last_id
    except (ValueError, binascii.Error):
        raise Invalid("cursor: is not one of this list. Begin with the first page.", field="cursor") from None
