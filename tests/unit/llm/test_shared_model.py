"""One answer for the same question asked twice at once, by the same person in the same conversation, and for nobody else."""

import asyncio

import pytest

from everkin.domain.errors import ModelBroken
from everkin.domain.prompt import ChunkEnd, ChunkText
from everkin.kit.clock import settle
from everkin.llm.gateway.single_flight import SingleFlightModel
from tests.unit.llm.actor import Actor, chunks_of, prompt, said

MINE = {"user_id": "sam", "conversation_id": "c1", "reuse": "k"}


async def test_the_same_question_at_once_is_asked_once_and_counted_once() -> None:
    actor = Actor(["well ", "said"])
    model = SingleFlightModel(actor)
    answers = await asyncio.gather(*(chunks_of(model, prompt(**MINE)) for _ in range(3)))
    for *texts, _ in answers:
        assert texts == [ChunkText("well "), ChunkText("said")]
    assert sorted(end.tokens_out or 0 for *_, end in answers if isinstance(end, ChunkEnd)) == [0, 0, 3]
    assert (actor.calls, model.shared, model.flights, len(model.tasks)) == (1, 2, {}, 0)


@pytest.mark.parametrize(
    "other", [{"user_id": "kim"}, {"conversation_id": "c2"}, {"reuse": "other"}, {"reuse": ""}, {"user_id": ""}]
)
async def test_nobody_hears_anothers_answer(other: dict[str, str]) -> None:
    actor = Actor("well")
    model = SingleFlightModel(actor)
    await asyncio.gather(said(model, prompt(**MINE)), said(model, prompt(**{**MINE, **other})))
    assert actor.calls == 2


async def test_another_prompt_is_another_question() -> None:
    actor = Actor("well")
    model = SingleFlightModel(actor)
    await asyncio.gather(said(model, prompt("one", **MINE)), said(model, prompt("two", **MINE)))
    assert actor.calls == 2


async def test_one_who_leaves_does_not_stop_the_others_and_the_last_one_does() -> None:
    gate = asyncio.Event()
    actor = Actor(gate)
    model = SingleFlightModel(actor)
    listeners = [asyncio.ensure_future(said(model, prompt(**MINE))) for _ in range(3)]
    await settle()
    listeners[0].cancel()
    await settle()
    assert actor.open == 1
    gate.set()
    assert await asyncio.gather(*listeners[1:]) == ["said", "said"]

    hanging = Actor(asyncio.Event())
    model = SingleFlightModel(hanging)
    listeners = [asyncio.ensure_future(said(model, prompt(**MINE))) for _ in range(2)]
    await settle()
    for listener in listeners:
        listener.cancel()
    await asyncio.wait(listeners)
    assert (hanging.open, len(model.tasks), model.flights) == (0, 0, {})


async def test_a_late_listener_hears_it_from_the_beginning() -> None:
    actor = Actor(["one ", "two ", "three"])
    model = SingleFlightModel(actor)
    async with model.stream(prompt(**MINE)) as chunks:
        await anext(chunks)
        await anext(chunks)
        assert await said(model, prompt(**MINE)) == "one two three"
    assert actor.calls == 1


async def test_all_hear_of_a_failure_and_the_next_asks_anew() -> None:
    actor = Actor(["half ", ModelBroken()], "well")
    model = SingleFlightModel(actor)
    outcomes = await asyncio.gather(*(said(model, prompt(**MINE)) for _ in range(2)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [ModelBroken, ModelBroken]
    assert await said(model, prompt(**MINE)) == "well"
    assert model.tasks.failures == 0
