"""What 10 000 live idle sessions cost: memory each, a sweep over all of them, and whether a restart loses anything.

Every session has a person of its own and 30 messages of history; in this run its person comes back and has one more exchange
with the character (the shipped turn, scripted model), then falls silent. People come as they would within half an hour:
each minute some 330, and once a minute the house lets silent sessions rest, as it does by itself.

`bytes_per_session` is the growth of the process's resident memory by then, divided by the sessions: what an operator pays,
fragments and caches included. It is the figure that counts. `traced_bytes_per_session` is what Python's allocator still
holds, by tracemalloc, in a smaller run of its own. `awake_bytes_per_session` is what a session takes before it rests;
`copies_kept_share` are the sessions whose copy is small enough (history/log_cache.py: RESTING_BYTES) to be kept, the others are read
from the record when their person comes back.
"""

import asyncio
import gc
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped,unused-ignore]

from benchmarks import harness

NAME = "sessions"
TARGETS = {
    "bytes_per_session": harness.at_most(5_120),
    "sweep_s": harness.at_most(1.0),
    "restored_share": harness.at_least(1.0),
}

SESSIONS, QUICK_SESSIONS, TRACED_SESSIONS = 10_000, 1_200, 1_000
HISTORY = 30
A_MINUTE = 333
AT_ONCE = 16
WARM = 2 * A_MINUTE
"""Sessions before the first look at memory, so that what everybody shares is there."""

READ_BEFORE, QUICK_READ_BEFORE = 4_000, 1_200
"""Other conversations that are looked at and marked as read before, so that the database's page caches (16 MiB a connection) are full and
their filling up is not taken for the sessions'."""

ASKED, ANSWERED = (3, 30), (20, 70)
"""Words of a person's message and of a reply, from and to."""


def measure(options: harness.Options) -> harness.Figures:
    sessions = QUICK_SESSIONS if options.quick else SESSIONS
    figures = _run(sessions, traced=False)
    del figures["awake_bytes_per_session"]  # resident memory cannot tell: what was freed before is used first
    if not options.quick:
        traced = _run(TRACED_SESSIONS, traced=True)
        figures["traced_bytes_per_session"] = traced["bytes_per_session"]
        figures["awake_bytes_per_session"] = traced["awake_bytes_per_session"]
    figures["sweep_s"] *= SESSIONS / sessions
    if options.quick:
        options.notes.append(f"{sessions:,} sessions; sweep_s is scaled to {SESSIONS:,}.")
    options.notes.append("bytes_per_session is by resident memory.")
    return figures


def _run(sessions: int, *, traced: bool) -> harness.Figures:
    """In a process of its own, on a fresh record."""
    given = json.dumps({"sessions": sessions, "traced": traced})
    command = harness.python("benchmarks.sessions", "--run", given)
    done = subprocess.run(command, cwd=harness.ROOT, capture_output=True, text=True, timeout=900, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-2000:])
    found: harness.Figures = json.loads(done.stdout.splitlines()[-1])
    return found


async def _side(sessions: int, traced: bool) -> harness.Figures:
    from everkin.settings import load_settings
    from everkin.wiring.app import open_app

    folder = Path(tempfile.mkdtemp(prefix="everkin-sessions-"))
    settings = load_settings(
        {}, folder / "no.env", data=folder, model="scripted", message_rate_limit=0, discover=False,
        session_idle_minutes=0.0, session_sweep_minutes=10_000.0,
    )  # fmt: skip
    try:
        people = await _history(
            folder, sessions + WARM + (0 if traced else QUICK_READ_BEFORE if sessions < SESSIONS else READ_BEFORE)
        )
        people, before = people[: sessions + WARM], people[sessions + WARM :]
        async with open_app(settings) as app:
            figures = await _live(app, people, before, traced)
        async with open_app(settings) as app:
            figures["restored_share"] = await _restored(app, people)
        return figures
    finally:
        shutil.rmtree(folder, ignore_errors=True)


Person = tuple[Any, str]
"""(caller, conversation id)"""


async def _live(app: Any, people: list[Person], before: list[Person], traced: bool) -> harness.Figures:
    await _read(app, before)
    await _come(app, people[:WARM])
    await _fall_silent(app)
    if traced:
        tracemalloc.start()
    base, awake = _memory(traced), 0.0
    comers = people[WARM:]
    for start in range(0, len(comers), A_MINUTE):
        minute = comers[start : start + A_MINUTE]
        held = _memory(traced)
        await _come(app, minute)
        awake = awake or (_memory(traced) - held) / len(minute)
        await app.sessions.rest()
    await _fall_silent(app)
    house = app.sessions.house()
    if (house.live, house.awake) != (len(people), 0):
        raise RuntimeError(f"not all sessions are live and silent: {house}")
    each = (_memory(traced) - base) / len(comers)
    started = time.perf_counter()
    dropped = await app.sessions.sweep()
    spent = time.perf_counter() - started
    if dropped != len(people) or app.sessions.house().unsaved:
        raise RuntimeError(f"swept {dropped} of {len(people)}")
    return {
        "bytes_per_session": each,
        "sweep_s": spent,
        "awake_bytes_per_session": awake,
        "copies_kept_share": house.resting / house.live,
    }


async def _come(app: Any, people: list[Person]) -> None:
    """Each opens the conversation, says something and hears the whole answer."""
    room = asyncio.Semaphore(AT_ONCE)

    async def come(person: Person) -> None:
        caller, conversation_id = person
        async with room:
            await app.conversations.get(caller, conversation_id)
            async with app.turns.saying(caller, conversation_id, "Do you remember me?") as (_, events):
                async for _ in events:
                    pass

    await asyncio.gather(*map(come, people))


async def _read(app: Any, people: list[Person]) -> None:
    async def look(caller: Any, conversation_id: str) -> None:
        await app.conversations.history(caller, conversation_id)
        await app.conversations.read(caller, conversation_id, HISTORY)

    for start in range(0, len(people), AT_ONCE):
        some = people[start : start + AT_ONCE]
        await asyncio.gather(*(look(caller, conversation_id) for caller, conversation_id in some))


async def _fall_silent(app: Any) -> None:
    while app.sessions.house().awake:
        await app.sessions.rest()
        await asyncio.sleep(0.01)


def _memory(traced: bool) -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0] if traced else int(psutil.Process().memory_info().rss)


async def _restored(app: Any, people: list[Person]) -> float:
    """The share of sessions that are whole after a restart: every message there, the last exchange at the end."""
    whole = 0
    for caller, conversation_id in people:
        log = await app.sessions.resume(caller, conversation_id)
        last = [entry.message for entry in log.entries[-2:]]
        whole += (
            log.conversation.last_seq == HISTORY + 2
            and last[0].content == "Do you remember me?"
            and bool(last[1].content)
        )
    return whole / len(people)


async def _history(folder: Path, count: int) -> list[Person]:
    """Written straight into the tables: `count` people, a conversation each, HISTORY messages in each."""
    from sqlalchemy import insert

    from everkin.characters import load_starters
    from everkin.characters.starters import seed_starters
    from everkin.domain import ids
    from everkin.domain.caller import Caller, Role
    from everkin.kit.clock import SystemClock
    from everkin.storage.sql import tables
    from everkin.storage.sql.record import open_record

    async with open_record("", folder) as record:
        await seed_starters(record.characters, load_starters(), SystemClock())
        character = (await record.characters.get("mira", None)).id
        at = SystemClock().now() - 3_600_000
        people = [(ids.new_user_id(), ids.new_conversation_id()) for _ in range(count)]
        for start in range(0, count, 500):
            rows = [
                _rows(user_id, conversation_id, character, at)
                for user_id, conversation_id in people[start : start + 500]
            ]

            def write(connection: Any, rows: list[dict[str, list[dict[str, Any]]]] = rows) -> None:
                for table in (tables.users, tables.conversations, tables.participants, tables.messages, tables.turns):
                    connection.execute(insert(table), [row for each in rows for row in each[table.name]])

            await record.database.change(write)
    never = ids.Millis(2**53)
    return [
        (Caller(user_id, Role.USER, "Sam", "bench", never), str(conversation_id)) for user_id, conversation_id in people
    ]


def _rows(user_id: str, conversation_id: str, character_id: str, at: int) -> dict[str, list[dict[str, Any]]]:
    messages = list(_messages(user_id, conversation_id, character_id, at))
    turns = [
        {
            "id": message["turn_id"], "conversation_id": conversation_id, "message_id": message["reply_to"],
            "character_id": character_id, "state": "completed", "attempt": 1, "owner": "nod_1", "lease_until": at,
            "created_at": at, "ended_at": at, "reply_id": message["id"], "partial": "", "metadata": {},
        }
        for message in messages if message["turn_id"]
    ]  # fmt: skip
    return {
        "users": [{"id": user_id, "login": user_id, "name": "Sam", "role": "user", "settings": {}, "created_at": at}],
        "conversations": [
            {
                "id": conversation_id, "owner_id": user_id, "title": "The night of the storm", "custom_title": False,
                "status": "active", "character_ids": [character_id], "user_ids": [user_id], "head_id": messages[-1]["id"],
                "last_seq": HISTORY, "revision": 2 * HISTORY, "message_count": HISTORY, "created_at": at, "updated_at": at,
                "last_message_at": at, "last_message_preview": messages[-1]["content"][:160], "metadata": {},
            }
        ],
        "participants": [
            {"conversation_id": conversation_id, "member_id": member, "kind": kind, "name": "-", "joined_at": at}
            for member, kind in ((user_id, "user"), (character_id, "character"))
        ],
        "messages": messages,
        "turns": turns,
    }  # fmt: skip


def _prose(least: int, most: int) -> str:
    """A passage of our own documentation: English that repeats itself no more than people do."""
    start, length = random.randrange(len(_words()) - most), random.randint(least, most)
    return " ".join(_words()[start : start + length])


@cache
def _words() -> list[str]:
    pages = sorted((harness.ROOT / "docs").rglob("*.md"))
    return " ".join(page.read_text("utf-8") for page in pages).replace("|", " ").split()


def _messages(user_id: str, conversation_id: str, character_id: str, at: int) -> Iterator[dict[str, Any]]:
    from everkin.domain.ids import new_message_id, new_turn_id

    parent = None
    for seq in range(1, HISTORY + 1):
        own = seq % 2 == 0
        said_at = at + seq * 20_000 + random.randrange(9_000)
        told: dict[str, Any] = {"model": "scripted", "tokensIn": random.randrange(300, 2_000), "tokensOut": random.randrange(20, 200),
                "generationMs": random.randrange(500, 9_000), "firstTokenMs": random.randrange(90, 900), "finishReason": "stop"}  # fmt: skip
        message = {
            "id": new_message_id(), "conversation_id": conversation_id, "seq": seq, "revision": 2 * seq, "parent_id": parent,
            "reply_to": parent if own else None, "sender_type": "character" if own else "user",
            "sender_id": character_id if own else user_id, "type": "text",
            "content": _prose(*(ANSWERED if own else ASKED)), "status": "read", "created_at": said_at,
            "client_id": None if own else f"{random.getrandbits(128):032x}", "turn_id": new_turn_id() if own else None,
            "delivered_at": said_at, "read_at": said_at + 900, "metadata": told if own else {"mood": "happy", "intensity": 0.6},
        }  # fmt: skip
        parent = str(message["id"])
        yield message


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        print(json.dumps(asyncio.run(_side(**json.loads(sys.argv[2])))))
    else:
        harness.main(NAME, TARGETS, measure)
