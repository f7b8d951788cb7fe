"""A second try happens only where it can help and cannot double anything."""

import asyncio

import pytest

from everkin.domain.errors import (
    ModelBroken,
    ModelError,
    ModelOverloaded,
    ModelRefused,
    ModelSilent,
    ModelTimeout,
    ModelUnreachable,
)
from everkin.domain.prompt import ChunkText
from everkin.kit.clock import ManualClock, settle
from everkin.llm.gateway.retry import Retry, RetryModel
from tests.unit.llm.actor import Actor, prompt, said


def _retrying(actor: Actor, clock: ManualClock, luck: float = 1.0, **retry: float) -> RetryModel:
    return RetryModel(actor, Retry(**retry), clock, lambda: luck)  # type: ignore[arg-type]


async def _outcome(model: RetryModel, clock: ManualClock, *steps: float, **purpose: object) -> str | ModelError:
    """What came of one call while the clock was turned by these steps."""
    call = asyncio.ensure_future(said(model, prompt(**purpose)))
    await settle()
    for step in steps:
        await clock.advance(step)
    try:
        async with asyncio.timeout(1):
            return await call
    except ModelError as error:
        return error


@pytest.mark.parametrize("kind", [ModelOverloaded, ModelUnreachable, ModelTimeout, ModelBroken])
async def test_a_failure_that_may_pass_is_tried_again_after_one_two_and_four_seconds(kind: type[ModelError]) -> None:
    actor, clock = Actor(kind(), kind(), kind(), "at last"), ManualClock()
    model = _retrying(actor, clock)
    call = asyncio.ensure_future(said(model))
    for tries, pause in ((1, 1), (2, 2), (3, 4)):
        await settle()
        assert actor.calls == tries
        await clock.advance(pause - 0.01)
        assert actor.calls == tries
        await clock.advance(0.01)
    assert await call == "at last"
    assert model.retries == 3
    assert actor.open == 0


async def test_after_three_retries_the_last_failure_is_told() -> None:
    actor, clock = Actor(ModelOverloaded()), ManualClock()
    assert isinstance(await _outcome(_retrying(actor, clock), clock, 1, 2, 4), ModelOverloaded)
    assert actor.calls == 4


@pytest.mark.parametrize("kind", [ModelRefused, ModelSilent])
async def test_what_will_not_pass_is_not_tried_again(kind: type[ModelError]) -> None:
    actor, clock = Actor(kind()), ManualClock()
    assert isinstance(await _outcome(_retrying(actor, clock), clock), kind)
    assert actor.calls == 1


async def test_once_a_word_was_heard_a_failure_is_final() -> None:
    actor, clock = Actor(["half a ", ModelBroken()]), ManualClock()
    async with _retrying(actor, clock).stream(prompt()) as chunks:
        assert await anext(chunks) == ChunkText("half a ")
        with pytest.raises(ModelBroken):
            await anext(chunks)
    assert actor.calls == 1
    assert actor.open == 0


async def test_a_failure_inside_the_stream_before_the_first_word_is_tried_again() -> None:
    actor, clock = Actor([ModelBroken()], "well"), ManualClock()
    assert await _outcome(_retrying(actor, clock), clock, 1) == "well"


async def test_the_provider_may_ask_for_a_longer_pause() -> None:
    actor, clock = Actor(ModelOverloaded(retry_after=9), "well"), ManualClock()
    call = asyncio.ensure_future(said(_retrying(actor, clock, luck=0.0)))
    await settle()
    await clock.advance(8.9)
    assert actor.calls == 1
    await clock.advance(0.1)
    assert await call == "well"


async def test_a_pause_nobody_would_wait_for_is_told_instead() -> None:
    actor, clock = Actor(ModelOverloaded(retry_after=3600)), ManualClock()
    error = await _outcome(_retrying(actor, clock), clock)
    assert isinstance(error, ModelOverloaded)
    assert error.retry_after == 3600
    assert actor.calls == 1


async def test_nothing_is_tried_after_the_deadline() -> None:
    actor, clock = Actor(ModelOverloaded()), ManualClock()
    assert isinstance(await _outcome(_retrying(actor, clock), clock, 1, deadline=2.5), ModelOverloaded)
    assert actor.calls == 2


async def test_a_model_that_takes_its_time_to_fail_is_not_asked_for_ever() -> None:
    actor, clock = Actor(ModelTimeout()), ManualClock()
    assert isinstance(await _outcome(_retrying(actor, clock, window=2.0), clock, 1), ModelTimeout)
    assert actor.calls == 2


async def test_a_caller_who_goes_during_the_pause_leaves_nothing_behind() -> None:
    actor, clock = Actor(ModelOverloaded(), "well"), ManualClock()
    call = asyncio.ensure_future(said(_retrying(actor, clock)))
    await settle()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await clock.advance(10)
    assert actor.calls == 1
