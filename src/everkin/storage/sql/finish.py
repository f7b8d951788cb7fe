"""Finishing turns: the reply, the turn's last state and the read user message, written in one transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from everkin.domain.errors import EverkinError
from everkin.domain.ids import MessageId, TurnId
from everkin.domain.message import Message, MessageStatus, MessageType, SenderType
from everkin.domain.record import Finished, Outcome
from everkin.domain.turn import Turn, TurnState
from everkin.storage.sql import tables
from everkin.storage.sql.bulk import Bulk, inserting, kinds, updating
from everkin.storage.sql.help_notes import HelpNotes
from everkin.storage.sql.rows import MESSAGE, TURN, message_of, message_values, names, text_of, turn_of
from everkin.storage.sql.unit_of_work import ConversationState, Standings, UnitOfWork

LONGEST_TITLE = 200

_TURN_END = ("id", "state", "ended_at", "reply_id", "error_code", "partial", "metadata")
_MESSAGE_READ = ("id", "revision", "status", "read_at")


class Finish:
    """Ends turns. Only the node that holds a turn may end it: for another node's turn, or one that has ended, the
    result is None.
    """

    def __init__(self, dialect: str, ledger: UnitOfWork) -> None:
        lock = " ORDER BY turns.id FOR UPDATE OF turns" if dialect == "postgresql" else ""
        joined = f"{{rows}} JOIN turns ON turns.id = v.id JOIN messages ON messages.id = turns.message_id{lock}"
        self._ledger = ledger
        self._select = Bulk(dialect, f"SELECT {names(TURN)}, {names(MESSAGE)} FROM {joined}", {"id": "text"})
        self._insert_messages = inserting(dialect, "messages", kinds(MESSAGE))
        self._update_turns = updating(dialect, "turns", kinds([tables.turns.c[name] for name in _TURN_END]))
        self._update_messages = updating(
            dialect, "messages", kinds([tables.messages.c[name] for name in _MESSAGE_READ])
        )

    def run(self, connection: Connection, items: Sequence[Outcome]) -> Sequence[Finished | EverkinError | None]:
        ids = {outcome.turn_id for outcome in items}
        standings = self._ledger.of_turns(connection, ids)
        turns, messages = self._load(connection, ids)
        results: list[Finished | None] = []
        spoken: set[MessageId] = set()
        notes = HelpNotes(connection, _in_danger(items, turns, messages, standings))
        for outcome in items:
            if outcome.answered_by not in spoken:  # the shared reply was not stored, so this outcome stands alone
                outcome = replace(outcome, answered_by=None)
            finished = _one(outcome, turns, messages, standings)
            if finished is not None and finished.reply is not None:
                spoken.add(finished.reply.id)
            if finished is not None:
                turns[finished.turn.id] = finished.turn
                messages[finished.message.id] = finished.message
            results.append(finished)
        _add_notes(items, results, standings, notes)
        self._store(connection, [each for each in results if each is not None], messages)
        self._ledger.keep(connection, standings)
        return results

    def _load(
        self, connection: Connection, ids: Iterable[TurnId]
    ) -> tuple[dict[TurnId, Turn], dict[MessageId, Message]]:
        rows = self._select.read(connection, [(each,) for each in sorted(ids)])
        width = len(TURN)
        turns = [turn_of(row[:width]) for row in rows]
        messages = [message_of(row[width:]) for row in rows]
        return {turn.id: turn for turn in turns}, {message.id: message for message in messages}

    def _store(self, connection: Connection, finished: Sequence[Finished], messages: dict[MessageId, Message]) -> None:
        added = [message for each in finished for message in (each.reply, *each.notes) if message is not None]
        read = {each.message.id: messages[each.message.id] for each in finished}
        self._insert_messages.write(connection, [message_values(message) for message in added])
        self._update_turns.write(connection, [_turn_end(each.turn) for each in finished])
        self._update_messages.write(
            connection,
            [(message.id, message.revision, message.status.value, message.read_at) for message in read.values()],
        )


class FinishTogether:
    """Ends several turns per item; either all outcomes of an item are written or none is."""

    def __init__(self, finish: Finish) -> None:
        self._finish = finish

    def run(self, connection: Connection, items: Sequence[Sequence[Outcome]]) -> Sequence[list[Finished | None]]:
        flat = [outcome for item in items for outcome in item]
        results = iter(self._finish.run(connection, flat))
        return [[_finished(next(results)) for _ in item] for item in items]


def _finished(result: Finished | EverkinError | None) -> Finished | None:
    if isinstance(result, EverkinError):
        raise result
    return result


def _one(
    outcome: Outcome,
    turns: dict[TurnId, Turn],
    messages: dict[MessageId, Message],
    standings: Standings,
) -> Finished | None:
    turn = turns.get(outcome.turn_id)
    if turn is None or turn.state is not TurnState.PENDING or turn.owner != outcome.owner:
        return None
    standing, message = standings[turn.conversation_id], messages[turn.message_id]
    if standing.deleted or message.deleted_at is not None:
        outcome = replace(
            outcome,
            state=TurnState.STOPPED,
            content="",
            error_code=None,
            answered_by=None,
            metadata={},
        )
        return _ended(outcome, turn, message, standing)
    unchanged = message.edited_at == outcome.edited_at
    if outcome.title and unchanged and not standing.custom_title and not standing.title:
        standing.title = outcome.title[:LONGEST_TITLE]
    if outcome.state is not TurnState.FAILED:
        message = _read(message, outcome)
    return _ended(outcome, turn, message, standing)


def _in_danger(
    items: Sequence[Outcome], turns: dict[TurnId, Turn], messages: dict[MessageId, Message], standings: Standings
) -> list[tuple[ConversationState, int]]:
    ending = [turns[outcome.turn_id] for outcome in items if outcome.help_line and outcome.turn_id in turns]
    return [(standings[turn.conversation_id], messages[turn.message_id].seq) for turn in ending]


def _add_notes(
    items: Sequence[Outcome], results: list[Finished | None], standings: Standings, notes: HelpNotes
) -> None:
    """Append help notes behind all replies that end together, and attach them to the last result."""
    last = {each.turn.conversation_id: place for place, each in enumerate(results) if each is not None}
    for outcome, each in zip(items, tuple(results), strict=True):
        if each is None:
            continue
        standing, place = standings[each.turn.conversation_id], last[each.turn.conversation_id]
        note, behind = notes.add(outcome.help_line, standing, each.message, outcome.at), results[place]
        if note is not None and behind is not None:
            results[place] = replace(behind, notes=(*behind.notes, note), conversation=standing.frozen())


def _ended(outcome: Outcome, turn: Turn, message: Message, standing: ConversationState) -> Finished:
    revision = standing.step(outcome.at)
    failed = outcome.state is TurnState.FAILED
    speaks = outcome.state is TurnState.COMPLETED or (outcome.state is TurnState.STOPPED and outcome.content != "")
    reply = _reply(outcome, turn, standing) if speaks and outcome.answered_by is None else None
    ended = replace(
        turn,
        state=outcome.state,
        ended_at=outcome.at,
        reply_id=reply.id if reply else outcome.answered_by,
        error_code=outcome.error_code if failed else None,
        partial=outcome.content if failed else "",
        metadata=turn.metadata if reply else {**turn.metadata, **outcome.metadata},
    )
    return Finished(ended, replace(message, revision=revision), reply, standing.frozen())


def _read(message: Message, outcome: Outcome) -> Message:
    if message.status is MessageStatus.READ:
        return message
    return replace(message, status=MessageStatus.READ, read_at=outcome.at)


def _reply(outcome: Outcome, turn: Turn, standing: ConversationState) -> Message:
    parent = standing.head_id
    standing.add(outcome.reply_id, outcome.content, outcome.at)
    return Message(
        id=outcome.reply_id,
        conversation_id=turn.conversation_id,
        seq=standing.last_seq,
        revision=standing.revision,
        parent_id=parent,
        reply_to=turn.message_id,
        sender_type=SenderType.CHARACTER,
        sender_id=turn.character_id,
        type=MessageType.TEXT,
        content=outcome.content,
        status=MessageStatus.DELIVERED if outcome.delivered else MessageStatus.SENT,
        created_at=outcome.at,
        turn_id=turn.id,
        delivered_at=outcome.at if outcome.delivered else None,
        metadata=outcome.metadata,
    )


def _turn_end(turn: Turn) -> tuple[object, ...]:
    """Return the values in the order of _TURN_END."""
    return (
        turn.id,
        turn.state.value,
        turn.ended_at,
        turn.reply_id,
        turn.error_code,
        turn.partial,
        text_of(turn.metadata),
    )
