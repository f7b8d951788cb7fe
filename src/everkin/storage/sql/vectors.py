"""Vectors of items. An item has at most one, of the embedder that wrote last."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from everkin.domain.ids import Millis
from everkin.domain.memory import Embedded, MemoryKind
from everkin.storage.sql import tables
from everkin.storage.sql.ids import chunks, padded

_embeddings = tables.embeddings.c


def put(
    connection: Connection, vectors: Iterable[Embedded], owners: Mapping[str, Mapping[str, Any]], at: Millis
) -> None:
    """Store vectors. `owners` gives kind, and conversation or pair, by item id; a vector whose item is not in it is
    skipped, as the item is gone.
    """
    rows = {
        each.item_id: {
            "item_id": each.item_id,
            "embedder": each.embedder,
            "vector": each.vector,
            "at": at,
            "conversation_id": None,
            "character_id": None,
            "user_id": None,
            **owners[each.item_id],
        }
        for each in vectors
        if each.item_id in owners
    }
    if rows:
        drop(connection, rows)
        connection.execute(insert(tables.embeddings), list(rows.values()))


def drop(connection: Connection, item_ids: Iterable[str]) -> list[str]:
    """Delete vectors and return the ids of those that existed."""
    dropped: list[str] = []
    for some in chunks(item_ids):
        gone = delete(tables.embeddings).where(_embeddings.item_id.in_(padded(some))).returning(_embeddings.item_id)
        dropped += connection.execute(gone).scalars()
    return dropped


def stored(connection: Connection, item_ids: Sequence[str], embedder: str) -> list[Embedded]:
    found: list[Embedded] = []
    for some in chunks(item_ids):
        query = select(_embeddings.item_id, _embeddings.embedder, _embeddings.vector)
        rows = connection.execute(query.where(_embeddings.item_id.in_(padded(some)), _embeddings.embedder == embedder))
        found += (Embedded(row[0], row[1], bytes(row[2])) for row in rows)
    return found


def of_message(conversation_id: str) -> dict[str, Any]:
    return {"kind": MemoryKind.MESSAGE.value, "conversation_id": conversation_id}


def of_summary(conversation_id: str) -> dict[str, Any]:
    return {"kind": MemoryKind.SUMMARY.value, "conversation_id": conversation_id}


def of_fact(character_id: str, user_id: str) -> dict[str, Any]:
    return {"kind": MemoryKind.FACT.value, "character_id": character_id, "user_id": user_id}
