"""The shelf speaks through the whole gateway: stand-ins, several keys, reused greetings, and health that tells."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from everkin.domain.character import Character, NsfwPolicy, Persona
from everkin.domain.errors import ModelUnreachable, StartError
from everkin.domain.ids import CharacterId, Millis
from everkin.domain.prompt import ChunkText, Prompt, PromptMessage, Purpose
from everkin.kit.clock import ManualClock
from everkin.llm.gateway.metering import Metered
from everkin.llm.providers.http import new_session
from everkin.llm.registry.registry import ModelRegistry, RegistryConfig
from everkin.llm.registry.routing import Route, Situation
from tests.contracts.upstream import answers, open_upstream, refuses

PATIENCE = 20
MIRA = Character(CharacterId("mira"), "mira", None, 1, Persona("Mira"), Millis(0), Millis(0))
DEAD = "http://127.0.0.1:9/v1"


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with new_session() as session:
        yield session


def _registry(session: aiohttp.ClientSession, data: Path, records: list[Metered], **values: Any) -> ModelRegistry:
    config = RegistryConfig(
        data, **{"discover": False, "fetch_default": False, "model_name": "test-1", "retries": 0, **values}
    )
    return ModelRegistry(config, session, ManualClock(), loopback=(), meter=records.append)


async def _say(registry: ModelRegistry, text: str, reuse: str = "") -> str:
    prompt = Prompt((PromptMessage("user", text),), purpose=Purpose("sam", "mira", "c", reuse=reuse))
    async with asyncio.timeout(PATIENCE), registry.model_for(MIRA).stream(prompt) as chunks:
        return "".join([chunk.text async for chunk in chunks if isinstance(chunk, ChunkText)])


async def test_a_stand_in_answers_for_a_server_that_is_gone_and_health_says_so(
    session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    records: list[Metered] = []
    values = {"model": "custom", "base_url": DEAD, "fallbacks": ("scripted",)}
    async with _registry(session, tmp_path, records, **values) as registry:
        for _ in range(6):
            assert await _say(registry, "/echo here instead") == "here instead"
        health = await registry.health()
        assert (health.condition, health.figures["failovers"], health.figures["breakers_open"]) == ("degraded", 6, 1)
        assert "left alone" in health.note
    assert [record.model for record in records] == ["scripted"] * 6


async def test_without_a_stand_in_the_failure_is_told(session: aiohttp.ClientSession, tmp_path: Path) -> None:
    async with _registry(session, tmp_path, [], model="custom", base_url=DEAD) as registry:
        with pytest.raises(ModelUnreachable):
            await _say(registry, "Good evening.")


async def test_several_keys_of_one_server_and_a_refused_one_in_health(
    session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    async def picky(request: Any) -> Any:
        handler = refuses(401, {"error": "no"}) if request.headers["Authorization"] == "Bearer sk-bad" else answers
        return await handler(request)

    async with open_upstream(picky) as upstream:
        values = {"model": "custom", "base_url": upstream.base_url, "api_key": "sk-bad, sk-good"}
        async with _registry(session, tmp_path, [], **values) as registry:
            assert [await _say(registry, "Good evening.") for _ in range(3)] == ["Good evening."] * 3
            health = await registry.health()
    assert health.condition == "degraded"
    assert "refuses key 1" in health.note
    assert "sk-bad" not in health.note


async def test_a_reply_is_reused_until_it_is_forgotten(session: aiohttp.ClientSession, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        upstream = await stack.enter_async_context(open_upstream(answers))
        house = _registry(session, tmp_path, [], model="custom", base_url=upstream.base_url)
        registry = await stack.enter_async_context(house)
        for _ in range(3):
            await _say(registry, "Hello!", reuse="k")
        assert len(upstream.bodies) == 1
        assert registry.gateway().cache.hit_rate == 2 / 3
        assert registry.forget_replies("kim") == 0
        assert registry.forget_replies("sam") == 1
        await _say(registry, "Hello!", reuse="k")
        assert len(upstream.bodies) == 2
        assert registry.gateway().pool.idle == 1


@pytest.mark.parametrize("setting", [{"fallbacks": ("grok",)}, {"long_model": "grok"}, {"uncensored_model": "grok"}])
async def test_an_unknown_name_in_a_setting_is_told_at_the_start(
    session: aiohttp.ClientSession, tmp_path: Path, setting: dict[str, Any]
) -> None:
    with pytest.raises(StartError) as failure:
        async with _registry(session, tmp_path, [], model="scripted", **setting):
            pass
    assert "grok" in failure.value.sentence


async def test_a_turn_is_routed_by_the_rules_with_what_can_speak_here(
    session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    adult = Situation(nsfw=9, policy=NsfwPolicy.ALLOW, adult=True)
    values = {"model": "scripted", "long_model": "ollama:big", "uncensored_model": "venice"}
    async with _registry(session, tmp_path, [], **values) as registry:
        assert registry.routed(MIRA, Situation(characters=500))[1] == Route("ollama:big", "long message")
        assert registry.routed(MIRA, adult)[1] == Route("scripted", "fast")  # venice has no key
    async with _registry(session, tmp_path, [], **values, keys={"venice": "k"}) as registry:
        assert registry.routed(MIRA, adult)[1] == Route("venice", "uncensored")
        assert registry.routed(MIRA, replace(adult, adult=False))[1] == Route("scripted", "fast")
