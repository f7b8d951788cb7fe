"""Receipts: messages delivered to a user and read by a user."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, func, select, update

from everkin.domain.conversation import Conversation
from everkin.domain.errors import NotFound
from everkin.domain.ids import ConversationId, Millis, UserId
from everkin.domain.message import MessageStatus
from everkin.storage.sql import tables
from everkin.storage.sql.unit_of_work import ConversationState, UnitOfWork

_messages = tables.messages.c
_members = tables.participants.c


@dataclass(frozen=True, slots=True)
class Receipt:
    """A request to mark messages as delivered or read."""

    conversation_id: ConversationId
    """The conversation's id."""
    user_id: UserId
    """The user who received or read them."""
    up_to_seq: int
    """Covers messages up to this `seq`, inclusive."""
    at: Millis
    """Unix milliseconds."""


class ReadReceipts:
    def __init__(self, ledger: UnitOfWork) -> None:
        self._ledger = ledger

    def read(self, connection: Connection, receipt: Receipt) -> Conversation:
        standing = self._find(connection, receipt)
        seen = min(receipt.up_to_seq, standing.last_seq)
        connection.execute(
            update(tables.participants)
            .where(_members.conversation_id == standing.id, _members.member_id == receipt.user_id)
            .where(_members.last_read_seq < seen)
            .values(last_read_seq=seen)
        )
        values = {
            "status": MessageStatus.READ.value,
            "delivered_at": func.coalesce(_messages.delivered_at, receipt.at),
            "read_at": receipt.at,
        }
        return self._mark(connection, standing, receipt, _messages.status != MessageStatus.READ.value, values)

    def delivered(self, connection: Connection, receipt: Receipt) -> Conversation:
        values = {"status": MessageStatus.DELIVERED.value, "delivered_at": receipt.at}
        unsent = _messages.status == MessageStatus.SENT.value
        return self._mark(connection, self._find(connection, receipt), receipt, unsent, values)

    def _find(self, connection: Connection, receipt: Receipt) -> ConversationState:
        standing = self._ledger.open(connection, [receipt.conversation_id]).get(receipt.conversation_id)
        if standing is None or not standing.seen_by(receipt.user_id):
            raise NotFound()
        return standing

    def _mark(
        self,
        connection: Connection,
        standing: ConversationState,
        receipt: Receipt,
        open_: ColumnElement[bool],
        values: dict[str, object],
    ) -> Conversation:
        """Mark all rows with one new revision; no revision is used when no row changed."""
        wanted = and_(
            _messages.conversation_id == standing.id,
            _messages.seq <= receipt.up_to_seq,
            _messages.sender_id != receipt.user_id,
            _messages.deleted_at.is_(None),
            open_,
        )
        marked = connection.execute(
            update(tables.messages).where(wanted).values(revision=standing.revision + 1, **values)
        )
        if marked.rowcount:
            standing.step(receipt.at)
            self._ledger.keep(connection, {standing.id: standing})
        return standing.frozen()


def unread(connection: Connection, conversation_ids: list[ConversationId], user_id: UserId) -> dict[str, int]:
    """Return the number of others' messages after the last one read, by conversation. Conversations with 0 are left
    out.
    """
    reader = and_(_members.conversation_id == _messages.conversation_id, _members.member_id == user_id)
    query = (
        select(_messages.conversation_id, func.count())
        .select_from(tables.messages.outerjoin(tables.participants, reader))
        .where(_messages.conversation_id.in_(conversation_ids))
        .where(_messages.seq > func.coalesce(_members.last_read_seq, 0))
        .where(_messages.sender_id != user_id, _messages.deleted_at.is_(None), _messages.aside.is_(False))
        .group_by(_messages.conversation_id)
    )
    return {row[0]: row[1] for row in connection.execute(query)}
