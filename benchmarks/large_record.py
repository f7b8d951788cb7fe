"""A large SQLite record, made quickly: people who have each said much to one character, with words for the search, vectors and
facts. Written past the record's own code, with the flush to disk left out, since nothing is measured while it grows.
"""

import itertools
import json
import random
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from everkin.domain import ids
from everkin.storage.sql.record import open_record
from everkin.storage.sql.words import words_of

MIB = 2**20
IN_A_CONVERSATION = 500
"""Messages."""

VECTOR = 768
"""Bytes: 384 half floats, as the embedder that ships makes them."""

START = 1_700_000_000_000


@dataclass
class Person:
    user_id: ids.UserId
    login: str
    conversations: list[str] = field(default_factory=list)


async def grow(folder: Path, mebibytes: int, character_id: str, people: int = 20) -> list[Person]:
    """Makes everkin.db in `folder` as large as that, give or take a conversation. The character must be there."""
    async with open_record("", folder):
        pass
    connection = sqlite3.connect(folder / "everkin.db", isolation_level=None)
    try:
        for pragma in ("synchronous = OFF", "foreign_keys = OFF", "cache_size = -262144", "wal_autocheckpoint = 20000"):
            connection.execute(f"PRAGMA {pragma}").close()
        crowd = _fill(connection, mebibytes * MIB, character_id, people)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
    finally:
        connection.close()
    return crowd


def _fill(connection: sqlite3.Connection, size: int, character_id: str, people: int) -> list[Person]:
    rng, texts = random.Random(7), sentences(random.Random(7))
    crowd = [_person(connection, f"crowd-{number}") for number in range(people)]
    for person in itertools.cycle(crowd):
        connection.execute("BEGIN IMMEDIATE").close()
        said = list(itertools.islice(texts, IN_A_CONVERSATION))
        person.conversations.append(conversation(connection, person.user_id, character_id, said, rng))
        connection.execute("COMMIT").close()
        if person is crowd[-1] and _bytes_of(connection) >= size:
            break
    return crowd


def _bytes_of(connection: sqlite3.Connection) -> int:
    (pages,), (page,) = (connection.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "page_size"))
    return int(pages) * int(page)


def sentences(rng: random.Random) -> Iterator[str]:
    """Words of a made-up language, few of them often and most of them seldom, as in any."""
    words = ["".join(rng.choices("aeioubdfgklmnprstvz", k=rng.randint(2, 9))) for _ in range(30_000)]
    often = list(itertools.accumulate(1 / (place + 3) for place in range(len(words))))
    while True:
        yield " ".join(rng.choices(words, cum_weights=often, k=rng.randint(8, 60))).capitalize() + "."


def _person(connection: sqlite3.Connection, login: str) -> Person:
    person = Person(ids.new_user_id(), login)
    values = {"id": person.user_id, "login": login, "name": login.title(), "role": "user", "settings": "{}"}
    _insert(connection, "users", values | {"created_at": START})
    return person


def conversation(
    connection: sqlite3.Connection, user_id: str, character_id: str, texts: list[str], rng: random.Random
) -> str:
    here, count = ids.new_conversation_id(), len(texts)
    messages = [ids.new_message_id() for _ in texts]
    _insert(
        connection,
        "conversations",
        {
            "id": here,
            "owner_id": user_id,
            "title": "",
            "custom_title": 0,
            "status": "active",
            "character_ids": json.dumps([character_id]),
            "user_ids": json.dumps([user_id]),
            "head_id": messages[-1],
            "last_seq": count,
            "revision": count,
            "message_count": count,
            "last_message_preview": "",
            "digested_seq": count,
            "summarised_seq": count,
            "indexed_seq": count,
            "metadata": "{}",
            "created_at": START,
            "updated_at": START,
            "last_message_at": START,
        },
    )
    for kind, member in (("user", user_id), ("character", character_id)):
        _insert(
            connection,
            "participants",
            {"conversation_id": here, "member_id": member, "kind": kind, "name": "Somebody", "joined_at": START},
        )
    for seq, (message_id, content) in enumerate(zip(messages, texts, strict=True), 1):
        by_user = seq % 2 == 1
        _insert(
            connection,
            "messages",
            {
                "id": message_id,
                "conversation_id": here,
                "seq": seq,
                "revision": seq,
                "parent_id": messages[seq - 2] if seq > 1 else None,
                "sender_type": "user" if by_user else "character",
                "sender_id": user_id if by_user else character_id,
                "type": "text",
                "content": content,
                "status": "delivered",
                "metadata": "{}",
                "created_at": START + seq,
                "delivered_at": START + seq,
            },
        )
        words = {"message_id": message_id, "conversation_id": here, "words": " ".join(words_of(content))}
        _insert(connection, "message_words", words)
        vector = {
            "item_id": message_id,
            "kind": "message",
            "conversation_id": here,
            "embedder": "minilm-l6-int8",
            "vector": rng.randbytes(VECTOR),
            "at": START,
        }
        _insert(connection, "embeddings", vector)
    return here


def _insert(connection: sqlite3.Connection, table: str, values: dict[str, object]) -> None:
    given = tuple(values.values())
    connection.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES {_marks(given)}", given).close()


def _marks(values: tuple[object, ...]) -> str:
    return f"({', '.join('?' * len(values))})"
