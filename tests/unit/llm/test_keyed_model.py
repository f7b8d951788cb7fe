"""Several keys of one provider: work is spread, a limited key rests, a refused one is set aside, and none is ever shown."""

import asyncio

import pytest

from everkin.domain.errors import ModelOverloaded, ModelRefused
from everkin.kit.clock import ManualClock, settle
from everkin.llm.gateway.api_keys import ASIDE_SECONDS, ApiKeyModel
from tests.unit.llm.actor import Actor, said

LIMITED = ModelOverloaded(field="key", retry_after=30)
REFUSED = ModelRefused(field="key")


async def test_the_least_busy_key_speaks() -> None:
    gate = asyncio.Event()
    first, second = Actor(gate), Actor(gate)
    model = ApiKeyModel([first, second], ManualClock())
    calls = [asyncio.ensure_future(said(model)) for _ in range(6)]
    await settle()
    assert (first.open, second.open) == (3, 3)
    gate.set()
    await asyncio.gather(*calls)
    assert [key.busy for key in model.keys] == [0, 0]


async def test_a_limited_key_rests_as_long_as_it_was_told() -> None:
    clock, first, second = ManualClock(), Actor(LIMITED, "first"), Actor("second")
    model = ApiKeyModel([first, second], clock)
    assert [await said(model) for _ in range(4)] == ["second"] * 4
    assert model.conditions() == {"key 1": "resting", "key 2": "ready"}
    await clock.advance(30)
    assert await said(model) == "first"


async def test_a_refused_key_is_set_aside_and_tried_again_much_later() -> None:
    clock, first, second = ManualClock(), Actor(REFUSED, "first"), Actor("second")
    model = ApiKeyModel([first, second], clock)
    assert [await said(model) for _ in range(4)] == ["second"] * 4
    assert model.conditions()["key 1"] == "refused"
    await clock.advance(ASIDE_SECONDS)
    assert await said(model) == "first"


async def test_when_no_key_is_usable_the_providers_reason_is_told() -> None:
    first, second = Actor(REFUSED), Actor(REFUSED)
    model = ApiKeyModel([first, second], ManualClock())
    for _ in range(2):
        with pytest.raises(ModelRefused):
            await said(model)
    assert first.calls + second.calls == 3


async def test_a_failure_that_says_nothing_of_the_key_leaves_it_alone() -> None:
    first, second = Actor(ModelOverloaded(), "first"), Actor("second")
    model = ApiKeyModel([first, second], ManualClock())
    with pytest.raises(ModelOverloaded):
        await said(model)
    assert second.calls == 0
    assert set(model.conditions().values()) == {"ready"}
