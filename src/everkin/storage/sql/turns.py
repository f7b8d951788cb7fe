"""Pending turns, and the leases by which nodes divide them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, Connection, and_, or_, select, true, update

from everkin.domain.ids import ConversationId, Millis, TurnId
from everkin.domain.message import Message
from everkin.domain.turn import Turn, TurnState
from everkin.storage.sql import tables
from everkin.storage.sql.database import Database
from everkin.storage.sql.operations import PerItem
from everkin.storage.sql.rows import MESSAGE, TURN, message_of, turn_of
from everkin.storage.sql.unit_of_work import ConversationState, UnitOfWork

_turns = tables.turns.c
_messages = tables.messages.c

_pending = _turns.state == TurnState.PENDING.value


@dataclass(frozen=True, slots=True)
class _Claim:
    """A request to take or renew leases."""

    turn_ids: tuple[TurnId, ...]
    """The turns."""
    owner: str
    """The node that asks."""
    lease_until: Millis
    """New end of the lease, Unix milliseconds."""
    now: Millis
    """Unix milliseconds."""
    free: Literal["own", "expired", "all"]
    """Turns that may be claimed: the owner's own, also those with expired leases, or all."""


class Turns:
    """The turn repository. A lease has expired from `lease_until` on. Moving a lease does not change `revision`."""

    def __init__(self, database: Database, ledger: UnitOfWork) -> None:
        self._database = database
        self._claim = PerItem(_claim)
        self._stop = PerItem(Stopping(ledger).by_id)

    async def pending(self, owner: str | None, now: Millis) -> Sequence[tuple[Turn, Message]]:
        return await self._database.read(lambda connection: _waiting(connection, owner, now))

    async def take_over(
        self, turn_ids: Sequence[TurnId], owner: str, lease_until: Millis, now: Millis, *, force: bool = False
    ) -> Sequence[TurnId]:
        free: Literal["expired", "all"] = "all" if force else "expired"
        return await self._database.write(self._claim, _Claim(tuple(turn_ids), owner, lease_until, now, free))

    async def renew(self, turn_ids: Sequence[TurnId], owner: str, lease_until: Millis) -> None:
        """Renew leases. Turns that are not pending or not `owner`'s are skipped."""
        await self._database.write(self._claim, _Claim(tuple(turn_ids), owner, lease_until, Millis(0), "own"))

    async def stop_pending(self, conversation_id: ConversationId, at: Millis) -> Sequence[Turn]:
        return await self._database.write(self._stop, (conversation_id, at))


def _waiting(connection: Connection, owner: str | None, now: Millis) -> Sequence[tuple[Turn, Message]]:
    query = select(*TURN, *MESSAGE).join_from(tables.turns, tables.messages, _messages.id == _turns.message_id)
    if owner is not None:
        query = query.where(_turns.lease_until <= now)
    rows = connection.execute(query.where(_pending).order_by(_turns.created_at, _messages.seq, _turns.id))
    return [(turn_of(row[: len(TURN)]), message_of(row[len(TURN) :])) for row in rows]


def _claim(connection: Connection, claim: _Claim) -> Sequence[TurnId]:
    """Set owner and lease of those turns that are free to claim (`_Claim.free`), and return their ids in order."""
    if not claim.turn_ids:
        return ()
    wanted = and_(_pending, _turns.id.in_(claim.turn_ids), _free(claim))
    locked = connection.execute(select(_turns.id).where(wanted).order_by(_turns.id).with_for_update()).scalars().all()
    if locked:
        taken = update(tables.turns).where(_turns.id.in_(locked))
        connection.execute(taken.values(owner=claim.owner, lease_until=claim.lease_until))
    mine = set(locked)
    return [turn_id for turn_id in claim.turn_ids if turn_id in mine]


def _free(claim: _Claim) -> ColumnElement[bool]:
    held = _turns.owner == claim.owner
    if claim.free == "own":
        return held
    return true() if claim.free == "all" else or_(held, _turns.lease_until <= claim.now)


class Stopping:
    """Ends every pending turn of a conversation without a reply."""

    def __init__(self, ledger: UnitOfWork) -> None:
        self._ledger = ledger

    def by_id(self, connection: Connection, asked: tuple[ConversationId, Millis]) -> Sequence[Turn]:
        conversation_id, at = asked
        standings = self._ledger.open(connection, [conversation_id])
        if conversation_id not in standings:
            return ()
        standing = standings[conversation_id]
        stopped = self.within(connection, standing, at)
        self._ledger.keep(connection, standings)
        return stopped

    def within(self, connection: Connection, standing: ConversationState, at: Millis) -> Sequence[Turn]:
        """Stop the turns as part of a larger change; the caller stores `standing`."""
        waiting = and_(_turns.conversation_id == standing.id, _pending)
        values = {"state": TurnState.STOPPED.value, "ended_at": at}
        rows = connection.execute(update(tables.turns).where(waiting).values(**values).returning(*TURN)).all()
        stopped = sorted((turn_of(row) for row in rows), key=lambda turn: (turn.created_at, turn.id))
        if stopped:
            asked = [turn.message_id for turn in stopped]
            revision = standing.step(at)
            connection.execute(update(tables.messages).where(_messages.id.in_(asked)).values(revision=revision))
        return stopped
