"""Changes to a stored message: retry, request of a reply, edit, delete."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, insert, select, update

from everkin.domain.conversation import ConversationStatus
from everkin.domain.errors import Conflict, Forbidden, NotFound
from everkin.domain.ids import CharacterId, ConversationId, MessageId, Millis, TurnId, UserId
from everkin.domain.memory import Erased
from everkin.domain.message import Message, MessageType, SenderType
from everkin.domain.record import Appended, HelpLine
from everkin.domain.turn import Turn, TurnState
from everkin.storage.sql import tables
from everkin.storage.sql.derivatives import Taken, take_back
from everkin.storage.sql.help_notes import HelpNotes, blank_note, insert_note
from everkin.storage.sql.newest import NewestTurns
from everkin.storage.sql.owed import note
from everkin.storage.sql.rows import MESSAGE, TURN, message_of, preview_of, turn_values
from everkin.storage.sql.unit_of_work import ConversationState, UnitOfWork

_messages = tables.messages.c


@dataclass(frozen=True, slots=True)
class Again:
    """A request to retry a failed or stopped reply."""

    message_id: MessageId
    """The user's message to be answered."""
    user_id: UserId
    """The user who asks."""
    turn_id: TurnId
    """Id of the new turn."""
    owner: str
    """The node that will run the turn."""
    lease_until: Millis
    """End of the node's lease, Unix milliseconds."""
    at: Millis
    """Unix milliseconds."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A request that a certain character answers the newest message of a user."""

    conversation_id: ConversationId
    """The conversation's id."""
    user_id: UserId
    """The user who asks."""
    character_id: CharacterId
    """The character that is to answer."""
    turn_id: TurnId
    """Id of the new turn."""
    owner: str
    """The node that will run the turn."""
    lease_until: Millis
    """End of the node's lease, Unix milliseconds."""
    at: Millis
    """Unix milliseconds."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A request to replace a message's text."""

    message_id: MessageId
    """The message's id."""
    user_id: UserId
    """The user who asks."""
    content: str
    """The new text."""
    at: Millis
    """Unix milliseconds."""
    metadata: Mapping[str, Any]
    """Analysis of the new text of a user's message; a character's message keeps its metadata."""
    help_line: HelpLine | None = None
    """Crisis help to add after the message; None if the text needs none."""


@dataclass(frozen=True, slots=True)
class Delete:
    """A request to delete a message."""

    message_id: MessageId
    """The message's id."""
    user_id: UserId
    """The user who asks."""
    at: Millis
    """Unix milliseconds."""


def _insert(
    connection: Connection, asked: Again | Ask, message: Message, character_id: CharacterId, attempt: int
) -> None:
    turn = Turn(
        id=asked.turn_id,
        conversation_id=message.conversation_id,
        message_id=message.id,
        character_id=character_id,
        state=TurnState.PENDING,
        attempt=attempt,
        owner=asked.owner,
        lease_until=asked.lease_until,
        created_at=asked.at,
    )
    values = dict(zip((column.name for column in TURN), turn_values(turn), strict=True)) | {"metadata": {}}
    connection.execute(insert(tables.turns).values(values))


class Changes:
    def __init__(self, ledger: UnitOfWork, newest: NewestTurns) -> None:
        self._ledger = ledger
        self._newest = newest

    def again(self, connection: Connection, asked: Again) -> Appended:
        standing, message = self._find(connection, asked.message_id, asked.user_id)
        turns = self._turns(connection, standing, message)
        failed = next((turn for turn in turns if _may_be_tried_again(turn)), None)
        if message.deleted_at is not None or standing.status is not ConversationStatus.ACTIVE or failed is None:
            raise Conflict("There is nothing to answer again here: only a failed or an unspoken reply can be.")
        _insert(connection, asked, message, failed.character_id, failed.attempt + 1)
        return self._keep(connection, standing, replace(message, revision=standing.step(asked.at)))

    def ask(self, connection: Connection, asked: Ask) -> Appended:
        standing = self._ledger.open(connection, [asked.conversation_id]).get(asked.conversation_id)
        if standing is None or not standing.seen_by(asked.user_id) or asked.character_id not in standing.character_ids:
            raise NotFound()
        theirs = (_messages.conversation_id == standing.id) & (_messages.sender_type == SenderType.USER.value)
        there = (_messages.deleted_at.is_(None), _messages.aside.is_(False))
        newest = select(*MESSAGE).where(theirs, *there).order_by(_messages.seq.desc()).limit(1)
        row = connection.execute(newest).first()
        if row is None or standing.status is not ConversationStatus.ACTIVE:
            raise Conflict("Nobody has said anything here that could be answered.")
        message = message_of(row)
        attempts = [
            turn
            for turn in self._turns(connection, standing, message)
            if turn.character_id == asked.character_id and not _may_be_tried_again(turn)
        ]
        if attempts:
            raise Conflict("This character has answered the last message already, or is about to.")
        tried = [
            turn.attempt
            for turn in self._turns(connection, standing, message)
            if turn.character_id == asked.character_id
        ]
        _insert(connection, asked, message, asked.character_id, max(tried, default=0) + 1)
        return self._keep(connection, standing, replace(message, revision=standing.step(asked.at)))

    def edit(self, connection: Connection, asked: Edit) -> Appended:
        standing, message = self._find(connection, asked.message_id, asked.user_id)
        _check_right(message, asked.user_id)
        if message.deleted_at is not None:
            raise Conflict("This message was deleted.")
        revision = standing.step(asked.at)
        by_person = message.sender_type is SenderType.USER
        metadata = dict(asked.metadata) if by_person else message.metadata
        edited = replace(message, content=asked.content, edited_at=asked.at, revision=revision, metadata=metadata)
        note = HelpNotes(connection, [(standing, message.seq)] if asked.help_line else []).add(
            asked.help_line, standing, edited, asked.at
        )
        if note is not None:
            insert_note(connection, note)
        taken = self._taken(connection, standing, message, read_again=True)
        return replace(self._keep(connection, standing, edited, taken), note=note)

    def delete(self, connection: Connection, asked: Delete) -> Appended:
        standing, message = self._find(connection, asked.message_id, asked.user_id)
        _check_right(message, asked.user_id)
        if message.deleted_at is not None:
            return Appended(message, self._turns(connection, standing, message), standing.frozen())
        revision = standing.step(asked.at)
        standing.message_count -= 1
        half_said = update(tables.turns).where(tables.turns.c.message_id == message.id)
        connection.execute(half_said.values(partial="", metadata={}))
        blank = replace(message, content="", metadata={}, deleted_at=asked.at, revision=revision)
        note = blank_note(connection, standing, message, asked.at)
        taken = self._taken(connection, standing, message, read_again=False)
        return replace(self._keep(connection, standing, blank, taken), note=note)

    def _taken(
        self, connection: Connection, standing: ConversationState, message: Message, *, read_again: bool
    ) -> Erased:
        """Remove the data derived from the message. A generated title was made from the messages, so it is cleared and
        generated again.
        """
        taken = Taken()
        taken.counts["messages"] += 1
        take_back(connection, standing, [message.id], taken, from_seq=message.seq, read_again=read_again)
        if not standing.custom_title:
            standing.title = ""
        return note(connection, taken)

    def _find(
        self, connection: Connection, message_id: MessageId, user_id: UserId
    ) -> tuple[ConversationState, Message]:
        """Return the conversation's state and the message. The conversation is locked first, so that the message cannot
        change after it was read.
        """
        standing = next(iter(self._ledger.of_messages(connection, [message_id]).values()), None)
        if standing is None or not standing.seen_by(user_id):
            raise NotFound()
        return standing, message_of(connection.execute(select(*MESSAGE).where(_messages.id == message_id)).one())

    def _turns(self, connection: Connection, standing: ConversationState, message: Message) -> tuple[Turn, ...]:
        return self._newest.of(connection, [message.id], standing.character_ids).get(message.id, ())

    def _keep(
        self, connection: Connection, standing: ConversationState, message: Message, erased: Erased | None = None
    ) -> Appended:
        connection.execute(
            update(tables.messages)
            .where(_messages.id == message.id)
            .values(
                content=message.content,
                revision=message.revision,
                edited_at=message.edited_at,
                deleted_at=message.deleted_at,
                metadata=dict(message.metadata),
            )
        )
        standing.preview = preview_of(last_words(connection, standing))
        self._ledger.keep(connection, {standing.id: standing})
        turns = self._turns(connection, standing, message)
        return Appended(message, turns, standing.frozen(), erased=erased)


def _may_be_tried_again(turn: Turn) -> bool:
    return turn.state is TurnState.FAILED or (turn.state is TurnState.STOPPED and turn.reply_id is None)


def _check_right(message: Message, user_id: UserId) -> None:
    if message.sender_type is not SenderType.CHARACTER and message.sender_id != user_id:
        raise Forbidden("Only who wrote this message may change it.")


def last_words(connection: Connection, standing: ConversationState) -> str:
    """Return the newest text on the current branch, "" if there is none. System messages are skipped."""
    left = (_messages.conversation_id == standing.id) & _messages.deleted_at.is_(None) & _messages.aside.is_(False)
    query = (
        select(_messages.content)
        .where(left, _messages.type != MessageType.SYSTEM.value)
        .order_by(_messages.seq.desc())
        .limit(1)
    )
    return connection.execute(query).scalar() or ""
