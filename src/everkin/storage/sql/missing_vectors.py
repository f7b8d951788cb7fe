"""Vectors written later than their items: those of facts and summaries, and those missing because the embedder was
unavailable or has changed.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Select, and_, func, select

from everkin.domain.conversation import ConversationStatus
from everkin.domain.ids import Millis
from everkin.domain.memory import Embedded, MemoryKind, Pair, Unembedded
from everkin.domain.message import MessageType
from everkin.storage.sql import pairs, tables, vectors
from everkin.storage.sql.ids import padded
from everkin.storage.sql.watermarks import standing

_conversations = tables.conversations.c
_embeddings = tables.embeddings.c
_facts = tables.facts.c
_messages = tables.messages.c
_summaries = tables.summaries.c


def without_vector(connection: Connection, embedder: str, limit: int, *, messages: bool = True) -> list[Unembedded]:
    """Return items without a vector of this embedder: facts, then summaries, then messages, each newest first."""
    known, summed, said = _wanting(embedder)
    found = [
        Unembedded(row[0], MemoryKind.FACT, row[1], Pair(row[2], row[3]))
        for row in connection.execute(known.order_by(_facts.last_reinforced_at.desc()).limit(limit))
    ]
    others = [(MemoryKind.SUMMARY, summed.order_by(_summaries.created_at.desc()))]
    if messages:
        others.append((MemoryKind.MESSAGE, said.order_by(_messages.created_at.desc())))
    for kind, query in others:
        left = max(limit - len(found), 0)
        found += (Unembedded(row[0], kind, row[1]) for row in connection.execute(query.limit(left)))
    return found


def lacking(connection: Connection, embedder: str) -> int:
    """Return how many items `without_vector` would find."""
    counts = (select(func.count()).select_from(query.subquery()) for query in _wanting(embedder))
    return sum(int(connection.execute(count).scalar_one()) for count in counts)


def _wanting(embedder: str) -> tuple[Select[Any], Select[Any], Select[Any]]:
    """Return queries for facts, summaries and messages without a vector. Messages count only once they are indexed, as
    the index job writes their vectors.
    """
    indexed = _messages.seq <= _conversations.indexed_seq
    spoken = and_(_messages.type != MessageType.SYSTEM.value, _messages.content != "")
    alive = _conversations.status != ConversationStatus.DELETED.value
    said: Select[Any] = select(_messages.id, _messages.content).join(tables.conversations)
    said = _lacking(said.where(indexed, spoken, alive, *standing()), _messages.id, embedder)
    known = _lacking(select(_facts.id, _facts.text, _facts.character_id, _facts.user_id), _facts.id, embedder)
    summed = _lacking(select(_summaries.id, _summaries.text), _summaries.id, embedder)
    return known, summed, said


def _lacking(query: Select[Any], item: Column[Any], embedder: str) -> Select[Any]:
    theirs = select(1).where(_embeddings.item_id == item, _embeddings.embedder == embedder).exists()
    return query.where(~theirs)


def keep_vectors(connection: Connection, asked: tuple[Sequence[Unembedded], Sequence[Embedded]]) -> None:
    """Store vectors. A text changed since it was read gets no vector; it is embedded again later."""
    work, given = asked
    texts = {each.item_id: each.text for each in work}
    owners, touched = _OWNERS[work[0].kind](connection, work[0].pair, texts)
    vectors.put(connection, given, owners, Millis(0))
    pairs.move(connection, touched)


Owners = tuple[Mapping[str, Mapping[str, Any]], list[Pair]]


def _of_facts(connection: Connection, pair: Pair | None, texts: Mapping[str, str]) -> Owners:
    query = select(_facts.id, _facts.character_id, _facts.user_id, _facts.text).where(_facts.id.in_(padded(texts)))
    if pair is not None:
        query = query.where(_facts.character_id == pair.character_id, _facts.user_id == pair.user_id)
    rows = [row for row in connection.execute(query) if row[3] == texts[row[0]]]
    return {row[0]: vectors.of_fact(row[1], row[2]) for row in rows}, [Pair(row[1], row[2]) for row in rows]


def _of_messages(connection: Connection, _: Pair | None, texts: Mapping[str, str]) -> Owners:
    columns = (_messages.id, _messages.conversation_id, _messages.content)
    query = select(*columns).where(_messages.id.in_(padded(texts)), *standing()).with_for_update()
    found = {row[0]: row[1] for row in connection.execute(query) if row[2] == texts[row[0]]}
    owners = {item: vectors.of_message(conversation_id) for item, conversation_id in found.items()}
    return owners, pairs.of_conversations(connection, found.values())


def _of_summaries(connection: Connection, _: Pair | None, texts: Mapping[str, str]) -> Owners:
    query = select(_summaries.id, _summaries.conversation_id).where(_summaries.id.in_(padded(texts)))
    found = {row[0]: row[1] for row in connection.execute(query)}
    owners = {item: vectors.of_summary(conversation_id) for item, conversation_id in found.items()}
    return owners, pairs.of_conversations(connection, found.values())


_OWNERS = {MemoryKind.FACT: _of_facts, MemoryKind.MESSAGE: _of_messages, MemoryKind.SUMMARY: _of_summaries}
