"""Appending: a user's message and the turns that will answer it, written in one transaction."""

from collections.abc import Sequence

from sqlalchemy import Connection

from everkin.domain.conversation import Conversation, ConversationStatus
from everkin.domain.errors import Conflict, EverkinError, Invalid, KeyReused, NotFound
from everkin.domain.message import Message, MessageStatus, SenderType
from everkin.domain.record import Appended, LogEntry, NewMessage, SentMessage
from everkin.domain.turn import Turn, TurnState
from everkin.storage.sql.bulk import Bulk, inserting, kinds
from everkin.storage.sql.help_notes import HelpNotes
from everkin.storage.sql.log import conversation
from everkin.storage.sql.newest import NewestTurns
from everkin.storage.sql.rows import MESSAGE, TURN, message_of, message_values, names, turn_values
from everkin.storage.sql.unit_of_work import ConversationState, Standings, UnitOfWork

LONGEST_CLIENT_ID = 64

Key = tuple[str, str, str]
Known = dict[Key, LogEntry]


class Append:
    """Appends messages in batches. Items may share a conversation or a client id: each sees the effects of those before
    it.
    """

    def __init__(self, dialect: str, ledger: UnitOfWork, newest: NewestTurns) -> None:
        self._ledger = ledger
        self._newest = newest
        self._insert_messages = inserting(dialect, "messages", kinds(MESSAGE))
        self._insert_turns = inserting(dialect, "turns", kinds(TURN))
        # `|| ''` leaves only the index of client ids usable. Otherwise PostgreSQL would choose the one of
        # (conversation_id, seq) while the table is small, and keep that plan while the table grows.
        self._select_known = Bulk(
            dialect,
            f"SELECT {names(MESSAGE)} FROM {{rows}} CROSS JOIN messages WHERE messages.sender_id = v.sender_id "
            "AND messages.client_id = v.client_id AND messages.conversation_id || '' = v.conversation_id",
            {"conversation_id": "text", "sender_id": "text", "client_id": "text"},
        )

    def run(self, connection: Connection, items: Sequence[NewMessage]) -> Sequence[Appended | EverkinError]:
        standings = self._ledger.open(connection, {new.conversation_id for new in items})
        known = self._known(connection, items)
        notes = HelpNotes(connection, _unanswered_in_danger(items, standings))
        results = [_one(new, standings.get(new.conversation_id), known, notes) for new in items]
        fresh = [each for each in results if isinstance(each, Appended) and not each.duplicate]
        added = [message for each in fresh for message in (each.message, each.note) if message is not None]
        self._insert_messages.write(connection, [message_values(message) for message in added])
        self._insert_turns.write(connection, [turn_values(turn) for each in fresh for turn in each.turns])
        self._ledger.keep(connection, standings)
        return results

    def find_sent(self, connection: Connection, sent: SentMessage) -> Appended | None:
        """Return the message that was stored under this client id before, None if there is none.

        Raises NotFound; KeyReused if the stored message has other text.
        """
        found = conversation(connection, sent.conversation_id, sent.user_id)
        first = next(iter(self._known(connection, [sent]).values()), None)
        known = _again(sent, first, found) if first is not None else None
        if isinstance(known, EverkinError):
            raise known
        return known

    def _known(self, connection: Connection, items: Sequence[NewMessage | SentMessage]) -> Known:
        keys = {(new.conversation_id, new.user_id, new.client_id) for new in items if new.client_id is not None}
        messages = [message_of(row) for row in self._select_known.read(connection, list(keys))]
        turns = self._newest.of(connection, [message.id for message in messages])
        return {
            (message.conversation_id, message.sender_id, message.client_id or ""): LogEntry(
                message, turns.get(message.id, ())
            )
            for message in messages
        }


def _unanswered_in_danger(items: Sequence[NewMessage], standings: Standings) -> list[tuple[ConversationState, int]]:
    found = [standings.get(new.conversation_id) for new in items if new.help_line is not None]
    return [(standing, standing.last_seq) for standing in found if standing is not None]


def _one(
    new: NewMessage, standing: ConversationState | None, known: Known, notes: HelpNotes
) -> Appended | EverkinError:
    if standing is None or not standing.seen_by(new.user_id):
        return NotFound()
    key = (new.conversation_id, new.user_id, new.client_id or "")
    if new.client_id is not None and (first := known.get(key)) is not None:
        return _again(new, first, standing.frozen())
    if standing.status is not ConversationStatus.ACTIVE:
        return Conflict("This conversation is archived. Restore it to write in it again.")
    if new.client_id is not None and len(new.client_id) > LONGEST_CLIENT_ID:
        return Invalid(f"A clientId has at most {LONGEST_CLIENT_ID} characters.", field="client_id")
    appended = _fresh(new, standing, notes)
    if new.client_id is not None:
        known[key] = LogEntry(appended.message, appended.turns)
    return appended


def _again(sent: NewMessage | SentMessage, first: LogEntry, found: Conversation) -> Appended | KeyReused:
    message = first.message
    # The first text is gone once it was edited or deleted: then an equal client id is enough.
    touched = message.edited_at is not None or message.deleted_at is not None
    if not touched and (message.content != sent.content or message.type is not sent.type):
        return KeyReused()
    return Appended(message, first.turns, found, duplicate=True)


def _fresh(new: NewMessage, standing: ConversationState, notes: HelpNotes) -> Appended:
    parent = standing.head_id
    revision = standing.step(new.at)
    standing.add(new.id, new.content, new.at)
    message = Message(
        id=new.id,
        conversation_id=new.conversation_id,
        seq=standing.last_seq,
        revision=revision,
        parent_id=parent,
        reply_to=None,
        sender_type=SenderType.USER,
        sender_id=new.user_id,
        type=new.type,
        content=new.content,
        status=MessageStatus.DELIVERED,  # being stored counts as delivered to the character
        created_at=new.at,
        client_id=new.client_id,
        delivered_at=new.at,
        metadata=new.metadata,
    )
    turns = tuple(
        Turn(
            turn_id, new.conversation_id, new.id, character_id, TurnState.PENDING, 1, new.owner, new.lease_until, new.at
        )
        for turn_id, character_id in new.responders
    )
    note = notes.add(new.help_line, standing, message, new.at)
    return Appended(message, turns, standing.frozen(), note=note)
