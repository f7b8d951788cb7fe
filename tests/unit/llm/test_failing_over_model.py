"""A sick endpoint is left alone, another one answers, and nobody hears two answers."""

import asyncio

import pytest

from everkin.domain.errors import ModelBroken, ModelError, ModelMissing, ModelOverloaded, ModelRefused, ModelUnreachable
from everkin.domain.prompt import ChunkText
from everkin.kit.clock import ManualClock, settle
from everkin.llm.gateway.circuit_breaker import BreakerConfig, BreakerOpen, CircuitBreaker, CircuitBreakerModel
from everkin.llm.gateway.failover import FailoverModel, FailoverTarget
from tests.unit.llm.actor import Actor, prompt, said

RULE = BreakerConfig(failures=3, window=30, cool_down=10)


def _chain(*actors: Actor, clock: ManualClock | None = None) -> FailoverModel:
    return FailoverModel([FailoverTarget(actor) for actor in actors], clock or ManualClock())


@pytest.mark.parametrize(
    "failure", [ModelOverloaded(), ModelUnreachable(), ModelBroken(), ModelMissing(), ModelRefused(field="key")]
)
async def test_the_next_one_answers_when_the_first_cannot(failure: ModelError) -> None:
    first, second = Actor(failure), Actor("from the second")
    model = _chain(first, second)
    assert await said(model) == "from the second"
    assert (first.open, second.open, model.failovers) == (0, 0, 1)


async def test_a_request_refused_for_its_own_sake_is_not_carried_around() -> None:
    first, second = Actor(ModelRefused("too long")), Actor()
    with pytest.raises(ModelRefused):
        await said(_chain(first, second))
    assert second.calls == 0


async def test_once_a_word_was_heard_nobody_else_is_asked() -> None:
    first, second = Actor(["half ", ModelBroken()]), Actor()
    async with _chain(first, second).stream(prompt()) as chunks:
        assert await anext(chunks) == ChunkText("half ")
        with pytest.raises(ModelBroken):
            await anext(chunks)
    assert second.calls == 0


async def test_when_all_fail_the_chosen_ones_failure_is_told() -> None:
    with pytest.raises(ModelUnreachable):
        await said(_chain(Actor(ModelUnreachable()), Actor(ModelOverloaded())))


async def test_after_the_deadline_nobody_else_is_asked() -> None:
    second, clock = Actor(), ManualClock()
    await clock.advance(5)
    with pytest.raises(ModelOverloaded):
        await said(_chain(Actor(ModelOverloaded()), second, clock=clock), prompt(deadline=5.0))
    assert second.calls == 0


async def _fail(model: CircuitBreakerModel, times: int) -> None:
    for _ in range(times):
        with pytest.raises(ModelError):
            await said(model)


async def test_after_enough_failures_an_endpoint_is_left_alone_and_then_tried_with_one_call() -> None:
    clock, gate = ManualClock(), asyncio.Event()
    actor = Actor(*[ModelUnreachable()] * 3, gate)
    breaker = CircuitBreaker(RULE, clock)
    model = CircuitBreakerModel(actor, breaker)
    await _fail(model, 3)
    assert breaker.state == "open"
    with pytest.raises(BreakerOpen) as refusal:
        await said(model)
    assert (actor.calls, refusal.value.retry_after) == (3, 10.0)
    await clock.advance(10)
    assert breaker.state == "half-open"
    probe = asyncio.ensure_future(said(model))
    await settle()
    await _fail(model, 1)
    assert actor.calls == 4
    gate.set()
    assert await probe == "said"
    assert breaker.state == "closed"


async def test_a_probe_that_fails_opens_it_again() -> None:
    clock, actor = ManualClock(), Actor(ModelUnreachable())
    breaker = CircuitBreaker(RULE, clock)
    model = CircuitBreakerModel(actor, breaker)
    await _fail(model, 3)
    await clock.advance(10)
    await _fail(model, 1)
    assert (breaker.state, actor.calls, breaker.opened) == ("open", 4, 2)


async def test_a_probe_whose_caller_goes_away_frees_the_place_for_another() -> None:
    clock, actor = ManualClock(), Actor(*[ModelUnreachable()] * 3, asyncio.Event(), "well")
    breaker = CircuitBreaker(RULE, clock)
    model = CircuitBreakerModel(actor, breaker)
    await _fail(model, 3)
    await clock.advance(10)
    probe = asyncio.ensure_future(said(model))
    await settle()
    probe.cancel()
    await asyncio.wait([probe])
    assert await said(model) == "well"


async def test_failures_far_apart_or_among_many_answers_open_nothing() -> None:
    clock = ManualClock()
    breaker = CircuitBreaker(RULE, clock)
    for _ in range(10):
        breaker.failed(breaker.enter())
        await clock.advance(16)
    assert breaker.state == "closed"
    for _ in range(20):
        for _ in range(2):
            breaker.heard(breaker.enter())
        breaker.failed(breaker.enter())
    assert breaker.state == "closed"


async def test_a_refusal_is_a_sign_of_life() -> None:
    breaker = CircuitBreaker(RULE, ManualClock())
    await _fail(CircuitBreakerModel(Actor(ModelRefused()), breaker), 10)
    assert breaker.state == "closed"


async def test_an_open_breaker_is_passed_over_without_a_call() -> None:
    clock, first, second = ManualClock(), Actor(ModelUnreachable()), Actor("from the second")
    breaker = CircuitBreaker(RULE, clock)
    model = FailoverModel([FailoverTarget(CircuitBreakerModel(first, breaker), breaker), FailoverTarget(second)], clock)
    for _ in range(10):
        assert await said(model) == "from the second"
    assert first.calls == 3
