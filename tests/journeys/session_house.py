"""The turn room with its sessions, welcomes and loading ahead, on a clock turned by hand."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from everkin.domain.caller import Caller
from everkin.domain.conversation import Conversation
from everkin.domain.events import TurnEvent
from everkin.history.log_cache import HistoryCache
from everkin.kit.clock import ManualClock
from everkin.services.greeting_cache import GreetingCache
from everkin.services.greetings import GreetingRules, GreetingService
from everkin.services.prefetch import Prefetcher
from everkin.services.sessions import SessionRules, SessionService
from everkin.turn.person_names import PersonNames
from tests.journeys.conftest import Runtime, open_runtime

MINUTE = 60.0
DAY_MS = 86_400_000


@dataclass
class SessionHouse:
    runtime: Runtime
    clock: ManualClock
    logs: HistoryCache
    sessions: SessionService
    greetings: GreetingService
    prefetcher: Prefetcher

    async def begin(self, caller: Caller, **persona: object) -> Conversation:
        character = await self.runtime.character(caller, **persona)
        return await self.runtime.conversations.create(caller, [character.id])

    async def say(self, caller: Caller, conversation: Conversation, text: str) -> list[TurnEvent]:
        async with asyncio.timeout(20), self.runtime.turns.saying(caller, conversation.id, text) as (_, events):
            said = [event async for event in events]
        await eventually(lambda: not self.runtime.turns.live(conversation.id))
        return said

    def days_pass(self, days: float) -> None:
        """As over a restart: the wall clock has gone on, and nobody was there to wake."""
        self.clock._start += round(days * DAY_MS)
        self.prefetcher._loaded.clear()

    async def open(self, caller: Caller, conversation: Conversation) -> None:
        """As a page does; returns when all that is loaded ahead is there."""
        await self.runtime.conversations.get(caller, conversation.id)
        assert await self.prefetcher.settled(20)

    async def texts(self, caller: Caller, conversation: Conversation) -> list[str]:
        log = await self.runtime.conversations.history(caller, conversation.id)
        assert [entry.message.seq for entry in log.entries] == list(range(1, len(log.entries) + 1))
        return [entry.message.content for entry in log.entries]


@asynccontextmanager
async def open_session_house(
    data: Path, *, welcome: GreetingRules | None = None, rules: SessionRules | None = None
) -> AsyncIterator[SessionHouse]:
    clock = ManualClock()
    async with open_runtime(data, clock=clock) as runtime:
        record, logs = runtime.record, runtime.turns._logs
        sessions = SessionService(
            logs=logs,
            conversations=record.conversations,
            messages=record.messages,
            counting=record.counting,
            turns=runtime.turns,
            characters=runtime.characters,
            models=runtime.voice,
            clock=clock,
            rules=rules,
        )
        greetings = GreetingService(
            conversations=record.conversations,
            greetings=record.greetings,
            logs=logs,
            characters=runtime.characters,
            models=runtime.voice,
            announcing=runtime.turns.announcing,
            presence=runtime.presence,
            prepared=GreetingCache(runtime.characters._shelves.cache, clock),
            names=PersonNames(runtime.characters),
            clock=clock,
            rules=welcome or GreetingRules(),
        )
        prefetcher = Prefetcher(logs, runtime.characters, sessions, greetings, clock)
        runtime.conversations._prefetcher, runtime.conversations._greeting_service = prefetcher, greetings
        with runtime.events.listening(sessions.hear):
            yield SessionHouse(runtime, clock, logs, sessions, greetings, prefetcher)
        for part in (prefetcher, greetings, sessions):
            await part.close()


async def eventually(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0)
