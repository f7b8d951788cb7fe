"""Forgetting in a large record: how long others wait, and when the bytes are gone.

A person sends a message every 20 ms while others forget a fact, a message, a conversation of 500 messages and an account with a twentieth
of the record (--quick: a quarter), one after the other. Everything is as shipped, on SQLite, but for the embedder, which is left out; a
server on loopback answers. Each thing that is forgotten holds a word that is nowhere else, and another process searches all files for
it. In the same run the old way does the same: the full-text index optimized, and VACUUM, within the writer's thread, and
everything that is forgotten in one transaction.

worst_send_ms, p99_send_ms   of the person who writes, until their message was acknowledged
gone_s                       from asking until a search through all files found nothing, the longest of the four
found                        words that were found after the receipt had come
"""

import asyncio
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from benchmarks import harness, household, large_record
from benchmarks.large_record import Person
from everkin.app import App
from everkin.domain import ids
from everkin.domain.caller import Caller
from everkin.domain.character import Persona
from everkin.domain.memory import Category, Scrubbed
from everkin.security.guests import caller_for
from everkin.storage.sql import thinning
from everkin.storage.sql.record import open_record
from everkin.storage.sql.scrubbing_sqlite import SqliteScrub
from tests.contracts.upstream import DONE, USAGE, open_upstream, piece, sends

NAME = "forgetting"
TARGETS = {
    "worst_send_ms": harness.at_most(1000),
    "p99_send_ms": harness.at_most(100),
    "gone_s": harness.at_most(60),
    "found": harness.at_most(0),
}

MEBIBYTES, QUICK_MEBIBYTES = 600, 40
EVERY = 0.02
PATIENCE = 600.0

_SEARCH = """
import pathlib, sys
folder, *words = sys.argv[1:]
content = [file.read_bytes() for file in pathlib.Path(folder).rglob("*") if file.is_file()]
print(sum(any(word.encode() in each for each in content) for word in words))
"""
"""In a process of its own: closing a file takes away the locks that SQLite holds on it in this one."""

Forget = Callable[[], Awaitable[Any]]


class Sends:
    """`seconds` of each message until it was acknowledged, with the moment it was."""

    def __init__(self, app: App, caller: Caller, conversation_id: str) -> None:
        self.seconds: list[float] = []
        self._say = lambda text: app.turns.say(caller, ids.ConversationId(conversation_id), text)

    @asynccontextmanager
    async def going(self) -> AsyncIterator[None]:
        task = asyncio.ensure_future(self._go())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait({task})

    async def _go(self) -> None:
        while True:
            begun = time.perf_counter()
            await asyncio.shield(asyncio.ensure_future(self._say(f"message {len(self.seconds)} meanwhile")))
            self.seconds.append(time.perf_counter() - begun)
            await asyncio.sleep(EVERY)


async def _old_way(scrub: SqliteScrub) -> Scrubbed:
    def rewrite(connection: Any) -> None:
        connection.execute("INSERT INTO message_index(message_index) VALUES ('optimize')")
        connection.execute("PRAGMA temp_store = FILE")
        connection.execute("VACUUM")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    await scrub._database.apart(rewrite)
    return Scrubbed()


def measure(options: harness.Options) -> harness.Figures:
    with tempfile.TemporaryDirectory(prefix="everkin-bench-") as name:
        grown, copy = Path(name) / "grown", Path(name) / "copy"
        grown.mkdir()
        scene = asyncio.run(_grow(grown, *((QUICK_MEBIBYTES, 4) if options.quick else (MEBIBYTES, 20))))
        figures: harness.Figures = {"record_mib": (grown / "everkin.db").stat().st_size / large_record.MIB}
        shutil.copytree(grown, copy)
        figures |= asyncio.run(_forgetting(grown, *scene))
        at_once = mock.patch.object(thinning, "PART", 10**9)
        with mock.patch.object(SqliteScrub, "scrub", _old_way), at_once:
            figures |= {f"old_{key}": value for key, value in asyncio.run(_forgetting(copy, *scene)).items()}
    figures["worst_send_vs_old"] = figures["worst_send_ms"] / figures["old_worst_send_ms"]
    return figures


async def _grow(folder: Path, mebibytes: int, people: int) -> tuple[str, list[Person]]:
    async with open_record("", folder) as record:
        at = ids.Millis(large_record.START)
        character = await record.characters.create(ids.new_character_id(), "bench", None, Persona("Bench"), at)
    return character.id, await large_record.grow(folder, mebibytes, character.id, people)


async def _forgetting(folder: Path, character: str, crowd: list[Person]) -> harness.Figures:
    answering = open_upstream(sends(piece("I see."), piece(finish="stop"), USAGE, DONE))
    async with (
        asyncio.timeout(PATIENCE),
        answering as upstream,
        household.open_house(folder, upstream.base_url, embedder="none") as app,
    ):
        (writer,) = await household.people(app, ["Writer"])
        there = await app.conversations.create(writer, [character])
        kinds = await _things(app, character, crowd)
        await app.job_runner.settle()
        writing, figures, found = Sends(app, writer, there.id), harness.Figures(), 0
        async with writing.going():
            for kind, (word, forget) in kinds.items():
                figures[f"{kind}_gone_s"], more = await _gone(folder, word, forget)
                found += more
    gone = max(value for key, value in figures.items() if key.endswith("_gone_s"))
    worst, p99 = max(writing.seconds), harness.percentile(writing.seconds, 0.99)
    return {
        "worst_send_ms": worst * 1000,
        "p99_send_ms": p99 * 1000,
        "p50_send_ms": harness.percentile(writing.seconds, 0.5) * 1000,
        "gone_s": gone,
        "found": found,
        "sends": len(writing.seconds),
        **figures,
    }


async def _things(app: App, character: str, crowd: list[Person]) -> dict[str, tuple[str, Forget]]:
    """Kind to the word in it, and how it is forgotten."""
    one, other = crowd[0], crowd[1]
    caller, leaver = (caller_for(each.user_id, each.login) for each in (one, other))
    fact = await app.memories.add(caller, character, "me", "collects zqfactzq stamps", Category.PREFERENCE)
    chat = await app.conversations.create(caller, [character])
    said = await app.turns.say(caller, chat.id, "I say zqmessagezq once")
    await app.turns.say(caller, ids.ConversationId(one.conversations[0]), "It is all about zqconversationzq here")
    await app.turns.say(leaver, ids.ConversationId(other.conversations[0]), "I am zquserzq myself")
    await household.at_rest(app)
    return {
        "fact": ("zqfactzq", lambda: app.memories.forget(caller, character, "me", fact.id)),
        "message": ("zqmessagezq", lambda: app.conversations.delete(caller, said.message.id)),
        "conversation": ("zqconversationzq", lambda: app.conversations.forget(caller, one.conversations[0])),
        "user": ("zquserzq", lambda: app.personal_data.erase(leaver, other.login)),
    }


async def _gone(folder: Path, word: str, forget: Forget) -> tuple[float, int]:
    """Seconds until the word was nowhere, and whether (1) it was found after its receipt said so."""
    if not await _found(folder, word):
        raise RuntimeError(f"{word} was not there to begin with")
    begun = time.perf_counter()
    receipt = await forget()
    found = await _found(folder, word)
    early = found and receipt.scrubbed
    while found and time.perf_counter() - begun < PATIENCE / 8:
        await asyncio.sleep(1)
        found = await _found(folder, word)
    return time.perf_counter() - begun, int(early or found)


async def _found(folder: Path, word: str) -> bool:
    command = [sys.executable, "-c", _SEARCH, str(folder), word]
    done = await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, check=True, timeout=PATIENCE
    )
    return done.stdout.strip() != "0"


if __name__ == "__main__":
    harness.main(NAME, TARGETS, measure)
