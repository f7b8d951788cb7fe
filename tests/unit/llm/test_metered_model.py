"""Every call leaves exactly one record, whatever becomes of it."""

import asyncio

import pytest

from everkin.domain.errors import ModelBroken, ModelOverloaded
from everkin.domain.prompt import ChunkEnd, ChunkText
from everkin.kit.clock import ManualClock, settle
from everkin.llm.gateway.metering import Metered, MeteredModel
from everkin.llm.profiles import UNKNOWN, Profile, profile_of
from everkin.llm.tokens import estimate
from tests.unit.llm.actor import Actor, prompt, said

PRICED = Profile(1000, price_in=1_000_000.0, price_out=2_000_000.0)


class Uncounted(Actor):
    """A provider that tells no token counts."""

    async def _speak(self, act: object) -> object:  # type: ignore[override]
        yield ChunkText("The lamp is lit.")
        yield ChunkEnd("stop", "Actor")


def _metered(actor: Actor, clock: ManualClock | None = None) -> tuple[MeteredModel, list[Metered]]:
    records: list[Metered] = []
    return MeteredModel(actor, records.append, clock or ManualClock(), lambda model: PRICED), records


async def test_a_whole_answer_is_recorded_with_its_counts_its_times_and_its_cost() -> None:
    clock, gate = ManualClock(), asyncio.Event()
    model, records = _metered(Actor(gate), clock)
    call = asyncio.ensure_future(said(model, prompt(user_id="sam", character_id="mira")))
    await settle()
    await clock.advance(1.5)
    gate.set()
    await call
    [record] = records
    assert (record.purpose.user_id, record.purpose.character_id, record.model) == ("sam", "mira", "Actor")
    assert (record.first_ms, record.total_ms, record.outcome) == (1500, 1500, "stop")
    assert (record.tokens_in, record.tokens_out, record.estimated, record.cost) == (7, 3, False, 13.0)


async def test_counts_nobody_told_are_estimated_and_marked() -> None:
    model, records = _metered(Uncounted())
    await said(model, prompt("Good evening."))
    [record] = records
    assert record.estimated
    assert (record.tokens_in, record.tokens_out) == (estimate("Good evening."), estimate("The lamp is lit."))


async def test_failures_and_departures_are_recorded_as_what_they_are() -> None:
    hanging = Actor(ModelOverloaded(), ["half ", ModelBroken()], ["one ", "two"], asyncio.Event())
    model, records = _metered(hanging)
    for kind in (ModelOverloaded, ModelBroken):
        with pytest.raises(kind):
            await said(model)
    async with model.stream(prompt()) as chunks:
        await anext(chunks)
    waiting = asyncio.ensure_future(said(model))
    await settle()
    waiting.cancel()
    await asyncio.wait([waiting])
    assert [record.outcome for record in records] == ["model_overloaded", "model_broken", "stopped", "stopped"]
    assert [record.tokens_out > 0 for record in records] == [False, True, True, False]
    assert [record.first_ms is None for record in records] == [True, False, False, True]


@pytest.mark.parametrize(
    ("name", "like"),
    [
        ("gpt-4o-mini-2024-07-18", "gpt-4o-mini"),
        ("gpt-4o-2024-08-06", "gpt-4o"),
        ("meta-llama/llama-3.3-70b-instruct", "llama-3.3-70b-instruct"),
        ("openai/gpt-oss-120b", "gpt-oss-120b"),
    ],
)
def test_a_model_is_found_by_its_name_or_by_how_it_begins(name: str, like: str) -> None:
    assert profile_of(name) == profile_of(like)
    assert profile_of(name).known


def test_an_unknown_model_has_the_default_profile_and_no_price() -> None:
    assert profile_of("somebodys-own-7b") == UNKNOWN
    assert (UNKNOWN.context, UNKNOWN.cost(10_000, 10_000), UNKNOWN.known) == (8192, 0.0, False)
