"""Unit of work: the conversations changed by a batch of writes, loaded and locked once, changed in memory, stored
once.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection

from everkin.domain.conversation import Conversation, ConversationStatus
from everkin.domain.ids import CharacterId, ConversationId, MessageId, Millis, UserId
from everkin.storage.sql import tables
from everkin.storage.sql.bulk import Bulk, kinds, updating
from everkin.storage.sql.rows import CONVERSATION, CONVERSATION_STATUS, Row, document, names, preview_of

_KEPT = tuple(
    tables.conversations.c[name]
    for name in (
        "id",
        "title",
        "custom_title",
        "status",
        "head_id",
        "last_seq",
        "revision",
        "message_count",
        "updated_at",
        "last_message_at",
        "last_message_preview",
    )
)


class ConversationState:
    """A conversation's state within a transaction. Each change is one `step` and gets a revision.

    `UnitOfWork.keep` does not store `metadata`.
    """

    __slots__ = (
        "_frozen",
        "changed",
        "character_ids",
        "created_at",
        "custom_title",
        "head_id",
        "id",
        "last_message_at",
        "last_seq",
        "message_count",
        "metadata",
        "owner_id",
        "preview",
        "revision",
        "status",
        "title",
        "updated_at",
        "user_ids",
    )

    def __init__(self, row: Row) -> None:
        """`row` is in the order of rows.CONVERSATION."""
        self._frozen: Conversation | None = None
        self.changed = False
        self.id: ConversationId = row[0]
        self.owner_id: UserId = row[1]
        self.character_ids: tuple[CharacterId, ...] = tuple(document(row[2]))
        self.user_ids: tuple[UserId, ...] = tuple(document(row[3]))
        self.title: str = row[4]
        self.custom_title = bool(row[5])
        self.status = CONVERSATION_STATUS[row[6]]
        self.head_id: MessageId | None = row[7]
        self.last_seq: int = row[8]
        self.revision: int = row[9]
        self.message_count: int = row[10]
        self.created_at: Millis = row[11]
        self.updated_at: Millis = row[12]
        self.last_message_at: Millis | None = row[13]
        self.preview: str = row[14]
        self.metadata: Mapping[str, Any] = document(row[15])

    @property
    def deleted(self) -> bool:
        return self.status is ConversationStatus.DELETED

    def seen_by(self, user_id: UserId | None) -> bool:
        """Return whether a user may see it; None stands for Everkin itself. False if it is deleted."""
        return not self.deleted and (user_id is None or user_id == self.owner_id or user_id in self.user_ids)

    def step(self, at: Millis) -> int:
        """Begin a change and return the new revision, which every row changed with it is given."""
        self.revision += 1
        self.updated_at = at
        self.changed = True
        self._frozen = None
        return self.revision

    def add(self, message_id: MessageId, content: str, at: Millis) -> None:
        """Append a message to the log, within the current step."""
        self.last_seq += 1
        self.head_id = message_id
        self.message_count += 1
        self.last_message_at = at
        self.preview = preview_of(content)

    def add_note(self, message_id: MessageId) -> None:
        """Append a system message to the log. It is not shown as the last message in lists."""
        self.last_seq += 1
        self.head_id = message_id
        self.message_count += 1
        self._frozen = None

    def frozen(self) -> Conversation:
        if self._frozen is None:
            self._frozen = Conversation(
                self.id,
                self.owner_id,
                self.character_ids,
                self.user_ids,
                self.title,
                self.custom_title,
                self.status,
                self.head_id,
                self.last_seq,
                self.revision,
                self.message_count,
                self.created_at,
                self.updated_at,
                self.last_message_at,
                self.preview,
                self.metadata,
            )
        return self._frozen

    def values(self) -> tuple[Any, ...]:
        """Return the values in the order of _KEPT."""
        return (
            self.id,
            self.title,
            self.custom_title,
            self.status.value,
            self.head_id,
            self.last_seq,
            self.revision,
            self.message_count,
            self.updated_at,
            self.last_message_at,
            self.preview,
        )


Standings = dict[ConversationId, ConversationState]


class UnitOfWork:
    """Loads and stores conversations. Rows are locked in the order of their ids, so that nodes of one database cannot
    deadlock.
    """

    def __init__(self, dialect: str) -> None:
        select = f"SELECT {names(CONVERSATION)} FROM conversations"
        lock = " ORDER BY conversations.id FOR UPDATE" if dialect == "postgresql" else ""
        by_turn = "SELECT turns.conversation_id FROM {rows} JOIN turns ON turns.id = v.id"
        by_message = "SELECT messages.conversation_id FROM {rows} JOIN messages ON messages.id = v.id"
        key = {"id": "text"}
        self._by_id = Bulk(dialect, f"{select} WHERE conversations.id IN (SELECT v.id FROM {{rows}}){lock}", key)
        self._by_turn = Bulk(dialect, f"{select} WHERE conversations.id IN ({by_turn}){lock}", key)
        self._by_message = Bulk(dialect, f"{select} WHERE conversations.id IN ({by_message}){lock}", key)
        self._update = updating(dialect, "conversations", kinds(_KEPT))

    def open(self, connection: Connection, conversation_ids: Collection[ConversationId]) -> Standings:
        return _standings(self._by_id, connection, conversation_ids)

    def of_turns(self, connection: Connection, turn_ids: Collection[str]) -> Standings:
        return _standings(self._by_turn, connection, turn_ids)

    def of_messages(self, connection: Connection, message_ids: Collection[str]) -> Standings:
        return _standings(self._by_message, connection, message_ids)

    def keep(self, connection: Connection, standings: Standings) -> None:
        changed = [standing.values() for standing in standings.values() if standing.changed]
        if changed:
            self._update.write(connection, changed)


def _standings(select: Bulk, connection: Connection, ids: Iterable[str]) -> Standings:
    rows = select.read(connection, [(each,) for each in sorted(ids)])
    return {row[0]: ConversationState(row) for row in rows}
