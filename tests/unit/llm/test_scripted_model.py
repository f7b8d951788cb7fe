"""The scripted model says what its directives tell it, the same every time."""

import asyncio

import pytest

from everkin.domain.errors import ModelBroken, ModelOverloaded, ModelTimeout
from everkin.domain.prompt import Chunk, ChunkEnd, ChunkText, Prompt, PromptMessage, SamplingParams
from everkin.kit.clock import ManualClock, settle
from everkin.llm.providers.scripted import ScriptedModel

SYSTEM = PromptMessage("system", "You are Mira, a lighthouse keeper.")


def _prompt(said: str, max_tokens: int = 500) -> Prompt:
    return Prompt((SYSTEM, PromptMessage("user", said)), SamplingParams(max_tokens=max_tokens))


async def _say(model: ScriptedModel, said: str, max_tokens: int = 500) -> tuple[str, ChunkEnd]:
    async with asyncio.timeout(5), model.stream(_prompt(said, max_tokens)) as chunks:
        heard: list[Chunk] = [chunk async for chunk in chunks]
    end = heard.pop()
    assert isinstance(end, ChunkEnd)
    return "".join(chunk.text for chunk in heard if isinstance(chunk, ChunkText)), end


@pytest.fixture
def model() -> ScriptedModel:
    return ScriptedModel(ManualClock())


async def test_an_ordinary_message_is_answered_with_its_own_words(model: ScriptedModel) -> None:
    reply, end = await _say(model, "the kettle is on")
    assert "the kettle is on" in reply
    assert end.reason == "stop"
    assert await _say(ScriptedModel(ManualClock()), "the kettle is on") == (reply, end)


@pytest.mark.parametrize("text", ["hello", "two  blanks and a tail ", "línea 1\nline 2 😀", "{braces} 100%"])
async def test_echo_is_exact(model: ScriptedModel, text: str) -> None:
    assert (await _say(model, f"/echo {text}"))[0] == text


async def test_a_speakers_name_may_stand_before_a_directive(model: ScriptedModel) -> None:
    assert (await _say(model, "It is late.\nSam: /echo aye"))[0] == "aye"


async def test_a_slash_inside_a_sentence_is_no_directive(model: ScriptedModel) -> None:
    assert "and/or /fail" in (await _say(model, "tea and/or /fail"))[0]


async def test_long_says_so_many_words_within_max_tokens(model: ScriptedModel) -> None:
    reply, end = await _say(model, "/long 200")
    assert (len(reply.split()), end.reason, end.tokens_out) == (200, "stop", 200)
    reply, end = await _say(model, "/long 200", max_tokens=50)
    assert (len(reply.split()), end.reason, end.tokens_out) == (50, "length", 50)


async def test_fail_fails_with_the_code_it_was_given(model: ScriptedModel) -> None:
    with pytest.raises(ModelOverloaded):
        await _say(model, "/fail")
    with pytest.raises(ModelTimeout):
        await _say(model, "/fail model_timeout")
    with pytest.raises(ModelTimeout):
        await _say(model, "/fail timeout")


async def test_fail_once_answers_the_second_time(model: ScriptedModel) -> None:
    with pytest.raises(ModelOverloaded):
        await _say(model, "/fail-once hello")
    assert "hello" in (await _say(model, "/fail-once hello"))[0]


async def test_fail_after_breaks_off_with_those_words_said(model: ScriptedModel) -> None:
    async with model.stream(_prompt("/fail-after 3")) as chunks:
        assert len([await anext(chunks) for _ in range(3)]) == 3
        with pytest.raises(ModelBroken):
            await anext(chunks)


async def test_slow_goes_by_the_clock() -> None:
    clock = ManualClock()
    async with ScriptedModel(clock).stream(_prompt("/slow down")) as chunks:
        for _ in range(5):
            word = asyncio.ensure_future(anext(chunks))
            await settle()
            assert not word.done()
            await clock.advance(0.2)
            assert isinstance(await word, ChunkText)


async def test_hang_never_speaks_and_can_be_left(model: ScriptedModel) -> None:
    async def listen() -> None:
        async with model.stream(_prompt("/hang")) as chunks:
            await anext(chunks)

    listener = asyncio.ensure_future(listen())
    await settle()
    assert not listener.done()
    listener.cancel()
    with pytest.raises(asyncio.CancelledError):
        await listener
