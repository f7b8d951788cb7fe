"""What was made of messages, taken back when they change or go. All in the transaction that changes them."""

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
    """What one change took along, added up."""

    counts: Counter[str] = field(default_factory=Counter)
    items: set[str] = field(default_factory=set)
    pairs: set[Pair] = field(default_factory=set)
    conversations: set[ConversationId] = field(default_factory=set)
    gone: set[Pair] = field(default_factory=set)

    def drop_vectors(self, connection: Connection, item_ids: Iterable[str]) -> None:
        """Other indexes may hold some that the record never had: all ids are named."""
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
    """All that was made of these messages, the first of which is `from_seq`. `read_again`: they stay, with other words, so
    the jobs deal with them, and whatever follows, once more."""
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
    """Jobs that have read what was there before come to nothing, and every pair's copies are out of date."""
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
    """Whole: one that has another source comes back, in words of that one, when its pair is folded anew."""
    query = select(_facts.character_id, _facts.user_id).where(_facts.id.in_(fact_ids))
    touched = {Pair(row[0], row[1]) for row in connection.execute(query)}
    facts.remove(connection, fact_ids)
    taken.counts["facts"] += len(fact_ids)
    taken.drop_vectors(connection, fact_ids)
    pairs.move(connection, touched, taken=True, to_fold=True)
    taken.pairs.update(touched)


def stale_summaries(connection: Connection, conversation_id: ConversationId, from_seq: int, taken: Taken) -> None:
    """Also those of later messages: whoever wrote them may have been shown the earlier ones. They are made anew."""
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
