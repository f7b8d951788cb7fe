"""Sources of a pair's memories: shared messages, facts and summaries, in the form used by recall."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, and_, or_, select

from everkin.domain.conversation import Conversation, ConversationStatus
from everkin.domain.ids import Millis
from everkin.domain.memory import Embedded, Fact, Memory, MemoryKind, Pair, PairState, Summary
from everkin.domain.message import MessageType, SenderType
from everkin.domain.witnesses import ABSENCES, witnesses
from everkin.storage.sql import facts, pairs, relationships, tables, vectors
from everkin.storage.sql.database import Database
from everkin.storage.sql.ids import chunks, padded
from everkin.storage.sql.rows import CONVERSATION, Row, conversation_of

SITTING_GAP_MS = 3_600_000
"""A longer pause ends a session. Milliseconds."""

MOST_FACTS = 100_000
_TOGETHER = 8
"""Conversations in one statement, each of which adds a condition."""

_conversations = tables.conversations.c
_members = tables.participants.c
_messages = tables.messages.c


class MemorySources:
    """Reads memories. Indexed messages can be recalled and have changed the pair's version; newer ones are in the
    prompt window.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def state(self, pair: Pair) -> PairState:
        return await self._database.read(lambda connection: pairs.state(connection, pair))

    async def memories(self, pair: Pair, known: Mapping[str, Memory]) -> tuple[PairState, Sequence[Memory]]:
        return await self._database.read(lambda connection: _memories(connection, pair, known))

    async def vectors(self, item_ids: Sequence[str], embedder: str) -> Sequence[Embedded]:
        return await self._database.read(lambda connection: vectors.stored(connection, item_ids, embedder))


def _memories(connection: Connection, pair: Pair, known: Mapping[str, Memory]) -> tuple[PairState, Sequence[Memory]]:
    shared = _shared(connection, pair)
    new = [(each, indexed) for each, indexed in shared if indexed > _seq(known, each.id)]
    found = [_of_fact(fact, pair) for fact in facts.found(connection, pair, "", None, MOST_FACTS)]
    for some in chunks(new):
        found += _said(connection, pair, some, known)
    found += _summed(connection, pair, [each.id for each, _ in shared])
    found.sort(key=lambda memory: (memory.conversation_id, memory.seq))
    return pairs.state(connection, pair), found


def _shared(connection: Connection, pair: Pair) -> list[tuple[Conversation, int]]:
    """Return the conversations in which both participate, each with the `seq` up to which it is indexed."""
    theirs = select(_members.conversation_id).where(_members.member_id == pair.user_id)
    query = (
        select(*CONVERSATION, _conversations.indexed_seq)
        .join(tables.participants, _members.conversation_id == _conversations.id)
        .where(_members.member_id == pair.character_id, _conversations.id.in_(theirs))
        .where(_conversations.status != ConversationStatus.DELETED.value)
    )
    return [(conversation_of(row[:-1]), row[-1]) for row in connection.execute(query)]


def _said(
    connection: Connection, pair: Pair, shared: Sequence[tuple[Conversation, int]], known: Mapping[str, Memory]
) -> list[Memory]:
    ids = [each.id for each, _ in shared]
    names = _names(connection, ids)
    rows: dict[str, list[Row]] = {each: [] for each in ids}
    for start in range(0, len(shared), _TOGETHER):
        for row in _rows(connection, shared[start : start + _TOGETHER], known):
            rows[row[0]].append(row)
    found: list[Memory] = []
    for conversation, _ in shared:
        reader = _Reader(conversation, pair, names, _sitting(known.get(conversation.id)))
        found += reader.read(rows[conversation.id])
    return found


def _rows(
    connection: Connection, shared: Iterable[tuple[Conversation, int]], known: Mapping[str, Memory]
) -> Sequence[Row]:
    """Return message rows, including messages that are not recalled, since they count for session boundaries."""
    wanted = [
        and_(_messages.conversation_id == each.id, _messages.seq > _seq(known, each.id), _messages.seq <= indexed)
        for each, indexed in shared
    ]
    columns = (
        _messages.conversation_id,
        _messages.seq,
        _messages.created_at,
        _messages.id,
        _messages.content,
        _messages.sender_type,
        _messages.sender_id,
        _messages.type,
        or_(_messages.deleted_at.is_not(None), _messages.aside, tables.unrecalled.c.message_id.is_not(None)),
    )
    query = select(*columns).outerjoin(tables.unrecalled, tables.unrecalled.c.message_id == _messages.id)
    return connection.execute(query.where(or_(*wanted)).order_by(_messages.conversation_id, _messages.seq)).all()


class _Reader:
    """Reads messages of one conversation in order of `seq` and assigns each to its session."""

    def __init__(
        self,
        conversation: Conversation,
        pair: Pair,
        names: Mapping[tuple[str, str], str],
        sitting: tuple[int, Millis] | None,
    ) -> None:
        """`sitting` is the open session: `seq` of its first message and the time of its last one."""
        self._conversation = conversation
        self._pair = pair
        self._names = names
        self._sitting = sitting
        self._everybody = None if conversation.metadata.get(ABSENCES) else witnesses(conversation, 0)

    def read(self, rows: Iterable[Row]) -> list[Memory]:
        found = []
        for row in rows:
            session = self._session(row[1], row[2])
            present = self._everybody or witnesses(self._conversation, row[1])
            if _is_memory(row) and self._pair.character_id in present:
                found.append(self._memory(row, session, present))
        return found

    def _session(self, seq: int, at: Millis) -> str:
        if self._sitting is None or at - self._sitting[1] > SITTING_GAP_MS:
            self._sitting = (seq, at)
        else:
            self._sitting = (self._sitting[0], at)
        return f"{self._conversation.id}:{self._sitting[0]}"

    def _memory(self, row: Row, session: str, present: frozenset[str]) -> Memory:
        conversation_id, seq, at, message_id, content, sender_type, sender_id, *_ = row
        return Memory(
            message_id,
            MemoryKind.MESSAGE,
            conversation_id,
            seq,
            session,
            at,
            content,
            speaker=self._names.get((conversation_id, sender_id), ""),
            by_character=sender_type == SenderType.CHARACTER.value,
            witnesses=present,
        )


def _is_memory(row: Row) -> bool:
    content, sender_type, kind, gone = row[4], row[5], row[7], row[8]
    return bool(not gone and content and sender_type != SenderType.SYSTEM.value and kind != MessageType.SYSTEM.value)


def _seq(known: Mapping[str, Memory], conversation_id: str) -> int:
    last = known.get(conversation_id)
    return 0 if last is None else last.seq


def _sitting(last: Memory | None) -> tuple[int, Millis] | None:
    """Return the session that continues after this message: `seq` of its first message and the time of its last one.

    A memory's session name ends with that `seq`.
    """
    return None if last is None else (int(last.session.rpartition(":")[2]), last.at)


def _names(connection: Connection, conversation_ids: Sequence[str]) -> dict[tuple[str, str], str]:
    query = select(_members.conversation_id, _members.member_id, _members.name)
    rows = connection.execute(query.where(_members.conversation_id.in_(padded(conversation_ids))))
    return {(row[0], row[1]): row[2] for row in rows}


def _of_fact(fact: Fact, pair: Pair) -> Memory:
    return Memory(
        fact.id,
        MemoryKind.FACT,
        "",
        0,
        "",
        fact.last_reinforced_at,
        fact.text,
        importance=fact.importance,
        reinforcements=fact.reinforcements,
        pinned=fact.pinned,
        realm=fact.realm,
        valid_to=fact.valid_to,
        witnesses=frozenset((pair.character_id, pair.user_id, *fact.witnesses)),
    )


def _summed(connection: Connection, pair: Pair, conversation_ids: Sequence[str]) -> list[Memory]:
    found: list[Summary] = []
    for some in chunks(conversation_ids):
        found += relationships.summaries(connection, some)
    return [_of_summary(each) for each in found if pair.character_id in each.witnesses]


def _of_summary(summary: Summary) -> Memory:
    return Memory(
        summary.id,
        MemoryKind.SUMMARY,
        summary.conversation_id,
        summary.to_seq,
        summary.conversation_id,
        summary.at,
        summary.text,
        importance=summary.importance / 10,
        witnesses=frozenset(summary.witnesses),
    )
