"""Crisis help notes: system messages with where to find help, one per message of a user in danger."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import Connection, and_, insert, or_, select, update

from everkin.domain.ids import ConversationId, MessageId, Millis
from everkin.domain.message import CRISIS, HOUSE, Message, MessageStatus, MessageType, SenderType
from everkin.domain.record import HelpLine
from everkin.storage.sql import tables
from everkin.storage.sql.rows import MESSAGE, message_of, message_values
from everkin.storage.sql.unit_of_work import ConversationState

AGAIN_MS = 10 * 60_000
"""Milliseconds."""
AGAIN_MESSAGES = 10
"""A line is repeated in a conversation only after AGAIN_MS, or after this many messages."""

_messages = tables.messages.c


@dataclass(frozen=True, slots=True)
class _Shown:
    """A help note that was shown recently."""

    conversation_id: ConversationId
    """The conversation's id."""
    message_id: MessageId | None
    """The message it was shown for."""
    seq: int
    """The note's position in the log."""
    at: Millis
    """Unix milliseconds."""


class HelpNotes:
    """Help notes within one transaction: those shown recently and those added by it."""

    def __init__(self, connection: Connection, asked: Iterable[tuple[ConversationState, int]]) -> None:
        """`asked` holds locked conversations, each with the `seq` of a message that may get a note."""
        self._shown = _lately(connection, list(asked))

    def add(self, line: HelpLine | None, standing: ConversationState, message: Message, at: Millis) -> Message | None:
        """Append a note to the log, at the conversation's current revision. Return None if no note is due."""
        if (
            line is None
            or standing.deleted
            or not message.metadata.get(CRISIS)
            or not self._is_due(line, standing, message, at)
        ):
            return None
        parent = standing.head_id
        standing.add_note(line.id)
        self._shown.append(_Shown(standing.id, message.id, standing.last_seq, at))
        return Message(
            id=line.id,
            conversation_id=standing.id,
            seq=standing.last_seq,
            revision=standing.revision,
            parent_id=parent,
            reply_to=message.id,
            sender_type=SenderType.SYSTEM,
            sender_id=HOUSE,
            type=MessageType.SYSTEM,
            content=line.text,
            status=MessageStatus.SENT,
            created_at=at,
            metadata={"help": line.locale},
        )

    def _is_due(self, line: HelpLine, standing: ConversationState, message: Message, at: Millis) -> bool:
        here = [each for each in self._shown if each.conversation_id == standing.id]
        if any(each.message_id == message.id for each in here):
            return False
        lately = (each.at > at - AGAIN_MS and each.seq > standing.last_seq - AGAIN_MESSAGES for each in here)
        return line.always or not any(lately)


def note_of(connection: Connection, message: Message) -> Message | None:
    """Return the note that was shown for this message, None if there is none."""
    theirs = and_(_messages.conversation_id == message.conversation_id, _messages.reply_to == message.id)
    query = select(*MESSAGE).where(theirs, _messages.type == MessageType.SYSTEM.value, _messages.deleted_at.is_(None))
    row = connection.execute(query.limit(1)).first()
    return message_of(row) if row is not None else None


def insert_note(connection: Connection, note: Message) -> None:
    values = dict(zip((column.name for column in MESSAGE), message_values(note), strict=True))
    connection.execute(insert(tables.messages).values(values | {"metadata": dict(note.metadata)}))


def blank_note(connection: Connection, standing: ConversationState, message: Message, at: Millis) -> Message | None:
    """Delete the note of a message that is being deleted, at the conversation's current revision. Return the note."""
    note = note_of(connection, message) if message.metadata.get(CRISIS) else None
    if note is None:
        return None
    standing.message_count -= 1
    blank = replace(note, content="", metadata={}, deleted_at=at, revision=standing.revision)
    gone = update(tables.messages).where(_messages.id == note.id)
    connection.execute(gone.values(content="", metadata={}, deleted_at=at, revision=standing.revision))
    return blank


def _lately(connection: Connection, asked: list[tuple[ConversationState, int]]) -> list[_Shown]:
    if not asked:
        return []
    places = {(standing.id, min(seq, standing.last_seq - AGAIN_MESSAGES)) for standing, seq in asked}
    near = or_(*(and_(_messages.conversation_id == where, _messages.seq > after) for where, after in places))
    query = select(_messages.conversation_id, _messages.reply_to, _messages.seq, _messages.created_at)
    rows = connection.execute(query.where(near, _messages.type == MessageType.SYSTEM.value))
    return [_Shown(*row) for row in rows]
