"""Data derived from messages, removed when the messages change or are deleted, always in the same transaction."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, delete, func, select, update

from everkin.domain.conversation import Conversation
from everkin.domain.ids import ConversationId, MessageId
from everkin.domain.memory import Erased, FactId, Pair, pairs_of
from everkin.storage.sql import facts, pairs, tables, vectors, word_index
from everkin.storage.sql.unit_of_work import ConversationState

_conversations = tables.conversations.c
_events = tables.relationship_events.c
_facts = tables.facts.c
_findings = tables.findings.c
_messages = tables.messages.c
_summaries = tables.summaries.c


@dataclass(slots=True)
class Taken:
    """Adds up the data removed by one change."""

    counts: Counter[str] = field(default_factory=Counter)
    """Rows removed, by kind."""
    items: set[str] = field(default_factory=set)
    """Ids of items whose vectors must go from every index."""
    pairs: set[Pair] = field(default_factory=set)
    """Pairs of character and user whose memory changed."""
    conversations: set[ConversationId] = field(default_factory=set)
    """Conversations whose derived data changed."""
    gone: set[Pair] = field(default_factory=set)
    """Pairs that no longer exist."""

    def drop_vectors(self, connection: Connection, item_ids: Iterable[str]) -> None:
        """Delete vectors. All ids are recorded, as other indexes may hold vectors that the database never had."""
        ids = list(item_ids)
        self.items.update(ids)
        self.counts["vectors"] += len(vectors.drop(connection, ids))

    def erased(self) -> Erased:
        counts = {kind: count for kind, count in sorted(self.counts.items()) if count}
        ordered = sorted(self.pairs - self.gone, key=_key), sorted(self.gone, key=_key)
        return Erased(
            counts, tuple(sorted(self.items)), tuple(ordered[0]), tuple(sorted(self.conversations)), tuple(ordered[1])
        )


def _key(pair: Pair) -> tuple[str, str]:
    return pair.character_id, pair.user_id


def take_back(
    connection: Connection,
    conversation: ConversationState | Conversation,
    message_ids: Collection[MessageId],
    taken: Taken,
    *,
    from_seq: int,
    read_again: bool,
) -> None:
    """Remove all data derived from these messages. `from_seq` is the lowest `seq` among them.

    With `read_again` the messages stay with new text, so the jobs process them and all later ones once more.
    """
    ids = list(message_ids)
    remove_findings(connection, _findings.message_id.in_(ids), taken)
    remove_facts(connection, facts.resting_on(connection, ids), taken)
    events = connection.execute(delete(tables.relationship_events).where(_events.message_id.in_(ids)))
    taken.counts["bond_events"] += events.rowcount
    taken.counts["words"] += word_index.drop(connection, ids)
    taken.drop_vectors(connection, ids)
    stale_summaries(connection, conversation.id, from_seq, taken)
    amend(connection, conversation, from_seq, taken, read_again=read_again)


def amend(
    connection: Connection,
    conversation: ConversationState | Conversation,
    from_seq: int,
    taken: Taken,
    *,
    read_again: bool,
) -> None:
    """Invalidate results of jobs that read the former messages, and the cached memory of every pair."""
    values: dict[str, Any] = {"amended": _conversations.amended + 1}
    if read_again:
        values |= {mark: _at_most(_conversations[mark], from_seq - 1) for mark in ("indexed_seq", "digested_seq")}
    connection.execute(update(tables.conversations).where(_conversations.id == conversation.id).values(values))
    touched = pairs.existing(connection, pairs_of(conversation))
    pairs.move(connection, touched, taken=True, to_fold=True)
    taken.pairs.update(touched)
    taken.conversations.add(conversation.id)


def remove_findings(connection: Connection, which: ColumnElement[bool], taken: Taken) -> None:
    taken.counts["findings"] += connection.execute(delete(tables.findings).where(which)).rowcount


def remove_facts(connection: Connection, fact_ids: Sequence[FactId], taken: Taken) -> None:
    """Delete facts. A fact that has another source is restored from it, in that source's wording, when its pair is
    folded anew.
    """
    query = select(_facts.character_id, _facts.user_id).where(_facts.id.in_(fact_ids))
    touched = {Pair(row[0], row[1]) for row in connection.execute(query)}
    facts.remove(connection, fact_ids)
    taken.counts["facts"] += len(fact_ids)
    taken.drop_vectors(connection, fact_ids)
    pairs.move(connection, touched, taken=True, to_fold=True)
    taken.pairs.update(touched)


def stale_summaries(connection: Connection, conversation_id: ConversationId, from_seq: int, taken: Taken) -> None:
    """Delete summaries from `from_seq` on, also those of later messages, as the earlier ones may have been in their
    input. They are generated anew.
    """
    stale = (_summaries.conversation_id == conversation_id) & (_summaries.to_seq >= from_seq)
    first = connection.execute(select(func.min(_summaries.from_seq)).where(stale)).scalar()
    ids = connection.execute(delete(tables.summaries).where(stale).returning(_summaries.id)).scalars().all()
    taken.counts["summaries"] += len(ids)
    taken.drop_vectors(connection, ids)
    back_to = (from_seq if first is None else min(first, from_seq)) - 1
    mark = _at_most(_conversations.summarised_seq, back_to)
    mine = _conversations.id == conversation_id
    connection.execute(update(tables.conversations).where(mine).values(summarised_seq=mark))


def _at_most(column: Any, limit: int) -> ColumnElement[int]:
    return case((column > limit, limit), else_=column)
