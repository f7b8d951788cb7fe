"""Each of the gateway's policies, alone around a model, is a ChatModel like any other."""

import asyncio
from collections.abc import Callable

import pytest

from everkin.domain.chat_model import ChatModel
from everkin.domain.errors import ModelBroken
from everkin.domain.prompt import Chunk, ChunkEnd, ChunkText, Prompt, PromptMessage, Purpose, SamplingParams
from everkin.kit.clock import Clock, SystemClock
from everkin.llm.gateway.api_keys import ApiKeyModel
from everkin.llm.gateway.cached_replies import CachedReplies
from everkin.llm.gateway.circuit_breaker import BreakerConfig, CircuitBreaker, CircuitBreakerModel
from everkin.llm.gateway.failover import FailoverModel, FailoverTarget
from everkin.llm.gateway.metering import MeteredModel, unmetered
from everkin.llm.gateway.queue import QueuedModel
from everkin.llm.gateway.response_cache import CachedModel
from everkin.llm.gateway.retry import Retry, RetryModel
from everkin.llm.gateway.single_flight import SingleFlightModel
from everkin.llm.gateway.slots import Slots
from everkin.llm.gateway.stack import Gateway, Policy
from everkin.llm.gateway.timeout import TimeoutModel, Timeouts
from everkin.llm.providers.scripted import ScriptedModel

PATIENCE = 10
CLOCK = SystemClock()
LIMITS = Timeouts(PATIENCE, PATIENCE)


def _whole(model: ChatModel) -> ChatModel:
    house = Gateway(CLOCK)
    return house.model([house.stack([model], Policy(LIMITS)).link]).model


def _places(clock: Clock) -> Slots:
    return Slots(3, clock, limit=100, limit_a_user=100, longest=60)


WRAPPERS: dict[str, Callable[[ChatModel], ChatModel]] = {
    "timed": lambda model: TimeoutModel(model, LIMITS),
    "keyed": lambda model: ApiKeyModel([model, model], CLOCK),
    "retrying": lambda model: RetryModel(model, Retry(), CLOCK),
    "breaking": lambda model: CircuitBreakerModel(model, CircuitBreaker(BreakerConfig(), CLOCK)),
    "queued": lambda model: QueuedModel(model, _places(CLOCK), CLOCK),
    "failing over": lambda model: FailoverModel([FailoverTarget(model), FailoverTarget(model)], CLOCK),
    "shared": SingleFlightModel,
    "cached": lambda model: CachedModel(model, CachedReplies(CLOCK)),
    "metered": lambda model: MeteredModel(model, unmetered, CLOCK),
    "all": _whole,
}


@pytest.fixture(params=WRAPPERS)
def model(request: pytest.FixtureRequest) -> ChatModel:
    return WRAPPERS[request.param](ScriptedModel(CLOCK))


@pytest.fixture(params=["", "reused"])
def reuse(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def _prompt(text: str, reuse: str) -> Prompt:
    purpose = Purpose(user_id="sam", conversation_id="c", reuse=f"{reuse}{text}" if reuse else "")
    return Prompt((PromptMessage("user", text),), SamplingParams(max_tokens=100), purpose=purpose)


async def _all(model: ChatModel, prompt: Prompt) -> list[Chunk]:
    async with asyncio.timeout(PATIENCE), model.stream(prompt) as chunks:
        return [chunk async for chunk in chunks]


async def test_a_stream_is_the_models_own_text_and_then_exactly_one_end(model: ChatModel, reuse: str) -> None:
    for _ in range(2):
        *texts, end = await _all(model, _prompt("/echo one two  three", reuse))
        assert "".join(chunk.text for chunk in texts if isinstance(chunk, ChunkText)) == "one two  three"
        assert isinstance(end, ChunkEnd)
        assert end.reason == "stop"


async def test_a_failure_in_the_middle_comes_after_what_was_said(model: ChatModel, reuse: str) -> None:
    async with asyncio.timeout(PATIENCE), model.stream(_prompt("/fail-after 2", reuse)) as chunks:
        assert isinstance(await anext(chunks), ChunkText)
        assert isinstance(await anext(chunks), ChunkText)
        with pytest.raises(ModelBroken):
            await anext(chunks)


async def test_leaving_early_and_being_cancelled_free_the_model_for_the_next(model: ChatModel, reuse: str) -> None:
    for _ in range(4):
        async with asyncio.timeout(PATIENCE), model.stream(_prompt("/long 50", reuse)) as chunks:
            await anext(chunks)
        hanging = asyncio.ensure_future(_all(model, _prompt("/hang", reuse)))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        hanging.cancel()
        with pytest.raises(asyncio.CancelledError):
            await hanging
    assert isinstance((await _all(model, _prompt("/echo well", reuse)))[-1], ChunkEnd)


async def test_many_streams_at_once_do_not_mix(model: ChatModel, reuse: str) -> None:
    answers = await asyncio.gather(*(_all(model, _prompt(f"/echo {n} {n} {n}", reuse)) for n in range(20)))
    for number, chunks in enumerate(answers):
        assert "".join(c.text for c in chunks if isinstance(c, ChunkText)) == f"{number} {number} {number}"


async def test_it_has_the_models_name(model: ChatModel) -> None:
    assert model.name == "Scripted"
