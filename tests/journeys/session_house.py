"""The turn room with its sessions, welcomes and loading ahead, on a clock turned by hand."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from everkin.domain.caller import Caller
from everkin.domain.conversation import Conversation
from everkin.domain.events import TurnEvent
from everkin.kit.clock import HandClock
from everkin.turn.ahead import Ahead
from everkin.turn.hot import HotLogs
from everkin.turn.person_names import PersonNames
from everkin.turn.prepared import Prepared
from everkin.turn.sessions import SessionRules, Sessions
from everkin.turn.welcoming import WelcomeRules, Welcomes
from tests.journeys.conftest import Runtime, open_runtime

MINUTE = 60.0
DAY_MS = 86_400_000


@dataclass
class SessionHouse:
    runtime: Runtime
    clock: HandClock
    logs: HotLogs
    sessions: Sessions
    welcomes: Welcomes
    ahead: Ahead

    async def begin(self, caller: Caller, **persona: object) -> Conversation:
        character = await self.runtime.character(caller, **persona)
        return await self.runtime.conversing.create(caller, [character.id])

    async def say(self, caller: Caller, conversation: Conversation, text: str) -> list[TurnEvent]:
        async with asyncio.timeout(20), self.runtime.turns.saying(caller, conversation.id, text) as (_, events):
            said = [event async for event in events]
        await eventually(lambda: not self.runtime.turns.live(conversation.id))
        return said

    def days_pass(self, days: float) -> None:
        """As over a restart: the wall clock has gone on, and nobody was there to wake."""
        self.clock._start += round(days * DAY_MS)
        self.ahead._loaded.clear()

    async def open(self, caller: Caller, conversation: Conversation) -> None:
        """As a page does; returns when all that is loaded ahead is there."""
        await self.runtime.conversing.get(caller, conversation.id)
        assert await self.ahead.settled(20)

    async def texts(self, caller: Caller, conversation: Conversation) -> list[str]:
        log = await self.runtime.conversing.history(caller, conversation.id)
        assert [entry.message.seq for entry in log.entries] == list(range(1, len(log.entries) + 1))
        return [entry.message.content for entry in log.entries]


@asynccontextmanager
async def open_session_house(
    data: Path, *, welcome: WelcomeRules | None = None, rules: SessionRules | None = None
) -> AsyncIterator[SessionHouse]:
    clock = HandClock()
    async with open_runtime(data, clock=clock) as runtime:
        record, logs = runtime.record, runtime.turns._logs
        sessions = Sessions(
            logs=logs,
            conversations=record.conversations,
            messages=record.messages,
            counting=record.counting,
            turns=runtime.turns,
            cast=runtime.cast,
            voices=runtime.voice,
            clock=clock,
            rules=rules,
        )
        welcomes = Welcomes(
            conversations=record.conversations,
            greetings=record.greetings,
            logs=logs,
            cast=runtime.cast,
            voices=runtime.voice,
            announcing=runtime.turns.announcing,
            presence=runtime.presence,
            prepared=Prepared(runtime.cast._shelves.cache, clock),
            names=PersonNames(runtime.cast),
            clock=clock,
            rules=welcome or WelcomeRules(),
        )
        ahead = Ahead(logs, runtime.cast, sessions, welcomes, clock)
        runtime.conversing._ahead, runtime.conversing._welcomes = ahead, welcomes
        with runtime.events.listening(sessions.hear):
            yield SessionHouse(runtime, clock, logs, sessions, welcomes, ahead)
        for part in (ahead, welcomes, sessions):
            await part.close()


async def eventually(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0)
