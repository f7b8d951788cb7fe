"""Parts that journeys share."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from everkin.cache.entities import EntityCaches
from everkin.characters.service import CharacterService
from everkin.context.budget import Budget
from everkin.domain.caller import Caller, Role, User
from everkin.domain.character import Character, Persona
from everkin.domain.chat_model import ChatModel, TokenCounter
from everkin.domain.events import Event
from everkin.domain.ids import Millis, UserId, new_node_id, new_user_id
from everkin.domain.memory import Relationship
from everkin.domain.prompt import SamplingParams
from everkin.history.log_cache import HistoryCache
from everkin.kit.clock import Clock, SystemClock
from everkin.kit.hub import Hub
from everkin.llm.providers.scripted import ScriptedModel
from everkin.llm.registry.routing import Route, Situation
from everkin.llm.tokens import EstimateCounter
from everkin.memory.erasure import Erasure
from everkin.memory.facts.store import Changed, FactStore
from everkin.security.receipts import Signer
from everkin.services.conversations import ConversationService
from everkin.storage.local.cache import LocalCache
from everkin.storage.local.counts import LocalCounts
from everkin.storage.sql.record import Record, open_record
from everkin.turn.coalescing import Coalescing, TypingClock
from everkin.turn.inputs import PromptInputs
from everkin.turn.limits import RateLimits
from everkin.turn.presence import Presence
from everkin.turn.recovery import TurnRecovery
from everkin.turn.rules import TurnRules
from everkin.turn.turns import TurnService


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
    conversations: ConversationService
    characters: CharacterService
    watch: TurnRecovery
    presence: Presence
    voice: OneVoice
    heard: list[Event]
    events: Hub[Event]

    async def person(self, name: str = "Sam") -> Caller:
        user = await self.record.users.create(User(new_user_id(), name.lower(), name, Role.USER, Millis(1)))
        return Caller(UserId(user.id), user.role, name, "token", Millis(2**53))

    async def character(self, caller: Caller, **persona: object) -> Character:
        return await self.characters.create(
            caller, Persona(**{"name": "Ada", "first_message": "Hello {{user}}.", **persona})
        )  # type: ignore[arg-type]


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
        logs = HistoryCache(record.messages, keep=24)
        shelves = EntityCaches(record.characters, record.users, LocalCache(clock), clock)
        characters = CharacterService(record.characters, record.media, shelves, clock)
        voice = OneVoice(ScriptedModel(SystemClock()))
        presence = Presence(events)
        typing = TypingClock(clock, 3.0)
        turns = TurnService(
            messages=record.messages,
            logs=logs,
            characters=characters,
            gathering=PromptInputs(logs, characters, voice, Budget(), SamplingParams(), clock, 300.0),
            events=events,
            presence=presence,
            batching=Coalescing(clock, typing, 2.0),
            rates=RateLimits(rate, 10_000, LocalCounts(clock)),
            clock=clock,
            rules=rules,
            max_waiting=max_waiting,
        )
        keeping = FactStore(record.memories, clock, _hear_of_no_fold)
        forgetting = Erasure(record.erasing, None, keeping, record.proofs, Signer(b"k" * 32), clock)
        stack.push_async_callback(forgetting.close)
        conversations = ConversationService(
            conversations=record.conversations,
            messages=record.messages,
            logs=logs,
            characters=characters,
            turns=turns,
            typing=typing,
            events=events,
            clock=clock,
            max_message_length=2000,
            erasure=forgetting,
        )
        watch = TurnRecovery(turns, record.turns, logs, clock, rules, sole=True)
        stack.push_async_callback(turns.close)
        await watch.open()
        stack.push_async_callback(watch.close)
        yield Runtime(record, turns, conversations, characters, watch, presence, voice, heard, events)


async def _hear_of_no_fold(changed: Changed, relationship: Relationship) -> None:
    return


@pytest.fixture
async def runtime(tmp_path: Path) -> AsyncIterator[Runtime]:
    async with open_runtime(tmp_path) as opened:
        yield opened
