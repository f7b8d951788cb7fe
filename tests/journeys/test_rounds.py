"""Company: several people, several characters, one call of the model a round."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from everkin.domain.caller import Caller
from everkin.domain.conversation import Conversation
from everkin.domain.errors import Conflict, NotFound
from everkin.domain.events import TurnCompleted, TurnFailed
from everkin.domain.ids import UserId, new_node_id
from everkin.domain.message import SenderType
from everkin.domain.prompt import Chunk, ChunkEnd, ChunkText, Prompt
from everkin.domain.record import LogEntry
from everkin.domain.turn import TurnState
from everkin.kit.clock import ManualClock, settle
from everkin.turn.rules import TurnRules
from tests.journeys.conftest import Runtime, open_runtime
from tests.journeys.test_turns import rest


class Playwright:
    """A model that says what it is given, and keeps every prompt."""

    name = "Playwright"

    def __init__(self, *answers: str) -> None:
        self.prompts: list[Prompt] = []
        self._answers = list(answers)

    @asynccontextmanager
    async def stream(self, prompt: Prompt) -> AsyncIterator[AsyncIterator[Chunk]]:
        self.prompts.append(prompt)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

        async def chunks() -> AsyncIterator[Chunk]:
            for letter in answer:
                yield ChunkText(letter)
            yield ChunkEnd("stop", "playwright")

        yield chunks()


async def company(runtime: Runtime, **speaking: object) -> tuple[Conversation, list[Caller]]:
    people = [await runtime.person(name) for name in ("Sam", "Kim", "Lee")]
    ada = await runtime.character(people[0], name="Ada", first_message="")
    ben = await runtime.character(people[0], name="Ben", first_message="")
    conversation = await runtime.conversations.create(
        people[0], [ada.id, ben.id], people=[person.user_id for person in people]
    )
    if speaking:
        await runtime.record.conversations.update(
            conversation.id, people[0].user_id, conversation.created_at, metadata=speaking
        )
    return conversation, people


async def entries(runtime: Runtime, caller: Caller, conversation: Conversation) -> list[LogEntry]:
    return list((await runtime.conversations.history(caller, conversation.id)).entries)


def lines(people: list[Caller], *texts: str) -> list[tuple[UserId, str]]:
    return [(person.user_id, text) for person, text in zip(people, texts, strict=True)]


async def test_a_round_is_one_call_and_each_reply_is_its_characters_message(runtime: Runtime) -> None:
    conversation, people = await company(runtime)
    model = runtime.voice.model = Playwright("Ada: Welcome, all three.\nBen: *waves* Sit down!")
    said = await runtime.turns.say_round(
        people[0], conversation.id, lines(people, "Hi Ada", "hello Ben!", "good evening")
    )
    await rest(runtime, conversation)
    assert len(model.prompts) == 1
    assert model.prompts[0].purpose.priority == 8
    log = await entries(runtime, people[1], conversation)
    replies = [entry.message for entry in log if entry.message.sender_type is SenderType.CHARACTER]
    assert [reply.content for reply in replies] == ["Welcome, all three.", "*waves* Sit down!"]
    assert [reply.sender_id for reply in replies] == list(conversation.character_ids)
    for appended in said:
        entry = next(entry for entry in log if entry.message.id == appended.message.id)
        assert {turn.state for turn in entry.turns} == {TurnState.COMPLETED}
        assert {turn.reply_id for turn in entry.turns} == {reply.id for reply in replies}


async def test_everybodys_words_and_both_personas_are_in_the_prompt(runtime: Runtime) -> None:
    conversation, people = await company(runtime)
    model = runtime.voice.model = Playwright("Ada: Yes.\nBen: No.")
    await runtime.turns.say_round(people[0], conversation.id, lines(people, "Ada and Ben?", "one", "two"))
    await rest(runtime, conversation)
    system, said = model.prompts[0].messages[0].content, model.prompts[0].messages[-1].content
    assert "Ada" in system
    assert "Ben" in system
    assert said == "Sam: Ada and Ben?\nKim: one\nLee: two"


async def test_a_character_who_was_given_no_line_shares_the_others(runtime: Runtime) -> None:
    conversation, people = await company(runtime)
    runtime.voice.model = Playwright("Ada: Ben is asleep.")
    await runtime.turns.say_round(people[0], conversation.id, lines(people, "Ada, Ben!", "hey", "hey"))
    await rest(runtime, conversation)
    log = await entries(runtime, people[0], conversation)
    assert [entry.message.content for entry in log][3:] == ["Ben is asleep."]
    reply = log[3].message.id
    assert {turn.reply_id for entry in log[:3] for turn in entry.turns} == {reply}


async def test_a_failed_round_is_a_visible_failure_of_each_message(runtime: Runtime) -> None:
    conversation, people = await company(runtime)
    runtime.voice.model = Playwright("   ")
    await runtime.turns.say_round(people[0], conversation.id, lines(people, "Ada?", "Ada!", "Ada."))
    await rest(runtime, conversation)
    assert sum(isinstance(event, TurnFailed) for event in runtime.heard) == 3
    assert not any(isinstance(event, TurnCompleted) for event in runtime.heard)


async def test_messages_within_the_window_become_one_round(tmp_path: Path) -> None:
    clock = ManualClock()
    rules = TurnRules(node=new_node_id(), batch_seconds=2.0, flush_seconds=0.0, lease_seconds=1000)
    async with open_runtime(tmp_path, clock=clock, rules=rules) as runtime:
        conversation, people = await company(runtime)
        model = runtime.voice.model = Playwright("I hear you all.")
        for person, text in zip(people, ("Ada, one", "two, Ada", "Ada three"), strict=True):
            await runtime.turns.say(person, conversation.id, text)
            await clock.advance(1.5)
        assert model.prompts == []
        async with asyncio.timeout(20):
            while runtime.turns.live(conversation.id):
                await clock.advance(0.5)
                await settle()
        assert len(model.prompts) == 1
        log = await entries(runtime, people[0], conversation)
        assert [entry.message.content for entry in log] == ["Ada, one", "two, Ada", "Ada three", "I hear you all."]


async def test_alone_a_person_who_goes_on_typing_is_answered_once(tmp_path: Path) -> None:
    clock = ManualClock()
    async with open_runtime(
        tmp_path, clock=clock, rules=TurnRules(node=new_node_id(), flush_seconds=0.0, lease_seconds=1000)
    ) as runtime:
        sam = await runtime.person()
        ada = await runtime.character(sam, first_message="")
        conversation = await runtime.conversations.create(sam, [ada.id])
        model = runtime.voice.model = Playwright("Both, then.")
        await runtime.conversations.typing(sam, conversation.id, True)
        await runtime.turns.say(sam, conversation.id, "tea?")
        await clock.advance(0.5)
        await runtime.turns.say(sam, conversation.id, "or coffee?")
        async with asyncio.timeout(20):
            while runtime.turns.live(conversation.id):
                await clock.advance(0.5)
                await settle()
        assert len(model.prompts) == 1
        assert model.prompts[0].messages[-1].content == "tea?\nor coffee?"
        log = await entries(runtime, sam, conversation)
        assert [entry.message.content for entry in log] == ["tea?", "or coffee?", "Both, then."]
        assert {turn.reply_id for entry in log[:2] for turn in entry.turns} == {log[2].message.id}


@pytest.mark.parametrize(
    ("speaking", "text", "names"),
    [
        ("natural", "Ben, what do you say?", ["Ben"]),
        ("list", "and now?", ["Ada"]),
        ("mentioned", "nobody in particular", []),
        ("mentioned", "ben and ada", ["Ben", "Ada"]),
        ("manual", "Ada?", []),
    ],
)
async def test_who_speaks_next(runtime: Runtime, speaking: str, text: str, names: list[str]) -> None:
    conversation, people = await company(runtime, speaking=speaking)
    runtime.voice.model = Playwright("Ada: a\nBen: b")
    appended = await runtime.turns.say(people[0], conversation.id, text, batch_seconds=0.0)
    chosen = [(await runtime.characters.known(turn.character_id)).name for turn in appended.turns]
    await rest(runtime, conversation)
    assert chosen == names


async def test_only_members_speak_in_a_round(runtime: Runtime) -> None:
    conversation, people = await company(runtime)
    stranger = await runtime.person("Max")
    with pytest.raises(NotFound):
        await runtime.turns.say_round(stranger, conversation.id, lines(people, "a", "b", "c"))
    with pytest.raises(NotFound):
        await runtime.turns.say_round(people[0], conversation.id, [(stranger.user_id, "hello")])
    assert await entries(runtime, people[0], conversation) == []


async def test_a_character_speaks_when_asked_to_and_once_only(runtime: Runtime) -> None:
    conversation, people = await company(runtime, speaking="manual")
    runtime.voice.model = Playwright("Since you ask.")
    with pytest.raises(Conflict):
        await runtime.turns.ask(people[0], conversation.id, conversation.character_ids[1])
    await runtime.turns.say(people[0], conversation.id, "quiet, everybody", batch_seconds=0.0)
    await runtime.turns.ask(people[1], conversation.id, conversation.character_ids[1])
    await rest(runtime, conversation)
    log = await entries(runtime, people[0], conversation)
    assert [(entry.message.content, entry.message.sender_id) for entry in log[1:]] == [
        ("Since you ask.", conversation.character_ids[1])
    ]
    with pytest.raises(Conflict):
        await runtime.turns.ask(people[1], conversation.id, conversation.character_ids[1])
    stranger = await runtime.person("Max")
    with pytest.raises(NotFound):
        await runtime.turns.ask(stranger, conversation.id, conversation.character_ids[0])


async def test_a_face_is_known_to_those_who_share_a_conversation_and_no_more(runtime: Runtime) -> None:
    sam, kim, max_ = await runtime.person(), await runtime.person("Kim"), await runtime.person("Max")
    ada = await runtime.character(sam, description="A secret past", tagline="Keeps bees", first_message="")
    await runtime.conversations.create(sam, [ada.id], people=[kim.user_id])
    seen = (await runtime.characters.look_at(kim, ada.id)).persona
    assert (seen.name, seen.tagline, seen.description) == ("Ada", "Keeps bees", "")
    with pytest.raises(NotFound):
        await runtime.characters.look_at(max_, ada.id)
    await runtime.characters.delete(sam, ada.id)
    assert (await runtime.characters.look_at(sam, ada.id)).persona.description == "A secret past"


async def test_a_doors_priority_reaches_the_models_queue(runtime: Runtime) -> None:
    sam = await runtime.person()
    ada = await runtime.character(sam, first_message="")
    conversation = await runtime.conversations.create(sam, [ada.id])
    model = runtime.voice.model = Playwright("At once.")
    await runtime.turns.say(sam, conversation.id, "quick!", priority=10)
    await rest(runtime, conversation)
    assert model.prompts[0].purpose.priority == 10
    assert model.prompts[0].purpose.user_id == sam.user_id


async def test_nobody_waits_for_ever_for_an_answer_to_begin(tmp_path: Path) -> None:
    clock = ManualClock()
    async with open_runtime(tmp_path, clock=clock) as runtime:
        sam = await runtime.person()
        ada = await runtime.character(sam, first_message="")
        conversation = await runtime.conversations.create(sam, [ada.id])
        model = runtime.voice.model = Playwright("Yes.")
        await clock.advance(7.0)
        await runtime.turns.say(sam, conversation.id, "there?")
        await rest(runtime, conversation)
        assert model.prompts[0].purpose.deadline == clock.monotonic() + 300.0
