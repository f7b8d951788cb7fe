"""First words held back, for doors behind which an instant answer would look odd. Time is turned by hand."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from everkin.domain.caller import Caller
from everkin.domain.conversation import Conversation
from everkin.domain.errors import StartError
from everkin.domain.events import TurnCompleted, TurnDelta, TurnFailed, TurnStarted, TurnStopped
from everkin.domain.ids import new_node_id
from everkin.domain.prompt import Prompt
from everkin.kit.clock import ManualClock, SystemClock
from everkin.llm.providers.scripted import ScriptedModel
from everkin.turn.rules import TurnRules
from everkin.turn.typing_delay import LONG, TypingDelay
from tests.journeys.conftest import Runtime, open_runtime


@pytest.fixture
async def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def house(tmp_path: Path, clock: ManualClock) -> AsyncIterator[Runtime]:
    rules = TurnRules(node=new_node_id(), flush_seconds=0.0, natural=TypingDelay(0.5, 2.0))
    async with open_runtime(tmp_path, clock=clock, rules=rules) as runtime:
        yield runtime


class Asked(ScriptedModel):
    """`done`: the model has been asked, and has said all it had to say."""

    def __init__(self) -> None:
        super().__init__(SystemClock())
        self.prompts: list[Prompt] = []
        self.done = asyncio.Event()

    def stream(self, prompt: Prompt):  # type: ignore[no-untyped-def]
        self.prompts.append(prompt)
        return _Watched(super().stream(prompt), self.done)


class _Watched:
    def __init__(self, stream, done: asyncio.Event) -> None:  # type: ignore[no-untyped-def]
        self._stream, self._done = stream, done

    async def __aenter__(self):  # type: ignore[no-untyped-def]
        return await self._stream.__aenter__()

    async def __aexit__(self, *error: object) -> object:
        self._done.set()
        return await self._stream.__aexit__(*error)


async def asked(house: Runtime, text: str, *, natural: bool = True) -> tuple[Caller, Conversation, Asked]:
    """Said, and the model has finished; the clock has not moved."""
    model = Asked()
    house.voice.model = model
    sam = await house.person()
    character = await house.character(sam)
    conversation = await house.conversations.create(sam, [character.id])
    await house.turns.say(sam, conversation.id, text, natural=natural)
    await asyncio.wait_for(model.done.wait(), 20)
    return sam, conversation, model


async def ended(house: Runtime, conversation: Conversation) -> None:
    async with asyncio.timeout(20):
        while house.turns.live(conversation.id):
            await asyncio.sleep(0)


def told(house: Runtime) -> str:
    return "".join(event.text for event in house.heard if isinstance(event, TurnDelta))


def typing(house: Runtime) -> bool:
    return any(isinstance(event, TurnStarted) for event in house.heard)


async def test_the_model_starts_at_once_and_its_words_wait(house: Runtime, clock: ManualClock) -> None:
    _, conversation, model = await asked(house, "/echo Rain.")
    assert len(model.prompts) == 1
    assert typing(house)
    await clock.advance(0.4)
    assert told(house) == ""
    assert house.turns.live(conversation.id)[0].text == ""
    await clock.advance(0.2)
    await ended(house, conversation)
    assert told(house) == "Rain."
    assert isinstance(house.heard[-1], TurnCompleted)


async def test_a_long_answer_waits_longer_but_never_beyond_the_longest(house: Runtime, clock: ManualClock) -> None:
    words = "It rains. " * (LONG // 10)
    _, conversation, _ = await asked(house, f"/echo {words}")
    await clock.advance(1.5)
    assert told(house) == ""
    await clock.advance(0.6)
    await ended(house, conversation)
    assert told(house).strip() == words.strip()


async def test_who_does_not_ask_for_it_waits_for_nothing(house: Runtime) -> None:
    _, conversation, _ = await asked(house, "/echo Rain.", natural=False)
    await ended(house, conversation)
    assert told(house) == "Rain."


async def test_a_stop_takes_effect_at_once_and_what_was_never_told_was_never_said(house: Runtime) -> None:
    sam, conversation, _ = await asked(house, "/echo Rain.")
    assert await house.turns.stop(sam, conversation.id) == 1
    await ended(house, conversation)
    end = house.heard[-1]
    assert isinstance(end, TurnStopped)
    assert end.reply is None
    assert told(house) == ""
    log = await house.conversations.history(sam, conversation.id)
    assert [entry.message.content for entry in log.entries] == ["Hello Sam.", "/echo Rain."]


async def test_a_failure_is_not_held_back(house: Runtime) -> None:
    _, conversation, _ = await asked(house, "/fail-after 3")
    await ended(house, conversation)
    end = house.heard[-1]
    assert isinstance(end, TurnFailed)
    assert told(house) == end.turn.partial != ""


async def test_what_is_kept_of_a_reply_is_how_long_the_model_took(house: Runtime, clock: ManualClock) -> None:
    _, conversation, _ = await asked(house, "/echo Rain.")
    await clock.advance(2.0)
    await ended(house, conversation)
    end = house.heard[-1]
    assert isinstance(end, TurnCompleted)
    assert end.reply.metadata["generationMs"] == 0


def test_delays_that_contradict_are_refused() -> None:
    with pytest.raises(StartError, match="MAX_TYPING_DELAY"):
        TypingDelay(2.0, 0.5)
