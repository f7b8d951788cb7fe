"""Whatever was said, edited, deleted and switched, memory is what it would be had only what stands now ever been said."""

import asyncio
import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from everkin.domain.ids import MessageId
from everkin.domain.memory import MemoryKind
from everkin.storage.sql.record import open_record
from tests.contracts.memory_scene import Remembering
from tests.contracts.record_scene import Scene

places = st.integers(0, 30)
steps = st.one_of(
    st.just(("say", 0)),
    st.just(("work", 0)),
    st.tuples(st.just("edit"), places),
    st.tuples(st.just("delete"), places),
    st.tuples(st.just("switch"), places),
)


class Tree:
    """The log as it should stand: id -> (parent, words); None for what was deleted."""

    def __init__(self) -> None:
        self.parents: dict[MessageId, MessageId | None] = {}
        self.words: dict[MessageId, str | None] = {}
        self.head: MessageId | None = None

    def at(self, place: int) -> MessageId | None:
        left = [each for each, words in self.words.items() if words is not None]
        return left[place % len(left)] if left else None

    def standing(self) -> list[str]:
        found, at = [], self.head
        while at is not None:
            if (words := self.words[at]) is not None:
                found.append(words)
            at = self.parents[at]
        return found[::-1]


class Play:
    def __init__(self, scene: Scene) -> None:
        self.scene, self.jobs, self.tree, self.said = scene, Remembering(scene), Tree(), 0

    async def take(self, kind: str, place: int) -> None:
        if kind == "say":
            await self.say()
        elif kind == "work":
            await self.jobs.work()
        elif (message_id := self.tree.at(place)) is not None:
            await self.change(kind, message_id)

    async def say(self) -> None:
        words = self.fresh()
        message = (await self.scene.say(words, answered=False)).message
        assert message.parent_id == self.tree.head
        self.tree.parents[message.id], self.tree.words[message.id] = self.tree.head, words
        self.tree.head = message.id

    async def change(self, kind: str, message_id: MessageId) -> None:
        record, anna, now = self.scene.record, self.scene.anna.id, self.scene.now()
        if kind == "edit":
            self.tree.words[message_id] = self.fresh()
            await record.messages.edit(message_id, anna, self.tree.words[message_id] or "", now)
        elif kind == "delete":
            self.tree.words[message_id] = None
            await record.messages.delete(message_id, anna, now)
        else:
            self.tree.head = message_id
            await record.conversations.switch(self.scene.conversation.id, anna, message_id, now)

    def fresh(self) -> str:
        self.said += 1
        return f"word {self.said}"

    async def compare(self) -> None:
        await self.jobs.work()
        standing = self.tree.standing()
        assert await self.jobs.facts() == sorted(f"said: {words}" for words in standing)
        _, found = await self.scene.record.recalling.memories(self.jobs.pair, {})
        assert [each.text for each in found if each.kind is MemoryKind.MESSAGE] == standing
        assert len(await self.scene.record.memories.bond_events(self.jobs.pair)) == len(standing)
        summed = "; ".join(each.text for each in found if each.kind is MemoryKind.SUMMARY)
        left = {f"word {number}" for number in range(1, self.said + 1)} - set(standing)
        assert not {words for words in left if words in summed.replace("They said: ", "").split("; ")}


async def play(folder: Path, story: list[tuple[str, int]]) -> None:
    async with asyncio.timeout(60), open_record("", folder) as record:
        played = Play(await Scene.set_up(record))
        for kind, place in story:
            await played.take(kind, place)
        await played.compare()


@given(story=st.lists(steps, min_size=3, max_size=25))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_memory_equals_a_replay(sqlite_template: Path, story: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(sqlite_template, folder, dirs_exist_ok=True)
        asyncio.run(play(Path(folder), story))
