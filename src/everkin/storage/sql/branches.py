"""Branches: moves a conversation's head, marks off-branch messages, and records characters that leave a scene."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, select, update

from everkin.domain.conversation import Conversation, ConversationStatus
from everkin.domain.errors import Conflict, NotFound
from everkin.domain.ids import CharacterId, ConversationId, MessageId, Millis, UserId
from everkin.domain.memory import Erased
from everkin.domain.witnesses import come_back, gone_away
from everkin.storage.sql import tables
from everkin.storage.sql.changes import last_words
from everkin.storage.sql.derivatives import Taken, amend, stale_summaries
from everkin.storage.sql.ids import chunks, padded
from everkin.storage.sql.rows import Row, preview_of
from everkin.storage.sql.turns import Stopping
from everkin.storage.sql.unit_of_work import ConversationState, UnitOfWork

_messages = tables.messages.c


@dataclass(frozen=True, slots=True)
class Switch:
    """A request to make another message the head."""

    conversation_id: ConversationId
    """The conversation's id."""
    user_id: UserId
    """The user who asks."""
    head_id: MessageId
    """The message that becomes the head."""
    at: Millis
    """Unix milliseconds."""


@dataclass(frozen=True, slots=True)
class Absence:
    """A request to record that a character leaves the scene or returns."""

    conversation_id: ConversationId
    """The conversation's id."""
    user_id: UserId
    """The user who asks."""
    character_id: CharacterId
    """The character that leaves or returns."""
    away: bool
    """True when the character leaves, False when it returns."""
    at: Millis
    """Unix milliseconds."""


class Branches:
    def __init__(self, ledger: UnitOfWork) -> None:
        self._ledger = ledger
        self._stopping = Stopping(ledger)

    def switch(self, connection: Connection, asked: Switch) -> tuple[Conversation, Erased]:
        """Change the head. Pending turns are stopped, because the messages they answer may now be off-branch."""
        standing = self._find(connection, asked.conversation_id, asked.user_id)
        rows = {row[0]: row for row in connection.execute(_tree(standing.id))}
        head = rows.get(asked.head_id)
        if head is None:
            raise NotFound()
        if head[4] is not None:
            raise Conflict("This message was deleted.")
        if standing.head_id == asked.head_id:
            return standing.frozen(), Taken().erased()
        self._stopping.within(connection, standing, asked.at)
        standing.head_id = asked.head_id
        taken = Taken()
        _set_aside(connection, standing, rows, standing.step(asked.at), taken)
        standing.preview = preview_of(last_words(connection, standing))
        self._ledger.keep(connection, {standing.id: standing})
        return standing.frozen(), taken.erased()

    def absent(self, connection: Connection, asked: Absence) -> Conversation:
        standing = self._find(connection, asked.conversation_id, asked.user_id)
        if asked.character_id not in standing.character_ids:
            raise NotFound()
        change = gone_away if asked.away else come_back
        metadata = change(standing.metadata, asked.character_id, standing.last_seq)
        if metadata is standing.metadata:
            return standing.frozen()
        standing.metadata = metadata
        mine = tables.conversations.c.id == standing.id
        connection.execute(update(tables.conversations).where(mine).values(metadata=dict(metadata)))
        standing.step(asked.at)
        self._ledger.keep(connection, {standing.id: standing})
        return standing.frozen()

    def _find(self, connection: Connection, conversation_id: ConversationId, user_id: UserId) -> ConversationState:
        standing = self._ledger.open(connection, [conversation_id]).get(conversation_id)
        if standing is None or not standing.seen_by(user_id):
            raise NotFound()
        if standing.status is not ConversationStatus.ACTIVE:
            raise Conflict("This conversation is archived. Restore it to change it.")
        return standing


def _tree(conversation_id: ConversationId) -> Select[Any]:
    columns = (_messages.id, _messages.parent_id, _messages.seq, _messages.aside, _messages.deleted_at)
    return select(*columns).where(_messages.conversation_id == conversation_id)


def _path(rows: Mapping[MessageId, Row], head_id: MessageId) -> set[MessageId]:
    """Return the ids from the head to the root, deleted messages included."""
    path: set[MessageId] = set()
    at: MessageId | None = head_id
    while at is not None and at in rows and at not in path:
        path.add(at)
        at = rows[at][1]
    return path


def _set_aside(
    connection: Connection, standing: ConversationState, rows: Mapping[MessageId, Row], revision: int, taken: Taken
) -> None:
    """Mark messages that left the branch, and unmark those that are on it again.

    Findings and relationship events of off-branch messages stay, but are not read. The jobs read messages that return
    once more, as they may have skipped them while off-branch.
    """
    assert standing.head_id is not None
    path = _path(rows, standing.head_id)
    moved = [row for row in rows.values() if bool(row[3]) == (row[0] in path)]
    if not moved:
        return
    for aside in (True, False):
        for some in chunks([row[0] for row in moved if bool(row[3]) != aside]):
            change = update(tables.messages).where(_messages.id.in_(padded(some)))
            connection.execute(change.values(aside=aside, revision=revision))
    stale_summaries(connection, standing.id, min(row[2] for row in moved), taken)
    back = [row[2] for row in moved if row[3]]
    amend(connection, standing, min(back, default=0), taken, read_again=bool(back))
