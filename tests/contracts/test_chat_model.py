"""What every ChatModel promises, over each adapter: scripted, OpenAI-compatible, and the real local model."""

import asyncio
import importlib.util
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from everkin.domain.chat_model import ChatModel
from everkin.domain.prompt import Chunk, ChunkEnd, ChunkText, Prompt, PromptMessage, SamplingParams
from everkin.kit.clock import SystemClock
from everkin.llm.gateway.stack import gateway
from everkin.llm.gateway.timeout import Timeouts
from everkin.llm.local.catalogue import CATALOGUE, DEFAULT, find
from everkin.llm.local.download import ModelDownload
from everkin.llm.local.models import LocalModels
from everkin.llm.providers.endpoint import Endpoint
from everkin.llm.providers.http import new_session
from everkin.llm.providers.openai_compatible import OpenAICompatible
from everkin.llm.providers.scripted import ScriptedModel
from everkin.llm.registry.config import RegistryConfig
from tests.contracts.upstream import answers, open_upstream

PATIENCE = 120
PROMPT = Prompt(
    (PromptMessage("system", "You are Mira, a lighthouse keeper."), PromptMessage("user", "Good evening, Mira.")),
    SamplingParams(max_tokens=24),
)


@pytest.fixture(params=["scripted", "openai_compatible", pytest.param("local", marks=pytest.mark.local_model)])
async def model(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[ChatModel]:
    async with AsyncExitStack() as stack:
        yield gateway(await _adapter(request.param, stack, tmp_path), Timeouts(PATIENCE, PATIENCE))


async def _adapter(kind: str, stack: AsyncExitStack, data: Path) -> ChatModel:
    if kind == "scripted":
        return ScriptedModel(SystemClock())
    session = await stack.enter_async_context(new_session())
    if kind == "openai_compatible":
        upstream = await stack.enter_async_context(open_upstream(answers))
        return OpenAICompatible(Endpoint("Test", upstream.base_url, "test-1"), session, SystemClock())
    if importlib.util.find_spec("xllamacpp") is None or find(data, CATALOGUE[DEFAULT]) is None:
        pytest.skip("the local model is not installed")
    local_models = LocalModels(RegistryConfig(data), session, SystemClock(), ModelDownload(data, session))
    stack.push_async_callback(local_models.close)
    return local_models.get(DEFAULT)


async def _all(model: ChatModel) -> list[Chunk]:
    async with asyncio.timeout(PATIENCE), model.stream(PROMPT) as chunks:
        return [chunk async for chunk in chunks]


async def test_a_stream_is_text_and_then_exactly_one_end(model: ChatModel) -> None:
    *texts, end = await _all(model)
    assert texts
    assert all(isinstance(chunk, ChunkText) and chunk.text for chunk in texts)
    assert isinstance(end, ChunkEnd)
    assert end.reason in ("stop", "length")
    assert end.model in ("scripted", "test-1", "SmolLM2 135M")
    assert end.tokens_in
    assert end.tokens_out


async def test_leaving_early_frees_the_model_for_the_next_stream(model: ChatModel) -> None:
    for _ in range(3):
        async with asyncio.timeout(PATIENCE), model.stream(PROMPT) as chunks:
            assert isinstance(await anext(chunks), ChunkText)
    assert isinstance((await _all(model))[-1], ChunkEnd)


async def test_two_streams_at_once_do_not_mix(model: ChatModel) -> None:
    first, second = await asyncio.gather(_all(model), _all(model))
    assert isinstance(first[-1], ChunkEnd)
    assert isinstance(second[-1], ChunkEnd)


async def test_it_has_a_name_for_people(model: ChatModel) -> None:
    assert model.name
    assert model.name[0].isalpha()
