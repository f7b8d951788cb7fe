"""Erasure in the database: in one transaction, or in several for long conversations (thinning.py). `scrub` then removes
the bytes from the files as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection, delete, func, or_, select, text, update

from everkin.domain.conversation import ConversationStatus
from everkin.domain.errors import Forbidden, NotFound
from everkin.domain.ids import ConversationId, MessageId, Millis, UserId
from everkin.domain.memory import Erased, FactId, Scrubbed, pairs_of
from everkin.storage.sql import facts, pairs, tables
from everkin.storage.sql.account_removal import leave
from everkin.storage.sql.changes import Changes
from everkin.storage.sql.database import Database
from everkin.storage.sql.derivatives import Taken, amend, remove_facts, remove_findings, stale_summaries
from everkin.storage.sql.ids import chunks
from everkin.storage.sql.newest import NewestTurns
from everkin.storage.sql.operations import PerItem
from everkin.storage.sql.owed import note, owed, strike_off
from everkin.storage.sql.pacing import paced
from everkin.storage.sql.rows import document
from everkin.storage.sql.scrubbing_postgresql import PostgresqlScrub
from everkin.storage.sql.scrubbing_sqlite import SqliteScrub
from everkin.storage.sql.thinning import hide_long, take_part, together
from everkin.storage.sql.unit_of_work import ConversationState, UnitOfWork

_conversations = tables.conversations.c
_facts = tables.facts.c
_findings = tables.findings.c
_messages = tables.messages.c
_summaries = tables.summaries.c


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request to erase."""

    target: str
    """Id of a fact, a conversation or a user."""
    user_id: UserId
    """The user who asks."""
    at: Millis
    """Unix milliseconds."""


class RecordErasure:
    """Erases facts, conversations and users. Repeating a call after a crash finishes it; an item that is already gone
    raises NotFound.
    """

    def __init__(self, database: Database, ledger: UnitOfWork) -> None:
        self._database = database
        self._ledger = ledger
        self._changes = Changes(ledger, NewestTurns(database.dialect))
        self._scrubbing = SqliteScrub(database) if database.dialect == "sqlite" else PostgresqlScrub(database)
        self._fact = PerItem(_forget_fact)
        self._conversation = PerItem(self._forget_conversation)
        self._user = PerItem(self._forget_user)
        self._conversation_hides = PerItem(self._hide_conversation)
        self._user_hides = PerItem(_hide_of_user)

    async def forget_fact(self, fact_id: FactId, user_id: UserId, at: Millis) -> Erased:
        """Erase a fact for every character that knows it. Its source messages stay in the log, but are never recalled,
        read for facts or summarised again.

        Raises NotFound.
        """
        return await self._database.write(self._fact, _Asked(fact_id, user_id, at))

    async def forget_conversation(self, conversation_id: ConversationId, user_id: UserId, at: Millis) -> Erased:
        """Erase a conversation including its row, also one with status deleted.

        Raises NotFound; Forbidden for participants other than its owner.
        """
        return await self._in_parts(self._conversation_hides, self._conversation, _Asked(conversation_id, user_id, at))

    async def forget_user(self, user_id: UserId, at: Millis) -> Erased:
        """Erase an account and all data the user owns. In conversations of others the user's messages are blanked and
        the name is removed.

        Raises NotFound.
        """
        return await self._in_parts(self._user_hides, self._user, _Asked(user_id, user_id, at))

    async def to_erase(self, limit: int) -> Sequence[tuple[ConversationId, UserId]]:
        """Return conversations with status deleted that still exist, with their owners, to be passed to
        `forget_conversation`.
        """
        query = select(_conversations.id, _conversations.owner_id)
        deleted = query.where(_conversations.status == ConversationStatus.DELETED.value).limit(limit)
        return await self._database.read(lambda connection: [(row[0], row[1]) for row in connection.execute(deleted)])

    async def scrub(self) -> Scrubbed:
        """Remove erased bytes from the files; does no work if no scrub is due. Other writes continue meanwhile.

        Raises StorageUnavailable.
        """
        return await self._scrubbing.scrub()

    async def owed(self) -> int:
        due = await self._database.read(owed)
        return due.last if due else 0

    async def settle(self, number: int) -> None:
        await self._database.change(lambda connection: strike_off(connection, number))

    async def _in_parts(
        self, hide: PerItem[_Asked, Sequence[ConversationId]], end: PerItem[_Asked, Erased], asked: _Asked
    ) -> Erased:
        parts: list[Erased] = []
        for here in await self._database.write(hide, asked):
            while (part := await paced(self._database.change(partial(take_part, conversation_id=here)))) is not None:
                parts.append(part)
        return together([*parts, await self._database.write(end, asked)])

    def _hide_conversation(self, connection: Connection, asked: _Asked) -> Sequence[ConversationId]:
        return hide_long(connection, [self._own(connection, asked).id])

    def _own(self, connection: Connection, asked: _Asked) -> ConversationState:
        standing = self._ledger.open(connection, [ConversationId(asked.target)]).get(ConversationId(asked.target))
        if standing is None or not (standing.seen_by(asked.user_id) or standing.owner_id == asked.user_id):
            raise NotFound()
        if standing.owner_id != asked.user_id:
            raise Forbidden("Only who began this conversation may delete it.")
        return standing

    def _forget_conversation(self, connection: Connection, asked: _Asked) -> Erased:
        _take_time(connection)
        taken = Taken()
        _end(connection, self._own(connection, asked), taken)
        return note(connection, taken)

    def _forget_user(self, connection: Connection, asked: _Asked) -> Erased:
        _take_time(connection)
        _check_account(connection, asked.user_id)
        taken = Taken()
        for standing in self._ledger.open(connection, _owned(connection, asked.user_id)).values():
            _end(connection, standing, taken)
        leave(connection, self._ledger, asked.user_id, asked.at, taken)
        return note(connection, taken)


def _check_account(connection: Connection, user_id: UserId) -> None:
    if connection.execute(select(1).where(tables.users.c.id == user_id).with_for_update()).first() is None:
        raise NotFound("There is no such account.")


def _owned(connection: Connection, user_id: UserId) -> Sequence[ConversationId]:
    return connection.execute(select(_conversations.id).where(_conversations.owner_id == user_id)).scalars().all()


def _hide_of_user(connection: Connection, asked: _Asked) -> Sequence[ConversationId]:
    _check_account(connection, asked.user_id)
    return hide_long(connection, _owned(connection, asked.user_id))


def _forget_fact(connection: Connection, asked: _Asked) -> Erased:
    mine = (_facts.id == asked.target, _facts.user_id == asked.user_id)
    rows = connection.execute(select(_facts.text, _facts.metadata).where(*mine)).all()
    if not rows:
        raise NotFound()
    taken = Taken()
    ids = {asked.target}.union(*(document(row[1]).get("findings", ()) for row in rows))
    same = or_(_findings.id.in_(ids), _findings.target.in_(ids), _findings.text.in_({row[0] for row in rows}))
    which = (_findings.user_id == asked.user_id) & same
    found = select(_findings.message_id).where(which, _findings.message_id.is_not(None)).distinct()
    said = set(connection.execute(found).scalars())
    sources = select(tables.fact_sources.c.message_id).where(tables.fact_sources.c.fact_id == asked.target)
    said.update(connection.execute(sources).scalars())
    remove_findings(connection, which, taken)
    remove_facts(connection, [FactId(asked.target)], taken)
    _recall_no_more(connection, said, taken)
    return note(connection, taken)


def _recall_no_more(connection: Connection, message_ids: set[MessageId], taken: Taken) -> None:
    known = select(tables.unrecalled.c.message_id).where(tables.unrecalled.c.message_id.in_(message_ids))
    fresh = message_ids - set(connection.execute(known).scalars())
    if fresh:
        connection.execute(tables.unrecalled.insert(), [{"message_id": each} for each in sorted(fresh)])
    taken.counts["messages_no_longer_recalled"] += len(fresh)
    taken.drop_vectors(connection, message_ids)
    events = tables.relationship_events
    connection.execute(update(events).where(events.c.message_id.in_(message_ids)).values(topic=""))
    query = select(_messages.conversation_id, func.min(_messages.seq)).where(_messages.id.in_(message_ids))
    for conversation_id, seq in connection.execute(query.group_by(_messages.conversation_id)).all():
        stale_summaries(connection, conversation_id, seq, taken)
        conversation = pairs.conversation(connection, conversation_id)
        amend(connection, conversation, seq, taken, read_again=False)


def _end(connection: Connection, standing: ConversationState, taken: Taken) -> None:
    """Delete a conversation. The foreign keys cascade; facts and vectors are removed here, other rows are counted."""
    here = standing.id
    ids = connection.execute(select(_messages.id).where(_messages.conversation_id == here)).scalars().all()
    for some in chunks(ids):
        remove_facts(connection, facts.resting_on(connection, some), taken)
        taken.drop_vectors(connection, some)
    summaries = connection.execute(select(_summaries.id).where(_summaries.conversation_id == here)).scalars().all()
    taken.drop_vectors(connection, summaries)
    counted = (tables.findings, tables.relationship_events, tables.message_words, tables.turns)
    for name, table in zip(("findings", "bond_events", "words", "turns"), counted, strict=True):
        theirs = select(func.count()).select_from(table).where(table.c.conversation_id == here)
        taken.counts[name] += connection.execute(theirs).scalar_one()
    taken.counts.update({"messages": len(ids), "summaries": len(summaries), "conversations": 1})
    touched = pairs.existing(connection, pairs_of(standing))
    connection.execute(delete(tables.conversations).where(_conversations.id == here))
    pairs.move(connection, touched, taken=True, to_fold=True)
    taken.pairs.update(touched)
    taken.conversations.add(here)


def _take_time(connection: Connection) -> None:
    """Lift the statement timeout, as the data of several years may be deleted at once."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))
