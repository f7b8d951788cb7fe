"""A kept reply is given again to the same person for the same asking within its time, and never otherwise."""

import pytest

from everkin.domain.errors import ModelBroken
from everkin.domain.prompt import Chunk, ChunkEnd, ChunkText
from everkin.kit.clock import ManualClock
from everkin.llm.gateway.cached_replies import CachedReplies
from everkin.llm.gateway.response_cache import CachedModel
from tests.unit.llm.actor import Actor, chunks_of, prompt, said

MINE = {"user_id": "sam", "conversation_id": "c1", "reuse": "k"}
LONG = "Good evening, traveller.\n\nThe lamp is lit, and   the kettle too. Sit down a while with me."


def _cached(actor: Actor, clock: ManualClock | None = None, **limits: float) -> CachedModel:
    return CachedModel(actor, CachedReplies(clock or ManualClock(), **limits))  # type: ignore[arg-type]


async def test_a_reply_is_replayed_as_a_stream_and_costs_no_token() -> None:
    actor = Actor(LONG)
    model = _cached(actor)
    await said(model, prompt(**MINE))
    *texts, end = await chunks_of(model, prompt(**MINE))
    assert actor.calls == 1
    assert len(texts) > 3
    assert "".join(chunk.text for chunk in texts if isinstance(chunk, ChunkText)) == LONG
    assert end == ChunkEnd("stop", "Actor", 0, 0)


@pytest.mark.parametrize(
    "other", [{"user_id": "kim"}, {"conversation_id": "c2"}, {"reuse": "other"}, {"reuse": ""}, {"user_id": ""}]
)
async def test_nobody_else_is_answered_from_it(other: dict[str, str]) -> None:
    actor = Actor("mine", "theirs")
    model = _cached(actor)
    await said(model, prompt(**MINE))
    assert await said(model, prompt(**{**MINE, **other})) == "theirs"


async def test_it_is_forgotten_after_five_minutes_and_swept() -> None:
    actor, clock = Actor(), ManualClock()
    model = _cached(actor, clock)
    await said(model, prompt(**MINE))
    await clock.advance(299)
    await said(model, prompt(**MINE))
    assert (actor.calls, model.replies.sweep()) == (1, 0)
    await clock.advance(1)
    await said(model, prompt(**MINE))
    assert actor.calls == 2
    await clock.advance(300)
    assert model.replies.sweep() == 1
    assert (model.replies.stats().entries, model.replies.stats().bytes) == (0, 0)


class Ending(Actor):
    """Ends for another reason."""

    async def _speak(self, act: object) -> object:  # type: ignore[override]
        yield ChunkText("cut")
        yield ChunkEnd("length", "Actor", 1, 1)


async def test_only_whole_answers_are_kept() -> None:
    broken = Actor(["half ", ModelBroken()], "whole")
    model = _cached(broken)
    with pytest.raises(ModelBroken):
        await said(model, prompt(**MINE))
    assert await said(model, prompt(**MINE)) == "whole"
    cut = Ending()
    model = _cached(cut)
    for _ in range(2):
        await said(model, prompt(**MINE))
    assert cut.calls == 2
    left = Actor(["one ", "two"])
    model = _cached(left)
    heard: list[Chunk] = []
    async with model.stream(prompt(**MINE)) as chunks:
        heard.append(await anext(chunks))
    await said(model, prompt(**MINE))
    assert left.calls == 2


async def test_what_is_kept_is_bounded_and_the_oldest_unused_goes_first() -> None:
    actor = Actor("x" * 500)
    model = _cached(actor, most_bytes=3500)
    for key in "abc":
        await said(model, prompt(**{**MINE, "reuse": key}))
    await said(model, prompt(**{**MINE, "reuse": "a"}))
    await said(model, prompt(**{**MINE, "reuse": "d"}))
    stats = model.replies.stats()
    assert (stats.entries, stats.evicted, stats.hits) == (3, 1, 1)
    assert stats.bytes <= 3500
    await said(model, prompt(**{**MINE, "reuse": "a"}))
    assert actor.calls == 4


async def test_one_persons_replies_can_be_forgotten() -> None:
    actor = Actor()
    model = _cached(actor)
    for user in ("sam", "kim"):
        await said(model, prompt(**{**MINE, "user_id": user}))
    assert model.replies.forget(user_id="sam") == 1
    await said(model, prompt(**{**MINE, "user_id": "kim"}))
    assert actor.calls == 2
    assert model.replies.forget() == 1
