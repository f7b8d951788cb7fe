"""Loading ahead, and greetings for those who come back."""

from pathlib import Path

from everkin.domain.events import MessageAdded
from everkin.domain.message import SenderType
from everkin.kit.clock import SystemClock
from everkin.llm.providers.scripted import ScriptedModel
from everkin.services.greetings import GreetingRules
from tests.journeys.session_house import SessionHouse, eventually, open_session_house


def count_reads(house: SessionHouse) -> list[str]:
    """What is read from the record for hot copies, from now on."""
    reads: list[str] = []
    messages = house.logs._messages

    class Counted:
        async def recent(self, conversation_id, user_id, limit):  # type: ignore[no-untyped-def]
            reads.append(conversation_id)
            return await messages.recent(conversation_id, user_id, limit)

    house.logs._messages = Counted()  # type: ignore[assignment]
    return reads


async def test_the_turn_finds_what_opening_or_typing_fetched(tmp_path: Path) -> None:
    async with open_session_house(tmp_path) as house:
        sam = await house.runtime.person()
        for begin in (house.open, lambda sam, chat: house.runtime.conversations.typing(sam, chat.id, True)):
            chat = await house.begin(sam)
            house.logs.drop(chat.id)
            await begin(sam, chat)
            assert await house.prefetcher.settled(20)
            reads = count_reads(house)
            await house.runtime.conversations.typing(sam, chat.id, False)
            await house.say(sam, chat, "/echo at once")
            assert reads == []


async def test_it_is_loaded_once_in_a_few_seconds_and_somebody_elses_never(tmp_path: Path) -> None:
    async with open_session_house(tmp_path) as house:
        sam = await house.runtime.person()
        chat = await house.begin(sam)
        house.logs.drop(chat.id)
        reads = count_reads(house)
        for _ in range(5):
            await house.open(sam, chat)
            house.logs.drop(chat.id)
        assert reads == [chat.id]
        await house.clock.advance(6)
        await house.open(sam, chat)
        assert reads == [chat.id] * 2


async def test_many_at_once_are_left_to_their_turns(tmp_path: Path) -> None:
    async with open_session_house(tmp_path) as house:
        sam = await house.runtime.person()
        chats = [await house.begin(sam) for _ in range(20)]
        await house.clock.advance(60)
        for chat in chats:
            house.prefetcher.opened(sam, chat)
        assert house.prefetcher.skipped == 4
        assert await house.prefetcher.settled(20)


async def test_a_new_conversation_with_somebody_known_is_no_first_meeting(tmp_path: Path) -> None:
    async with open_session_house(tmp_path) as house:
        sam, kim = await house.runtime.person("Sam"), await house.runtime.person("Kim")
        ada = await house.runtime.character(sam, alternate_greetings=("Mind the steam.",))
        first = await house.runtime.conversations.create(sam, [ada.id])
        assert await house.texts(sam, first) == ["Hello Sam."]
        again = await house.runtime.conversations.create(sam, [ada.id])
        assert await house.texts(sam, again) == ["Hello Sam."], "they have not talked yet"
        await house.say(sam, first, "/echo hello")
        house.days_pass(3)
        known = await house.runtime.conversations.create(sam, [ada.id])
        text = (await house.texts(sam, known))[0]
        assert "Sam" in text
        assert "three days" in text.lower()
        assert text.endswith("Mind the steam.")
        company = await house.runtime.conversations.create(sam, [ada.id], people=[kim.user_id])
        assert await house.texts(sam, company) == ["Hello Sam."]


async def test_opened_after_a_long_absence_the_character_speaks_first_once(tmp_path: Path) -> None:
    async with open_session_house(tmp_path) as house:
        sam = await house.runtime.person()
        chat = await house.begin(sam, first_message="Hello {{user}}, what do you want to know?")
        await house.say(sam, chat, "/echo hello")
        house.days_pass(2)
        await house.open(sam, chat)
        texts = await house.texts(sam, chat)
        assert len(texts) == 4
        assert "Sam" in texts[-1]
        told = [event for event in house.runtime.heard if isinstance(event, MessageAdded)][-1]
        assert (told.message.content, told.message.sender_type) == (texts[-1], SenderType.CHARACTER)
        house.days_pass(2)
        await house.open(sam, chat)
        assert len(await house.texts(sam, chat)) == 4, "nobody has answered yet"
        await house.say(sam, chat, "/echo back")
        house.days_pass(0.5)
        await house.open(sam, chat)
        assert len(await house.texts(sam, chat)) == 6, "that was no long absence"


async def test_nobody_is_greeted_where_nothing_was_said_or_it_is_switched_off(tmp_path: Path) -> None:
    async with open_session_house(tmp_path, welcome=GreetingRules(long_absence_seconds=0)) as house:
        sam = await house.runtime.person()
        chat = await house.begin(sam)
        await house.say(sam, chat, "/echo hello")
        house.days_pass(400)
        await house.open(sam, chat)
        assert len(await house.texts(sam, chat)) == 3


async def test_a_greeting_worded_by_a_model_is_made_ahead_and_kept_two_minutes(tmp_path: Path) -> None:
    async with open_session_house(tmp_path, welcome=GreetingRules(by_model=True)) as house:
        sam = await house.runtime.person()
        ada = await house.runtime.character(sam)
        first = await house.runtime.conversations.create(sam, [ada.id])
        await house.say(sam, first, "/echo hello")
        house.greetings.prepare(sam, ada)
        await eventually(lambda: house.greetings.made_by_model == 1)
        await eventually(lambda: not house.greetings._tasks)
        second = await house.runtime.conversations.create(sam, [ada.id])
        assert "whom you know" in (await house.texts(sam, second))[0], "the scripted model repeats what it was asked"
        house.greetings.prepare(sam, ada)
        await eventually(lambda: house.greetings.made_by_model == 2)
        await eventually(lambda: not house.greetings._tasks)
        await house.clock.advance(121)
        third = await house.runtime.conversations.create(sam, [ada.id])
        assert "whom you know" not in (await house.texts(sam, third))[0]


async def test_a_model_that_fails_delays_and_spoils_nothing(tmp_path: Path) -> None:
    class Failing(ScriptedModel):
        def stream(self, prompt):  # type: ignore[no-untyped-def]
            from dataclasses import replace

            from everkin.domain.prompt import PromptMessage

            return super().stream(replace(prompt, messages=(PromptMessage("user", "/fail"),)))

    async with open_session_house(tmp_path, welcome=GreetingRules(by_model=True)) as house:
        sam = await house.runtime.person()
        ada = await house.runtime.character(sam)
        first = await house.runtime.conversations.create(sam, [ada.id])
        await house.say(sam, first, "/echo hello")
        house.runtime.voice.model = Failing(SystemClock())
        house.greetings.prepare(sam, ada)
        await eventually(lambda: house.greetings.failed == 1)
        second = await house.runtime.conversations.create(sam, [ada.id])
        assert (await house.texts(sam, second))[0].startswith("Sam. ")
