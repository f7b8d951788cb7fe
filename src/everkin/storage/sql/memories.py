"""The memory repository (memory/ports.py)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from everkin.domain.conversation import Conversation
from everkin.domain.ids import CharacterId, ConversationId, MessageId, Millis, UserId
from everkin.domain.memory import (
    BondEvent,
    BondEventsAfter,
    Embedded,
    Fact,
    FactId,
    Finding,
    Pair,
    PairState,
    Summary,
    Unembedded,
    Work,
    pairs_of,
)
from everkin.domain.message import Message
from everkin.storage.sql import facts, findings, pairs, relationships, vectors, watermarks, word_index
from everkin.storage.sql.database import Database
from everkin.storage.sql.missing_vectors import keep_vectors, without_vector
from everkin.storage.sql.operations import PerItem
from everkin.storage.sql.watermarks import DIGESTED, INDEXED, SUMMARISED, Reached


@dataclass(frozen=True, slots=True)
class _Digested:
    """The result of reading messages for facts."""

    reached: Reached
    """The watermark up to which messages were read."""
    findings: Sequence[Finding]
    """Findings of these messages."""
    events: Sequence[BondEvent]
    """Relationship events of these messages."""


class Memories:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._indexed = PerItem(_indexed)
        self._digested = PerItem(_digested)
        self._summarised = PerItem(_summarised)
        self._fold = PerItem(_fold)
        self._add = PerItem(_add)
        self._keep_vectors = PerItem(keep_vectors)

    # -- pending work -------------------------------------------------------------------------------------------------

    async def to_index(self, limit: int) -> Sequence[Work]:
        return await self._database.read(lambda connection: watermarks.behind(connection, INDEXED, limit))

    async def to_digest(self, limit: int) -> Sequence[Work]:
        return await self._database.read(lambda connection: watermarks.behind(connection, DIGESTED, limit))

    async def to_summarise(self, limit: int, every: int) -> Sequence[Work]:
        return await self._database.read(lambda connection: watermarks.behind(connection, SUMMARISED, limit, every))

    async def to_fold(self, limit: int) -> Sequence[Pair]:
        """Return pairs whose facts do not match their findings yet, which includes folds lost in a crash."""
        return await self._database.read(lambda connection: pairs.waiting(connection, limit))

    async def pairs(self) -> Sequence[Pair]:
        """Return all pairs that have memories."""
        return await self._database.read(pairs.known)

    async def to_embed(self, embedder: str, limit: int, *, messages: bool = True) -> Sequence[Unembedded]:
        """Return items without a vector of this embedder, because it was unavailable or another one was used. Newest
        first.
        """
        return await self._database.read(
            lambda connection: without_vector(connection, embedder, limit, messages=messages)
        )

    async def messages_between(self, conversation_id: ConversationId, after: int, limit: int) -> Sequence[Message]:
        return await self._database.read(lambda connection: watermarks.read(connection, conversation_id, after, limit))

    # -- what jobs write --------------------------------------------------------------------------------------------

    async def indexed(self, work: Work, to_seq: int, vectors: Sequence[Embedded]) -> bool:
        return await self._database.write(self._indexed, (Reached(INDEXED, work, to_seq), vectors))

    async def digested(self, work: Work, to_seq: int, findings: Sequence[Finding], events: Sequence[BondEvent]) -> bool:
        """Store what was read from messages, replacing earlier results for the same messages."""
        asked = _Digested(Reached(DIGESTED, work, to_seq), findings, events)
        return await self._database.write(self._digested, asked)

    async def summarised(self, work: Work, summary: Summary) -> bool:
        reached = Reached(SUMMARISED, work, summary.to_seq)
        return await self._database.write(self._summarised, (reached, summary))

    async def keep_vectors(self, work: Sequence[Unembedded], vectors: Sequence[Embedded]) -> None:
        """Store vectors for `work`, which is of one kind and pair. Items that are gone or have new text are skipped."""
        await self._database.write(self._keep_vectors, (work, vectors))

    async def fold(self, pair: Pair, state: PairState, facts: Sequence[Fact]) -> bool:
        return await self._database.write(self._fold, (pair, state, facts))

    async def add(self, finding: Finding) -> None:
        await self._database.write(self._add, finding)

    # -- reads --------------------------------------------------------------------------------------------------------

    async def state(self, pair: Pair) -> PairState:
        return await self._database.read(lambda connection: pairs.state(connection, pair))

    async def findings(self, pair: Pair) -> Sequence[Finding]:
        return await self._database.read(lambda connection: findings.in_the_fold(connection, pair))

    async def facts(
        self, pair: Pair, *, text: str = "", current: bool | None = None, limit: int = 100_000
    ) -> Sequence[Fact]:
        """Return a pair's facts, most recently mentioned first."""
        return await self._database.read(lambda connection: facts.found(connection, pair, text, current, limit))

    async def fact(self, fact_id: FactId, user_id: UserId, character_id: CharacterId | None = None) -> Fact:
        """Return a fact. With `character_id` None it may be of any character; a fact mentioned to several has the same
        id with each.

        Raises NotFound.
        """
        return await self._database.read(lambda connection: facts.one(connection, fact_id, user_id, character_id))

    async def bond_events(self, pair: Pair) -> Sequence[BondEvent]:
        return await self._database.read(lambda connection: relationships.events(connection, pair))

    async def bond_events_after(self, pair: Pair, after: Millis | None) -> BondEventsAfter:
        return await self._database.read(lambda connection: relationships.events_after(connection, pair, after))

    async def summaries(self, conversation_id: ConversationId) -> Sequence[Summary]:
        return await self._database.read(lambda connection: relationships.summaries(connection, [conversation_id]))


def _indexed(connection: Connection, asked: tuple[Reached, Sequence[Embedded]]) -> bool:
    reached, given = asked
    conversation = watermarks.advance(connection, reached)
    if conversation is None:
        return False
    messages = watermarks.passed(connection, reached)
    word_index.write(connection, messages)
    owners: dict[str, dict[str, object]] = {message.id: vectors.of_message(conversation.id) for message in messages}
    vectors.put(connection, given, owners, conversation.updated_at)
    pairs.move(connection, pairs_of(conversation))
    return True


def _digested(connection: Connection, asked: _Digested) -> bool:
    conversation = watermarks.advance(connection, asked.reached)
    if conversation is None:
        return False
    there = watermarks.ids(watermarks.passed(connection, asked.reached))
    found = findings.belonging(conversation, there, asked.findings)
    findings.replace(connection, list(there), found)
    relationships.replace(connection, list(there), _of_company(conversation, asked.events, there))
    pairs.move(connection, pairs_of(conversation), to_fold=True)
    return True


def _of_company(
    conversation: Conversation, events: Sequence[BondEvent], there: Collection[MessageId]
) -> list[BondEvent]:
    company = set(pairs_of(conversation))
    return [each for each in events if each.message_id in there and Pair(each.character_id, each.user_id) in company]


def _summarised(connection: Connection, asked: tuple[Reached, Summary]) -> bool:
    reached, summary = asked
    conversation = watermarks.advance(connection, reached)
    if conversation is None:
        return False
    relationships.write_summary(connection, summary)
    pairs.move(connection, pairs_of(conversation))
    return True


def _fold(connection: Connection, asked: tuple[Pair, PairState, Sequence[Fact]]) -> bool:
    pair, state, given = asked
    if pairs.state(connection, pair, lock=True) != state:
        return False
    facts.replace(connection, pair, given)
    pairs.move(connection, [pair])
    pairs.folded(connection, pair)
    return True


def _add(connection: Connection, finding: Finding) -> None:
    findings.write(connection, [finding])
    if finding.character_id is not None:
        pairs.move(connection, [Pair(finding.character_id, finding.user_id)], to_fold=True)
