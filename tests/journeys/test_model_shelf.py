"""Choosing who speaks: by setting, by hand, by a character's wish, and from what is found on this machine."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from everkin.domain.character import Character, Persona
from everkin.domain.errors import Conflict, Invalid, ModelMissing, ModelRefused, StartError
from everkin.domain.ids import CharacterId, Millis
from everkin.domain.prompt import ChunkText, Prompt, PromptMessage
from everkin.kit.clock import ManualClock, settle
from everkin.llm.providers.http import new_session
from everkin.llm.providers.presets import PRESETS, Preset
from everkin.llm.registry.registry import ModelRegistry, RegistryConfig
from tests.contracts.upstream import answers, open_upstream, refuses
from tests.journeys.processes import ServerProcess, everkin

PATIENCE = 30
HELLO = Prompt((PromptMessage("user", "/echo hello"),))


def _character(preferred: str = "") -> Character:
    persona = Persona("Mira", preferred_model=preferred)
    return Character(CharacterId("chr_1"), "mira", None, 1, persona, Millis(0), Millis(0))


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with new_session() as session:
        yield session


def _registry(
    session: aiohttp.ClientSession, data: Path, loopback: tuple[Preset, ...] = (), **config: Any
) -> ModelRegistry:
    values: dict[str, Any] = {"fetch_default": False, **config}
    return ModelRegistry(RegistryConfig(data, **values), session, ManualClock(), loopback=loopback)


async def _said(registry: ModelRegistry, character: Character) -> str:
    async with asyncio.timeout(PATIENCE), registry.model_for(character).stream(HELLO) as chunks:
        return "".join([chunk.text async for chunk in chunks if isinstance(chunk, ChunkText)])


async def test_the_setting_decides(session: aiohttp.ClientSession, tmp_path: Path) -> None:
    async with _registry(session, tmp_path, model="scripted") as registry:
        assert await _said(registry, _character()) == "hello"
        status = await registry.status()
        assert (status.current.name, status.condition, status.better) == ("scripted", "ready", None)
        with pytest.raises(Conflict) as failure:
            await registry.use("local")
        assert "EVERKIN_MODEL" in failure.value.sentence


@pytest.mark.parametrize("model", ["scriptd", "gpt-4o", "nothing at all"])
async def test_an_unknown_setting_ends_the_start(session: aiohttp.ClientSession, tmp_path: Path, model: str) -> None:
    with pytest.raises(StartError) as failure:
        await _registry(session, tmp_path, model=model).__aenter__()
    assert model in failure.value.sentence


async def test_an_unknown_model_name_ends_the_start(session: aiohttp.ClientSession, tmp_path: Path) -> None:
    with pytest.raises(StartError):
        await _registry(session, tmp_path, model_name="gpt-4o").__aenter__()


async def test_a_file_that_goes_away_fails_when_it_is_to_speak(session: aiohttp.ClientSession, tmp_path: Path) -> None:
    file = tmp_path / "mine.gguf"
    file.write_bytes(b"GGUF")
    registry = _registry(session, tmp_path, model=str(file))
    assert registry.current() == f"local:{file}"
    file.unlink()
    async with registry:
        with pytest.raises(ModelMissing):
            await _said(registry, _character())


async def test_a_choice_lasts_and_is_followed_by_a_shelf_that_is_open(
    session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    async with _registry(session, tmp_path, keys={"groq": "k"}) as open_shelf:
        other = _registry(session, tmp_path)
        await other.use("scripted")
        assert await _said(open_shelf, _character()) == "hello"
        await open_shelf.use("groq")
        assert other.current() == "groq"
    assert _registry(session, tmp_path).current() == "groq"


async def test_what_cannot_speak_cannot_be_chosen(session: aiohttp.ClientSession, tmp_path: Path) -> None:
    registry = _registry(session, tmp_path)
    for name, mends in {"groq": "GROQ_API_KEY", "ollama": "127.0.0.1:11434", "qwen2.5-1.5b": "models pull"}.items():
        with pytest.raises(Conflict) as refused:
            await registry.use(name)
        assert mends in refused.value.sentence
    for name in ("smollm3", "", str(tmp_path / "none.gguf"), __file__):
        with pytest.raises(Invalid):
            await registry.use(name)
    with pytest.raises(Invalid) as failure:
        await anext(registry.pull("llama"))
    assert "qwen2.5-1.5b" in failure.value.sentence


async def test_a_model_without_its_key_says_so_when_it_is_to_speak(
    session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    async with _registry(session, tmp_path, model="groq") as registry:
        with pytest.raises(ModelMissing) as failure:
            await _said(registry, _character())
        assert "GROQ_API_KEY" in failure.value.sentence
        assert (await registry.status()).condition == "down"
        assert (await registry.health()).condition == "down"


async def test_the_operators_own_endpoint_speaks(session: aiohttp.ClientSession, tmp_path: Path) -> None:
    async with (
        open_upstream(answers) as upstream,
        _registry(session, tmp_path, base_url=upstream.base_url, model_name="m", api_key="mine") as registry,
    ):
        assert await _said(registry, _character()) == "Good evening."
        assert upstream.headers[-1]["Authorization"] == "Bearer mine"
        assert (await registry.status()).current.name == "custom"


async def test_a_characters_wish_is_honoured_when_it_can_be(session: aiohttp.ClientSession, tmp_path: Path) -> None:
    async with (
        open_upstream(refuses(401, b"")) as upstream,
        _registry(session, tmp_path, model="custom", base_url=upstream.base_url, model_name="m") as registry,
    ):
        assert await _said(registry, _character("scripted")) == "hello"
        for wish in ("groq", "gpt-9", "/etc/passwd", f"local:{__file__}"):
            with pytest.raises(ModelRefused):
                await _said(registry, _character(wish))
        assert (await registry.health()).figures["unmet_preferences"] == 4


async def test_servers_on_this_machine_are_found_and_offered(session: aiohttp.ClientSession, tmp_path: Path) -> None:
    async def ollama(request: web.Request) -> web.StreamResponse:
        if request.path == "/v1/models":
            return web.json_response({"object": "list", "data": [{"id": "llama3.2:3b"}, {"id": "nomic-embed-text"}]})
        return await answers(request)

    async with open_upstream(ollama) as upstream, open_upstream(refuses(200, b"<html>")) as other:
        loopback = (
            replace(PRESETS["ollama"], base_url=upstream.base_url),
            replace(PRESETS["vllm"], base_url=other.base_url),
            replace(PRESETS["lmstudio"], base_url="http://127.0.0.1:9/v1"),
        )
        async with _registry(session, tmp_path, loopback, model="local") as registry:
            servers = [entry for entry in await registry.entries() if entry.kind == "server" and entry.state == "ready"]
            assert [entry.name for entry in servers] == ["ollama:llama3.2:3b", "ollama"]
            better = (await registry.status()).better
            assert better is not None
            assert better.name == "ollama:llama3.2:3b"


async def test_without_discovery_no_port_is_asked(session: aiohttp.ClientSession, tmp_path: Path) -> None:
    async with open_upstream(answers) as upstream:
        loopback = (replace(PRESETS["ollama"], base_url=upstream.base_url),)
        async with _registry(session, tmp_path, loopback, model="scripted", discover=False) as registry:
            await registry.entries()
            await settle()
        assert upstream.headers == []


async def test_who_answers_and_why(session: aiohttp.ClientSession, tmp_path: Path) -> None:
    registry = _registry(
        session, tmp_path, fallbacks=("groq", "scripted"), long_model="scripted", uncensored_model="openai"
    )
    plan = registry.plan()
    assert (plan.current.name, plan.reason) == ("local:smollm2-135m", "default")
    assert plan.fallbacks == ("scripted",), "only those that can speak"
    assert (plan.long, plan.uncensored) == ("scripted", "")
    assert (plan.answering("ready"), plan.answering("down")) == ("local:smollm2-135m", "scripted")
    await registry.choose("scripted")
    assert (registry.plan().current.name, registry.plan().reason) == ("scripted", "chosen")
    assert registry.plan().answering("down") == "", "nobody stands in for itself"
    assert _registry(session, tmp_path, model="scripted").plan().reason == "setting"
    await registry.close()


def test_the_list_names_what_a_running_server_speaks_with(tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    before = everkin("models", "list", "--data", data, cwd=tmp_path, COLUMNS="200")
    assert "No Everkin runs here. local:smollm2-135m would speak: nobody has chosen another." in before.stdout
    with ServerProcess(tmp_path / "data", "--model", "scripted", cwd=tmp_path):
        listed = everkin("models", "list", "--data", data, cwd=tmp_path, COLUMNS="200")
    assert listed.returncode == 0, listed.stderr
    assert "The running Everkin speaks with scripted: a setting names it" in listed.stdout
    assert "▸ scripted" in " ".join(listed.stdout.split())


def test_the_command_lists_chooses_and_refuses(tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    listed = everkin("models", "list", "--data", data, cwd=tmp_path, COLUMNS="200")
    assert listed.returncode == 0
    for name in ("local:smollm2-135m", "local:qwen2.5-1.5b", "openai", "scripted"):
        assert name in listed.stdout
    assert everkin("models", "use", "scripted", "--data", data, cwd=tmp_path).returncode == 0
    assert "▸ scripted" in " ".join(everkin("models", "list", "--data", data, cwd=tmp_path).stdout.split())
    refused = everkin("models", "use", "groq", "--data", data, cwd=tmp_path)
    assert refused.returncode == 1
    assert "GROQ_API_KEY" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert everkin("models", "pull", "llama", "--data", data, cwd=tmp_path).returncode == 1
