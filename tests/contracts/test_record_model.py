"""The record against a plain model: whatever people and nodes do, seq, revision, receipts and unread come out as counted
by hand."""

import asyncio
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from everkin.domain import ids
from everkin.domain.errors import Conflict, EverkinError, KeyReused
from everkin.domain.ids import Millis
from everkin.domain.message import MessageStatus
from everkin.domain.record import Appended, Outcome
from everkin.domain.turn import Turn, TurnState
from everkin.storage.sql.record import open_record
from tests.contracts.record_scene import LEASE, NODE, Scene

place = st.integers(0, 6)
texts = st.sampled_from(["", "a", "b", "ü 🎉"])
steps = st.one_of(
    st.tuples(st.just("say"), texts.filter(bool), st.sampled_from([None, "k1", "k2"])),
    st.tuples(st.just("finish"), place, st.sampled_from(list(TurnState)[1:]), texts),
    st.tuples(st.just("again"), place),
    st.tuples(st.just("edit"), place, texts.filter(bool)),
    st.tuples(st.just("delete"), place),
    st.tuples(st.just("read"), st.integers(-1, 9)),
    st.tuples(st.just("delivered"), st.integers(-1, 9)),
    st.tuples(st.just("archive"), st.booleans()),
)


@dataclass
class Said:
    id: str
    mine: bool
    content: str
    status: MessageStatus
    revision: int
    key: str | None = None
    first_content: str = ""
    changed: bool = False
    deleted: bool = False
    turn: Turn | None = None


@dataclass
class Model:
    """One conversation, and the messages in it: `log[n]` has seq n + 1."""

    revision: int
    log: list[Said] = field(default_factory=list)
    read: int = 0
    archived: bool = False

    def step(self, *changed: Said) -> None:
        self.revision += 1
        for said in changed:
            said.revision = self.revision

    def add(self, said: Said) -> Said:
        self.log.append(said)
        return said

    @property
    def unread(self) -> int:
        return sum(not said.mine and not said.deleted for said in self.log[self.read :])

    def mark(self, up_to: int, status: MessageStatus, open_: set[MessageStatus]) -> None:
        reached = self.log[: max(0, up_to)]
        changed = [said for said in reached if not said.mine and not said.deleted and said.status in open_]
        if changed:
            self.step(*changed)
            for said in changed:
                said.status = status


class Play:
    """Takes each step with the record and with the model."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.model = Model(scene.conversation.revision)

    async def take(self, step: tuple[Any, ...]) -> None:
        kind, *given_ = step
        await getattr(self, kind)(*given_)

    async def say(self, content: str, key: str | None) -> None:
        model = self.model
        first = next((said for said in model.log if key is not None and said.key == key), None)
        refusal: type[EverkinError] | None = None
        if first is not None and not first.changed and first.first_content != content:
            refusal = KeyReused
        elif first is None and model.archived:
            refusal = Conflict
        if refusal is not None:
            with pytest.raises(refusal):
                await self.scene.say(content, client_id=key)
            return
        appended = await self.scene.say(content, client_id=key)
        assert appended.duplicate == (first is not None)
        if first is not None:
            assert appended.message.id == first.id
            return
        said = Said(appended.message.id, True, content, MessageStatus.DELIVERED, 0, key, content)
        said.turn = appended.turns[0]
        model.step(model.add(said))

    async def finish(self, at: int, state: TurnState, content: str) -> None:
        asked = self._asked(at)
        if asked is None or asked.turn is None:
            return
        outcome = Outcome(asked.turn.id, NODE, state, ids.new_message_id(), content, self.scene.now())
        finished = await self.scene.record.messages.finish(outcome)
        if asked.turn.state is not TurnState.PENDING:
            assert finished is None
            return
        assert finished is not None
        ended = TurnState.STOPPED if asked.deleted else state
        speaks = not asked.deleted and (state is TurnState.COMPLETED or (state is TurnState.STOPPED and content != ""))
        replies = [self.model.add(Said(outcome.reply_id, False, content, MessageStatus.SENT, 0))] if speaks else []
        self.model.step(asked, *replies)
        if not asked.deleted and state is not TurnState.FAILED:
            asked.status = MessageStatus.READ
        assert finished.turn.state is ended
        asked.turn = finished.turn

    async def again(self, at: int) -> None:
        asked = self._asked(at)
        if asked is None or asked.turn is None:
            return
        turn, now = asked.turn, self.scene.now()
        call = self.scene.record.messages.again(
            ids.MessageId(asked.id), self.scene.anna.id, ids.new_turn_id(), NODE, Millis(now + LEASE), now
        )
        silent = turn.state is TurnState.STOPPED and turn.reply_id is None
        if asked.deleted or self.model.archived or not (silent or turn.state is TurnState.FAILED):
            with pytest.raises(Conflict):
                await call
            return
        self.model.step(asked)
        asked.turn = (await call).turns[0]
        assert asked.turn.attempt == turn.attempt + 1

    async def edit(self, at: int, content: str) -> None:
        said = self._any(at)
        if said is None:
            return
        call = self.scene.record.messages.edit(ids.MessageId(said.id), self.scene.anna.id, content, self.scene.now())
        if said.deleted:
            with pytest.raises(Conflict):
                await call
            return
        await call
        said.content, said.changed = content, True
        self.model.step(said)

    async def delete(self, at: int) -> None:
        said = self._any(at)
        if said is None:
            return
        gone: Appended = await self.scene.record.messages.delete(
            ids.MessageId(said.id), self.scene.anna.id, self.scene.now()
        )
        if not said.deleted:
            said.content, said.changed, said.deleted = "", True, True
            self.model.step(said)
        assert gone.message.revision == said.revision

    async def read(self, up_to: int) -> None:
        await self.scene.record.messages.mark_read(
            self.scene.conversation.id, self.scene.anna.id, up_to, self.scene.now()
        )
        self.model.read = max(self.model.read, min(up_to, len(self.model.log)))
        self.model.mark(up_to, MessageStatus.READ, {MessageStatus.SENT, MessageStatus.DELIVERED})

    async def delivered(self, up_to: int) -> None:
        await self.scene.record.messages.mark_delivered(
            self.scene.conversation.id, self.scene.anna.id, up_to, self.scene.now()
        )
        self.model.mark(up_to, MessageStatus.DELIVERED, {MessageStatus.SENT})

    async def archive(self, archived: bool) -> None:
        status = "archived" if archived else "active"
        here = self.scene.conversation.id
        await self.scene.record.conversations.update(here, self.scene.anna.id, self.scene.now(), status=status)
        self.model.archived = archived
        self.model.step()

    async def compare(self, before: int, last_seq: int) -> None:
        """The whole log, what is unread, and what somebody who knew revision `before` would be brought."""
        model, scene = self.model, self.scene
        log = await scene.record.messages.recent(scene.conversation.id, scene.anna.id, 100)
        conversation = log.conversation
        assert conversation.revision == model.revision
        assert conversation.last_seq == len(model.log)
        assert conversation.message_count == sum(not said.deleted for said in model.log)
        assert conversation.head_id == (model.log[-1].id if model.log else None)
        assert await scene.record.conversations.unread(conversation.id, scene.anna.id) == model.unread
        shown = [
            (entry.message.seq, entry.message.id, entry.message.content, entry.message.status, entry.message.revision)
            for entry in log.entries
        ]
        assert shown == [
            (seq, said.id, said.content, said.status, said.revision) for seq, said in enumerate(model.log, 1)
        ]
        states = [entry.turns[0].state if entry.turns else None for entry in log.entries]
        assert states == [said.turn.state if said.turn else None for said in model.log]
        missed = await scene.record.messages.missed(conversation.id, scene.anna.id, last_seq, before, 100)
        expected = [seq for seq, said in enumerate(model.log, 1) if seq > last_seq or said.revision > before]
        assert [entry.message.seq for entry in missed.entries] == expected

    def _any(self, at: int) -> Said | None:
        return self.model.log[at % len(self.model.log)] if self.model.log else None

    def _asked(self, at: int) -> Said | None:
        mine = [said for said in self.model.log if said.mine]
        return mine[at % len(mine)] if mine else None


async def play(url: str, folder: Path, story: list[tuple[Any, ...]]) -> None:
    async with asyncio.timeout(60), open_record(url, folder) as record:
        played = Play(await Scene.set_up(record))
        for step in story:
            before, last_seq = played.model.revision, len(played.model.log)
            await played.take(step)
            await played.compare(before, last_seq)


@given(story=st.lists(steps, min_size=1, max_size=30))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_on_sqlite(sqlite_template: Path, story: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(sqlite_template, folder, dirs_exist_ok=True)
        asyncio.run(play("", Path(folder), story))


@given(story=st.lists(steps, min_size=1, max_size=30))
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_on_postgres(migrated_postgres: str, story: list[tuple[Any, ...]]) -> None:
    with psycopg.connect(migrated_postgres, autocommit=True) as connection:
        connection.execute("DELETE FROM users")
        connection.execute("DELETE FROM characters")
    asyncio.run(play(migrated_postgres, Path(), story))
