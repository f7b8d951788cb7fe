"""Two whole houses over one PostgreSQL and one Valkey, as two nodes: what one changes the other sees."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from everkin.app import App
from everkin.domain.caller import Caller
from everkin.domain.character import Persona
from everkin.domain.errors import StartError, TooMany
from everkin.settings import load_settings
from everkin.wiring.app import open_app
from tests.contracts.valkey import Valkey, running_valkey

SECRET = "0123456789abcdef0123456789abcdef"


@pytest.fixture(scope="module")
def valkey() -> Iterator[Valkey]:
    with running_valkey() as server:
        yield server


@asynccontextmanager
async def house(data: Path, **more: object) -> AsyncIterator[App]:
    told = {"model": "scripted", "discover": False, "jwt_secret": SECRET, **more}
    async with open_app(load_settings({}, data / "no.env", data=data, **told)) as app:
        yield app


async def owner(app: App) -> Caller:
    return await app.accounts.caller_of((await app.accounts.owner_tokens()).access)


async def test_a_change_on_one_node_is_seen_on_the_other(tmp_path: Path, empty_postgres: str, valkey: Valkey) -> None:
    async with AsyncExitStack() as stack:
        here, there = [
            await stack.enter_async_context(
                house(tmp_path / name, database_url=empty_postgres, redis_url=valkey.url, redis_timeout_ms=5000)
            )
            for name in ("here", "there")
        ]
        caller = await owner(here)
        ada = await here.characters.create(caller, Persona("Ada"))
        assert (await there.characters.known(ada.id)).name == "Ada"
        assert await there.characters.known(ada.id) is await there.characters.known(ada.id), "it is held ready"
        await here.characters.update(caller, ada.id, lambda persona: replace(persona, name="Eve"))
        assert (await here.characters.known(ada.id)).name == "Eve"
        async with asyncio.timeout(20):
            while (await there.characters.known(ada.id)).name != "Eve":
                await asyncio.sleep(0.005)


async def test_both_nodes_count_the_same_messages(tmp_path: Path, empty_postgres: str, valkey: Valkey) -> None:
    async with AsyncExitStack() as stack:
        nodes = [
            await stack.enter_async_context(
                house(
                    tmp_path / name,
                    database_url=empty_postgres,
                    redis_url=valkey.url,
                    redis_timeout_ms=5000,
                    message_rate_limit=4,
                )
            )
            for name in ("here", "there")
        ]
        caller = await owner(nodes[0])
        ada = await nodes[0].characters.create(caller, Persona("Ada", first_message="Hello."))
        chat = (await nodes[0].conversations.create(caller, [ada.id])).id
        for number in range(4):
            await nodes[number % 2].turns.say(caller, chat, "/echo hello")
        for node in nodes:
            with pytest.raises(TooMany):
                await node.turns.say(caller, chat, "/echo hello")


async def test_a_change_whose_door_went_away_is_whole_all_the_same(tmp_path: Path) -> None:
    async with house(tmp_path) as app:
        caller = await owner(app)
        ada = await app.characters.create(caller, Persona("Ada"))
        assert (await app.characters.known(ada.id)).name == "Ada"
        changing = asyncio.ensure_future(
            app.characters.update(caller, ada.id, lambda persona: replace(persona, name="Eve"))
        )
        while not (app.characters.changing or changing.done()):
            await asyncio.sleep(0)
        changing.cancel()
        await app.characters.close()
        assert (await app.characters.known(ada.id)).name == "Eve"


async def test_redis_can_be_left_alone(tmp_path: Path) -> None:
    async with house(tmp_path, redis_url="redis://192.0.2.1:6379/0", redis_enabled=False) as app:
        assert (await app.admin.cache()).far.kind == "local"


async def test_an_address_that_is_none_stops_the_start_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="REDIS_URL"):
        async with house(tmp_path, redis_url="localhost:6379"):
            pass
