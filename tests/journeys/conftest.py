"""Parts that journeys share."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from everkin.context.budget import Budget
from everkin.domain.caller import Caller, Role, User
from everkin.domain.character import Character, Persona
from everkin.domain.events import Event
from everkin.domain.ids import Millis, UserId, new_node_id, new_user_id
from everkin.domain.memory import Relationship
from everkin.domain.prompt import Draw
from everkin.kit.clock import Clock, SystemClock
from everkin.kit.hub import Hub
from everkin.memory.forgetting import Forgetting
from everkin.memory.keeping import Changed, Keeping
from everkin.model.port import ChatModel, TokenCounter
from everkin.model.providers.scripted import ScriptedModel
from everkin.model.routing import Route, Situation
from everkin.model.tokens import EstimateCounter
from everkin.storage.local.cache import LocalCache
from everkin.storage.local.counts import LocalCounts
from everkin.storage.sql.record import Record, open_record
from everkin.trust.receipts import Signer
from everkin.turn.batching import Batching, Typing
from everkin.turn.cast import Cast
from everkin.turn.conversing import Conversing
from everkin.turn.gather import Gathering
from everkin.turn.hot import HotLogs
from everkin.turn.presence import Presence
from everkin.turn.rates import Rates
from everkin.turn.shelves import Shelves
from everkin.turn.turns import TurnRules, TurnService
from everkin.turn.watching import TurnWatch


@dataclass
class OneVoice:
    """Every character speaks through one model."""

    model: ChatModel
    counter: TokenCounter = field(default_factory=EstimateCounter)

    def model_for(self, character: Character) -> ChatModel:
        return self.model

    def routed(self, character: Character, situation: Situation) -> tuple[ChatModel, Route]:
        return self.model, Route(self.model.name, "fast")

    def counter_for(self, character: Character) -> TokenCounter:
        return self.counter


@dataclass
class Runtime:
    """The turn room over a real record, without doors. `heard`: all events, in order."""

    record: Record
    turns: TurnService
    conversing: Conversing
    cast: Cast
    watch: TurnWatch
    presence: Presence
    voice: OneVoice
    heard: list[Event]
    events: Hub[Event]

    async def person(self, name: str = "Sam") -> Caller:
        user = await self.record.users.create(User(new_user_id(), name.lower(), name, Role.USER, Millis(1)))
        return Caller(UserId(user.id), user.role, name, "token", Millis(2**53))

    async def character(self, caller: Caller, **persona: object) -> Character:
        return await self.cast.create(caller, Persona(**{"name": "Ada", "first_message": "Hello {{user}}.", **persona}))  # type: ignore[arg-type]


@asynccontextmanager
async def open_runtime(
    data: Path, *, clock: Clock | None = None, rules: TurnRules | None = None, rate: int = 0, max_waiting: int = 32
) -> AsyncIterator[Runtime]:
    clock = clock or SystemClock()
    rules = rules or TurnRules(node=new_node_id(), flush_seconds=0.0)
    events: Hub[Event] = Hub()
    async with AsyncExitStack() as stack:
        record = await stack.enter_async_context(open_record("", data))
        heard: list[Event] = []

        async def hear(event: Event) -> None:
            heard.append(event)

        stack.enter_context(events.listening(hear))
        logs = HotLogs(record.messages, keep=24)
        shelves = Shelves(record.characters, record.users, LocalCache(clock), clock)
        cast = Cast(record.characters, record.media, shelves, clock)
        voice = OneVoice(ScriptedModel(SystemClock()))
        presence = Presence(events)
        typing = Typing(clock, 3.0)
        turns = TurnService(
            messages=record.messages,
            logs=logs,
            cast=cast,
            gathering=Gathering(logs, cast, voice, Budget(), Draw(), clock, 300.0),
            events=events,
            presence=presence,
            batching=Batching(clock, typing, 2.0),
            rates=Rates(rate, 10_000, LocalCounts(clock)),
            clock=clock,
            rules=rules,
            max_waiting=max_waiting,
        )
        keeping = Keeping(record.memories, clock, _hear_of_no_fold)
        forgetting = Forgetting(record.erasing, None, keeping, record.proofs, Signer(b"k" * 32), clock)
        stack.push_async_callback(forgetting.close)
        conversing = Conversing(
            conversations=record.conversations,
            messages=record.messages,
            logs=logs,
            cast=cast,
            turns=turns,
            typing=typing,
            events=events,
            clock=clock,
            max_message_length=2000,
            erasure=forgetting,
        )
        watch = TurnWatch(turns, record.turns, logs, clock, rules, sole=True)
        stack.push_async_callback(turns.close)
        await watch.open()
        stack.push_async_callback(watch.close)
        yield Runtime(record, turns, conversing, cast, watch, presence, voice, heard, events)


async def _hear_of_no_fold(changed: Changed, relationship: Relationship) -> None:
    return


@pytest.fixture
async def runtime(tmp_path: Path) -> AsyncIterator[Runtime]:
    async with open_runtime(tmp_path) as opened:
        yield opened
