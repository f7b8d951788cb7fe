"""Facts as rows: computed from findings by a fold, and replaced as a whole by the next one."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, delete, func, insert, select

from everkin.domain.errors import NotFound
from everkin.domain.ids import CharacterId, MessageId, UserId
from everkin.domain.memory import Category, Fact, FactId, Pair, Realm
from everkin.storage.sql import tables, vectors
from everkin.storage.sql.ids import chunks, padded
from everkin.storage.sql.rows import document

_facts = tables.facts.c
_sources = tables.fact_sources.c


def found(connection: Connection, pair: Pair, text: str, current: bool | None, limit: int) -> list[Fact]:
    """Return a pair's facts, most recently mentioned first."""
    query = select(tables.facts).where(_of(pair))
    if current is not None:
        query = query.where(_facts.valid_to.is_(None) if current else _facts.valid_to.is_not(None))
    if text.strip():
        query = query.where(_contains(connection, text.strip()))
    query = query.order_by(_facts.last_reinforced_at.desc(), _facts.id)
    return _facts_of(connection, connection.execute(query.limit(limit)).mappings().all())


def one(connection: Connection, fact_id: FactId, user_id: UserId, character_id: CharacterId | None) -> Fact:
    """Return a fact. With `character_id` None it may be of any character; a fact mentioned to several has the same id
    with each.
    """
    query = select(tables.facts).where(_facts.id == fact_id, _facts.user_id == user_id)
    if character_id is not None:
        query = query.where(_facts.character_id == character_id)
    rows = connection.execute(query.order_by(_facts.character_id).limit(1)).mappings().all()
    if not rows:
        raise NotFound()
    return _facts_of(connection, rows)[0]


def replace(connection: Connection, pair: Pair, facts: Sequence[Fact]) -> None:
    """Store a pair's facts, writing only differences. Vectors of facts that are gone or have new text are deleted."""
    before = {fact.id: fact for fact in _facts_of(connection, _rows(connection, pair))}
    texts = {fact.id: fact.text for fact in facts}
    vectors.drop(connection, [each for each, fact in before.items() if texts.get(each) != fact.text])
    written = [fact for fact in facts if before.get(fact.id) != fact]
    void = [each for each in before if each not in texts] + [fact.id for fact in written if fact.id in before]
    for some in chunks(void):
        connection.execute(delete(tables.facts).where(_of(pair), _facts.id.in_(padded(some))))
    if written:
        connection.execute(insert(tables.facts), [_values(fact) for fact in written])
        _write_sources(connection, written)


def _rows(connection: Connection, pair: Pair) -> Sequence[RowMapping]:
    return connection.execute(select(tables.facts).where(_of(pair))).mappings().all()


def resting_on(connection: Connection, message_ids: Iterable[MessageId]) -> list[FactId]:
    query = select(_sources.fact_id).where(_sources.message_id.in_(list(message_ids))).distinct()
    return list(connection.execute(query).scalars())


def remove(connection: Connection, fact_ids: Sequence[FactId]) -> None:
    """Delete facts for every character. The caller deletes their vectors."""
    connection.execute(delete(tables.facts).where(_facts.id.in_(fact_ids)))


def _write_sources(connection: Connection, facts: Sequence[Fact]) -> None:
    """Write the source messages of facts. Messages deleted meanwhile are left out."""
    there: set[MessageId] = set()
    for some in chunks({message_id for fact in facts for message_id in fact.message_ids}):
        known = select(tables.messages.c.id).where(tables.messages.c.id.in_(padded(some)))
        there.update(connection.execute(known).scalars())
    rows = [
        {"fact_id": fact.id, "character_id": fact.character_id, "message_id": message_id}
        for fact in facts
        for message_id in dict.fromkeys(fact.message_ids)
        if message_id in there
    ]
    if rows:
        connection.execute(insert(tables.fact_sources), rows)


def _facts_of(connection: Connection, rows: Sequence[RowMapping]) -> list[Fact]:
    sources: dict[tuple[str, str], list[MessageId]] = {}
    query = select(_sources.fact_id, _sources.character_id, _sources.message_id)
    joined = query.join_from(tables.fact_sources, tables.messages)
    ordered = joined.order_by(tables.messages.c.created_at, tables.messages.c.seq)
    for some in chunks([row["id"] for row in rows]):
        for fact_id, character_id, message_id in connection.execute(ordered.where(_sources.fact_id.in_(padded(some)))):
            sources.setdefault((fact_id, character_id), []).append(message_id)
    return [_fact(row, sources.get((row["id"], row["character_id"]), [])) for row in rows]


def _fact(row: RowMapping, message_ids: Sequence[MessageId]) -> Fact:
    values = {name: row[name] for name in _PLAIN}
    return Fact(
        **values,
        category=Category(row["category"]),
        realm=Realm(row["realm"]),
        findings=tuple(document(row["metadata"]).get("findings", ())),
        witnesses=tuple(document(row["witnesses"])),
        message_ids=tuple(message_ids),
    )


_PLAIN = (
    "id",
    "character_id",
    "user_id",
    "text",
    "confidence",
    "importance",
    "pinned",
    "reinforcements",
    "first_mentioned_at",
    "last_reinforced_at",
    "valid_from",
    "valid_to",
    "superseded_by",
    "slot",
    "value",
    "edited",
)


def _values(fact: Fact) -> dict[str, Any]:
    return {
        **{name: getattr(fact, name) for name in _PLAIN},
        "category": fact.category.value,
        "realm": fact.realm.value,
        "witnesses": list(fact.witnesses),
        "metadata": {"findings": list(fact.findings)},
    }


def _of(pair: Pair) -> ColumnElement[bool]:
    return and_(_facts.character_id == pair.character_id, _facts.user_id == pair.user_id)


def _contains(connection: Connection, text: str) -> ColumnElement[bool]:
    fold: Any = func.folded if connection.dialect.name == "sqlite" else func.lower
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    contained: ColumnElement[bool] = fold(_facts.text).like(fold(f"%{escaped}%"), escape="\\")
    return contained
