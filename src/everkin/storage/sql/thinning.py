"""Erasure of long conversations in parts, each in a transaction of its own, so that other writes need not wait for the
whole. They are marked as deleted first, so that no half of one is visible, and a job finishes those left by a crash.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, delete, select, update

from everkin.domain.conversation import ConversationStatus
from everkin.domain.ids import ConversationId
from everkin.domain.memory import Erased
from everkin.storage.sql import facts, tables
from everkin.storage.sql.derivatives import Taken, remove_facts
from everkin.storage.sql.owed import note

PART = 100
"""Messages per part: about 20 ms."""

_conversations = tables.conversations.c
_messages = tables.messages.c

_OF_MESSAGES = {
    "findings": tables.findings.c.message_id,
    "bond_events": tables.relationship_events.c.message_id,
    "words": tables.message_words.c.message_id,
    "turns": tables.turns.c.message_id,
}


def hide_long(connection: Connection, conversation_ids: Iterable[ConversationId]) -> Sequence[ConversationId]:
    """Mark conversations too long for one transaction as deleted, and return their ids."""
    mine = _conversations.id.in_(list(conversation_ids)) & (_conversations.last_seq > PART)
    marked = update(tables.conversations).where(mine).values(status=ConversationStatus.DELETED.value)
    return connection.execute(marked.returning(_conversations.id)).scalars().all()


def take_part(connection: Connection, conversation_id: ConversationId) -> Erased | None:
    """Erase the oldest messages with their derived data. Return None if the rest is short enough to go with the
    conversation.
    """
    oldest = select(_messages.id).where(_messages.conversation_id == conversation_id).order_by(_messages.seq)
    ids = connection.execute(oldest.limit(PART)).scalars().all()
    if len(ids) < PART:
        return None
    taken = Taken()
    remove_facts(connection, facts.resting_on(connection, ids), taken)
    taken.drop_vectors(connection, ids)
    for kind, column in _OF_MESSAGES.items():
        taken.counts[kind] += connection.execute(delete(column.table).where(column.in_(ids))).rowcount
    taken.counts["messages"] += connection.execute(delete(tables.messages).where(_messages.id.in_(ids))).rowcount
    return note(connection, taken)


def together(parts: Sequence[Erased]) -> Erased:
    """Merge parts as if they had been one erasure. Pairs that are gone in the end are not listed to be folded."""
    counts: Counter[str] = Counter()
    for part in parts:
        counts.update(part.counts)
    gone = dict.fromkeys(pair for part in parts for pair in part.gone)
    return Erased(
        dict(sorted(counts.items())),
        tuple(sorted({item for part in parts for item in part.items})),
        tuple(pair for pair in dict.fromkeys(pair for part in parts for pair in part.pairs) if pair not in gone),
        tuple(dict.fromkeys(each for part in parts for each in part.conversations)),
        tuple(gone),
    )
