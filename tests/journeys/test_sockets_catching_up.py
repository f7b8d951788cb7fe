"""After a gap a client gets precisely what it missed, an answer in flight included."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from random import Random

import pytest

from everkin.domain.ids import new_node_id
from everkin.domain.prompt import Chunk, ChunkEnd, ChunkText, Prompt
from everkin.turn.rules import TurnRules
from tests.journeys.socket_house import PATIENCE, Ear, SocketHouse, eventually, open_socket_house, remember


class Prompter:
    """A model that says a word when the test gives it one, and ends at None."""

    name = "Prompter"

    def __init__(self) -> None:
        self._words: asyncio.Queue[str | None] = asyncio.Queue()

    def say(self, *words: str | None) -> None:
        for word in words:
            self._words.put_nowait(word)

    def stream(self, prompt: Prompt) -> AbstractAsyncContextManager[AsyncIterator[Chunk]]:
        return self._streaming()

    @asynccontextmanager
    async def _streaming(self) -> AsyncIterator[AsyncIterator[Chunk]]:
        async def words() -> AsyncGenerator[Chunk, None]:
            while (word := await self._words.get()) is not None:
                yield ChunkText(word)
            yield ChunkEnd("stop", "prompter", 1, 1)

        yield words()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[SocketHouse]:
    async with open_socket_house(tmp_path) as opened:
        yield opened


@pytest.fixture
def prompter(house: SocketHouse) -> Prompter:
    house.runtime.voice.model = prompter = Prompter()
    return prompter


async def heard_so_far(ear: Ear, length: int) -> str:
    """The id of the turn of which `length` characters have come."""
    await ear.until(lambda each: sum(len(body["text"]) for body in each.responses("delta")) >= length)
    turn: str = ear.responses("started")[0]["turnId"]
    return turn


async def test_missed_messages_come_once_and_in_order(house: SocketHouse) -> None:
    token = await house.token()
    conversation = await house.conversation(token)
    ear = await house.ear(token)
    for number in range(1, 4):
        await ear.ask("message:send", conversationId=conversation.id, content=f"/echo {number}")
        await ear.until_ended(number)
    caller = await house.caller(token)
    second = ear.bodies("message:received")[0]
    _, before = (await house.app.conversations.missed(caller, conversation.id, 0, None)).entries[:2]
    await house.app.conversations.edit(caller, second["id"], "changed since")
    away = await house.ear(token)
    joined = await away.ask(
        "conversation:join", conversationId=conversation.id, lastSeq=3, lastRevision=before.message.revision
    )
    assert (joined["missed"], joined["broughtSeq"], joined["more"]) == (4, 7, False)
    assert [body["seq"] for body in away.bodies("message:received")] == [4, 5, 6, 7]
    updated = {body["message"]["seq"]: body["message"]["content"] for body in away.bodies("message:updated")}
    assert updated[2] == "changed since"
    assert set(updated) <= {1, 2, 3}
    again = await away.ask(
        "conversation:join", conversationId=conversation.id, lastSeq=7, lastRevision=joined["conversation"]["revision"]
    )
    assert again["missed"] == 0
    assert len(away.heard) == 4 + len(updated)


async def test_an_answer_in_flight_goes_on_from_the_right_character(house: SocketHouse, prompter: Prompter) -> None:
    token = await house.token()
    conversation = await house.conversation(token)
    ear = await house.ear(token)
    await ear.ask("message:send", conversationId=conversation.id, content="hello")
    prompter.say("Thé \U0001f98a ")
    turn = await heard_so_far(ear, 6)
    await ear.close()
    prompter.say("kettle ")
    watching = await house.ear(token)
    await watching.ask("conversation:join", conversationId=conversation.id)
    await heard_so_far(watching, 13)
    assert watching.responses("delta")[0]["text"].startswith("Thé \U0001f98a ")

    back = await house.ear(token)
    await back.ask("conversation:join", conversationId=conversation.id, lastSeq=2, turnId=turn, offset=6)
    anew = await house.ear(token)
    await anew.ask("conversation:join", conversationId=conversation.id, lastSeq=2)
    prompter.say("sings.", None)
    await back.until_ended()
    await anew.until_ended()
    assert back.responses("started") == []
    assert back.responses("delta")[0]["offset"] == 6
    assert "".join(body["text"] for body in back.responses("delta")) == "kettle sings."
    assert anew.spoken(turn) == "Thé \U0001f98a kettle sings." == anew.ends()[0]["message"]["content"]
    for each in (back, anew):
        assert [body["seq"] for body in each.bodies("message:received")] == [3]
        assert each.story()[-2:] == ["message:received", "completed"]


async def test_whoever_joins_in_the_middle_of_a_stream_hears_every_character_once(tmp_path: Path) -> None:
    """Many joins at random moments of a stream of hundreds of deltas; Ear.spoken finds any gap or overlap."""
    rules = TurnRules(node=new_node_id(), flush_seconds=0.0)
    random = Random(7)
    async with open_socket_house(tmp_path, rules=rules) as house:
        prompter = house.runtime.voice.model = Prompter()
        token = await house.token()
        conversation = await house.conversation(token)
        speaker = await house.ear(token)
        await speaker.ask("message:send", conversationId=conversation.id, content="go on")
        ears = [await house.ear(token) for _ in range(12)]

        async def join(ear: Ear) -> None:
            for _ in range(random.randrange(60)):
                await asyncio.sleep(0)
            await ear.ask("conversation:join", conversationId=conversation.id, lastSeq=random.randrange(3))

        async def speak() -> None:
            for number in range(400):
                prompter.say(f"{number} ")
                await asyncio.sleep(0)
            prompter.say("end", None)

        await asyncio.gather(speak(), *(join(ear) for ear in ears))
        for ear in (speaker, *ears):
            await ear.until_ended()
            (end,) = ear.ends()
            if ear.responses("started"):
                assert ear.spoken(end["turnId"]) == end["message"]["content"]
            seqs = [body["seq"] for body in ear.bodies("message:received")]
            assert seqs == sorted(set(seqs))
            assert seqs[-1] == 3


async def test_a_turn_taken_up_after_a_crash_is_heard_anew(tmp_path: Path) -> None:
    async with open_socket_house(tmp_path) as house:
        prompter = house.runtime.voice.model = Prompter()
        token = await house.token()
        conversation = await house.conversation(token)
        ear = await house.ear(token)
        await ear.ask("message:send", conversationId=conversation.id, content="/slow What did you say?")
        prompter.say("Once ")
        turn = await heard_so_far(ear, 5)
    async with open_socket_house(tmp_path) as house:
        ear = await house.ear(await house.token())
        await eventually(lambda: len(house.app.turns.live(conversation.id)[0].text) > 5)
        await ear.ask("conversation:join", conversationId=conversation.id, lastSeq=2, turnId=turn, offset=5)
        await ear.ask("message:stop", conversationId=conversation.id)
        await ear.until_ended()
        assert ear.responses("delta")[0]["offset"] == 0
        (end,) = ear.ends()
        assert ear.spoken(turn).rstrip() == end["message"]["content"]
        assert [body["seq"] for body in ear.bodies("message:received")] == [3]


async def test_a_gap_of_thousands_is_brought_page_by_page(house: SocketHouse) -> None:
    token = await house.token()
    caller = await house.caller(token)
    conversation = await house.conversation(token)

    texts = [f"line {number}" for number in range(2300)]
    await asyncio.gather(*(remember(house.runtime.record, conversation, caller, text) for text in texts))
    ear = await house.ear(token)
    async with asyncio.timeout(PATIENCE):
        joined = await ear.ask("conversation:join", conversationId=conversation.id, lastSeq=1)
    assert (joined["missed"], joined["broughtSeq"], joined["more"]) == (2300, 2301, False)
    assert [body["seq"] for body in ear.bodies("message:received")] == list(range(2, 2302))
