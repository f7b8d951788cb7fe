"""Five hundred turns while Valkey and the Chroma server are killed, one after the other and both at once, and come back."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from everkin.app import App
from everkin.domain.caller import Caller
from everkin.domain.character import Persona
from everkin.domain.conversation import Conversation
from everkin.domain.events import TurnCompleted, TurnEvent
from everkin.domain.ids import Millis
from everkin.domain.memory import Pair
from everkin.memory.embedders.minilm import DIMENSION, NAME
from everkin.observability.health import Condition
from everkin.settings import load_settings
from everkin.storage.chroma.index import open_server
from everkin.wiring.app import open_app
from tests.contracts.test_chroma_index import free_port, running
from tests.contracts.valkey import Valkey, running_valkey
from tests.journeys.memory_house import PATIENCE, SECRET, RunningClock

TURNS, CONVERSATIONS = 500, 20
MINUTE = 60_000


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    with running_valkey() as server:
        yield server


class ChromaServer:
    """One that can be killed and started again, with its folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self._running: running | None = None
        self.url = f"http://127.0.0.1:{self._port}"

    async def start(self) -> None:
        self._running = await asyncio.to_thread(running, self._port, self._folder)
        await asyncio.to_thread(self._running.__enter__)

    def kill(self) -> None:
        if self._running is not None:
            self._running._process.kill()
            self._running._process.wait(20)
            self._running = None


@pytest.fixture
def chroma(tmp_path: Path) -> Iterator[ChromaServer]:
    server = ChromaServer(tmp_path / "chroma-server")
    yield server
    server.kill()


async def test_no_turn_fails_and_all_is_repaired(tmp_path: Path, valkey: Valkey, chroma: ChromaServer) -> None:
    await chroma.start()
    clock = RunningClock()
    told: dict[str, Any] = {"redis_url": valkey.url, "vector_index": chroma.url, "jwt_secret": SECRET}
    settings = load_settings(
        {}, tmp_path / "no.env", data=tmp_path / "data", model="scripted", discover=False, message_rate_limit=0, **told
    )
    async with asyncio.timeout(PATIENCE), open_app(settings, clock) as app:
        caller = await app.accounts.caller_of((await app.accounts.owner_tokens()).access)
        characters = [await app.characters.create(caller, Persona(name, first_message="")) for name in ("Ada", "Ben")]
        chats = [await app.conversations.create(caller, [characters[n % 2].id]) for n in range(CONVERSATIONS)]
        talk = Talk(app, caller, chats)

        await talk.go_on(100)
        await app.job_runner.settle()
        assert await conditions(app) == {Condition.OK}

        valkey.kill()
        await talk.go_on(100)
        assert (await app.health.parts())["cache"].condition is Condition.DEGRADED
        chroma.kill()
        await talk.go_on(100)
        await app.job_runner.settle()
        assert {(await app.health.parts())[name].condition for name in ("cache", "memory")} == {Condition.DEGRADED}
        valkey.start()
        await talk.go_on(100)
        assert (await app.health.parts())["memory"].condition is Condition.DEGRADED
        await chroma.start()
        await talk.go_on(100)

        clock._start = Millis(MINUTE)
        while await conditions(app) != {Condition.OK}:
            await app.job_runner.settle()
        assert talk.completed == TURNS
        await nothing_is_lost(app, caller, chats, chroma.url)
        assert valkey.ask(b"DBSIZE") != b":0\r\n", "the cache is used again"


class Talk:
    """Turns in many conversations at once, a few at a time."""

    def __init__(self, app: App, caller: Caller, chats: list[Conversation]) -> None:
        self.completed = 0
        self._app, self._caller, self._chats = app, caller, chats

    async def go_on(self, turns: int) -> None:
        for start in range(0, turns, CONVERSATIONS):
            await asyncio.gather(*(self._say(chat, start) for chat in self._chats))

    async def _say(self, chat: Conversation, number: int) -> None:
        async with self._app.turns.saying(self._caller, chat.id, f"I saw ship {number} at sea.") as (_, events):
            ended: list[TurnEvent] = [event async for event in events]
        assert isinstance(ended[-1], TurnCompleted), ended[-1]
        self.completed += 1


async def conditions(app: App) -> set[Condition]:
    parts = await app.health.parts()
    return {parts[name].condition for name in ("cache", "memory", "record", "turns")}


async def nothing_is_lost(app: App, caller: Caller, chats: list[Conversation], url: str) -> None:
    """Every message is in the record, and its vector in Chroma."""
    index = open_server(url, NAME, 20.0)
    assert NAME.endswith(str(DIMENSION))
    for chat in chats:
        entries = (await app.conversations.history(caller, chat.id, limit=200)).entries
        assert len(entries) == 2 * TURNS // CONVERSATIONS
        there = await index.ids(Pair(chat.character_ids[0], caller.user_id))
        assert {entry.message.id for entry in entries} <= there
    await index.close()
