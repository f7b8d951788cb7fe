"""The real language model of this machine: it answers, it comes back after a crash, and it never outlives us."""

import asyncio
import importlib.util
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import psutil
import pytest

from everkin.domain.character import Character, Persona
from everkin.domain.errors import ModelMissing
from everkin.domain.ids import CharacterId, Millis
from everkin.domain.prompt import ChunkEnd, ChunkText, Prompt, PromptMessage, SamplingParams
from everkin.kit.clock import SystemClock
from everkin.llm.local.catalogue import CATALOGUE, DEFAULT, find
from everkin.llm.providers.http import new_session
from everkin.llm.registry.registry import ModelRegistry, RegistryConfig

PATIENCE = 120
MIRA = Character(CharacterId("chr_1"), "mira", None, 1, Persona("Mira"), Millis(0), Millis(0))

pytestmark = [
    pytest.mark.local_model,
    pytest.mark.skipif(
        importlib.util.find_spec("xllamacpp") is None or find(Path("nowhere"), CATALOGUE[DEFAULT]) is None,
        reason="the local model is not installed",
    ),
]


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with new_session() as session:
        yield session


def _config(data: Path) -> RegistryConfig:
    return RegistryConfig(data, model="local", discover=False, fetch_default=False)


def _prompt(said: str, max_tokens: int = 16) -> Prompt:
    system = PromptMessage("system", "You are Mira, a lighthouse keeper. You answer in one sentence.")
    return Prompt((system, PromptMessage("user", said)), SamplingParams(max_tokens=max_tokens))


async def _ask(registry: ModelRegistry, said: str) -> tuple[str, ChunkEnd]:
    async with asyncio.timeout(PATIENCE), registry.model_for(MIRA).stream(_prompt(said)) as chunks:
        heard = [chunk async for chunk in chunks]
    end = heard.pop()
    assert isinstance(end, ChunkEnd)
    return "".join(chunk.text for chunk in heard if isinstance(chunk, ChunkText)), end


async def _until_noticed(registry: ModelRegistry) -> None:
    async with asyncio.timeout(PATIENCE):
        while (await registry.status()).condition == "ready":
            await asyncio.sleep(0.01)


def _children() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "everkin.llm.local.child" in child.cmdline()]


async def test_it_is_ready_by_itself_and_answers(session: aiohttp.ClientSession, tmp_path: Path) -> None:
    async with ModelRegistry(_config(tmp_path), session, SystemClock()) as registry:
        reply, end = await _ask(registry, "Good evening! How is the weather?")
        assert reply.strip()
        assert end.tokens_in is not None
        assert (await registry.status()).condition == "ready"
        assert (await registry.health()).condition == "ok"
        counts = await registry.counter_for(MIRA).count(["hello world", "", "hello world"])
        assert counts == [2, 0, 2]
    assert _children() == []


async def test_its_server_answers_nobody_without_the_token(session: aiohttp.ClientSession, tmp_path: Path) -> None:
    async with ModelRegistry(_config(tmp_path), session, SystemClock()) as registry:
        await _ask(registry, "Hello?")
        [child] = _children()
        [port] = [c.laddr.port for c in child.net_connections() if c.status == psutil.CONN_LISTEN]
        assert {c.laddr.ip for c in child.net_connections() if c.status == psutil.CONN_LISTEN} == {"127.0.0.1"}
        for path in ("/v1/models", "/slots", "/props"):
            async with session.get(f"http://127.0.0.1:{port}{path}") as response:
                assert response.status == 401
        assert "--key" not in " ".join(child.cmdline())


async def test_it_is_started_again_after_a_crash(session: aiohttp.ClientSession, tmp_path: Path) -> None:
    async with ModelRegistry(_config(tmp_path), session, SystemClock()) as registry:
        await _ask(registry, "Hello?")
        [child] = _children()
        child.kill()
        await _until_noticed(registry)
        assert "crashed" in (await registry.status()).note
        reply, _ = await _ask(registry, "Are you there again?")
        assert reply.strip()
        assert (await registry.health()).figures["restarts"] == 1


@contextmanager
def _parent(data: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A process with a loaded local model, and the id of its child."""
    process = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(data)], stdout=subprocess.PIPE, text=True, env={**os.environ}
    )
    try:
        assert process.stdout is not None
        yield process, int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()


PARENT = """
import asyncio, sys
from pathlib import Path
import psutil
from everkin.kit.clock import SystemClock
from everkin.llm.providers.http import new_session
from everkin.llm.registry.registry import ModelRegistry, RegistryConfig

async def main():
    config = RegistryConfig(Path(sys.argv[1]), model="local", discover=False, fetch_default=False)
    async with new_session() as session, ModelRegistry(config, session, SystemClock()) as shelf:
        await shelf.loaded()
        print(psutil.Process().children()[0].pid, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


def test_it_dies_with_a_parent_killed_by_sigkill(tmp_path: Path) -> None:
    with _parent(tmp_path) as (parent, child):
        orphan = psutil.Process(child)
        parent.send_signal(signal.SIGKILL)
        parent.wait(PATIENCE)
        psutil.wait_procs([orphan], timeout=PATIENCE)
        assert not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE


async def test_weights_that_another_process_brought_are_found(session: aiohttp.ClientSession, tmp_path: Path) -> None:
    file = tmp_path / "mine.gguf"
    file.write_bytes(b"GGUF" + b"\0" * 64)
    async with ModelRegistry(
        RegistryConfig(tmp_path, model=str(file), discover=False), session, SystemClock()
    ) as registry:
        with pytest.raises(ModelMissing):
            await _ask(registry, "Hello?")
        weights = find(tmp_path, CATALOGUE[DEFAULT])
        assert weights is not None
        _put_in_place(weights, file)
        reply, _ = await _ask(registry, "Hello?")
        assert reply.strip()


def _put_in_place(weights: Path, file: Path) -> None:
    file.unlink()
    file.symlink_to(weights)


async def test_a_file_that_is_no_model_is_said_to_be_none(session: aiohttp.ClientSession, tmp_path: Path) -> None:
    bad = tmp_path / "bad.gguf"
    bad.write_bytes(b"GGUF" + b"\0" * 4096)
    config = RegistryConfig(tmp_path, model=str(bad), discover=False)
    async with ModelRegistry(config, session, SystemClock()) as registry:
        with pytest.raises(ModelMissing) as failure:
            await _ask(registry, "Hello?")
        assert "cannot be loaded" in failure.value.sentence
        status = await registry.status()
        assert (status.condition, status.current.title) == ("down", "bad")
