"""A whole house whose model keeps every prompt it was shown, on a clock turned by hand: jobs run when a test says so."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from aiohttp import web

from everkin.app import App
from everkin.domain.caller import Caller
from everkin.domain.character import Character, Persona
from everkin.domain.conversation import Conversation
from everkin.domain.ids import Millis, UserId
from everkin.domain.memory import Fact
from everkin.domain.record import LogEntry
from everkin.kit.clock import ManualClock, SystemClock
from everkin.security.tokens import new_family
from everkin.settings import load_settings
from everkin.wiring.app import open_app
from tests.contracts.upstream import DONE, USAGE, Handler, Upstream, open_upstream, piece, sends

SECRET = "0123456789abcdef0123456789abcdef"
PASSWORD = "a kettle, a lamp and the sea"
HOUR, DAY = 3600.0, 86_400.0
PATIENCE = 120.0
"""Seconds after which a test that hangs is given up. Nothing is measured by it."""

_COMPANY = re.compile(r"next lines of (.+?) in a conversation")


def shown(body: dict[str, Any]) -> str:
    """A prompt as one text."""
    return "\n".join(str(message["content"]) for message in body["messages"])


def head(body: dict[str, Any]) -> str:
    """What the model is told to be."""
    return str(body["messages"][0]["content"])


async def answers(request: web.Request) -> web.StreamResponse:
    """Says next to nothing; in company a line for each who is asked."""
    together = _COMPANY.search(head(await request.json()))
    names = re.split(r", | and ", together[1]) if together else []
    text = "\n".join(f"{name}: I see." for name in names) or "I see."
    return await sends(piece(text), piece(finish="stop"), USAGE, DONE)(request)


class RunningClock(SystemClock):
    """Goes by itself, and can be set forward: for houses whose parts have to come back by themselves."""

    _start = 0

    def now(self) -> Millis:
        return Millis(super().now() + self._start)


@dataclass
class MemoryHouse:
    app: App
    clock: ManualClock | RunningClock
    upstream: Upstream

    @property
    def prompts(self) -> list[dict[str, Any]]:
        return self.upstream.bodies

    async def owner(self) -> Caller:
        return await self.app.accounts.caller_of((await self.app.accounts.owner_tokens()).access)

    async def person(self, name: str) -> Caller:
        user = await self.app.accounts.add_user(f"{name.lower()}-{new_family()[:8]}", PASSWORD, name)
        return Caller(user.id, user.role, name, "token", Millis(2**53))

    async def character(self, caller: Caller, name: str = "Ada", **persona: Any) -> Character:
        return await self.app.characters.create(caller, Persona(name, description=f"{name} keeps bees.", **persona))

    async def begin(self, caller: Caller, *cast_: Character, people: Sequence[UserId] = ()) -> Conversation:
        return await self.app.conversations.create(caller, [each.id for each in cast_], people=people)

    async def say(self, caller: Caller, conversation: Conversation, text: str) -> list[dict[str, Any]]:
        """The prompts it took. A minute passes."""
        before = len(self.prompts)
        async with asyncio.timeout(PATIENCE), self.app.turns.saying(caller, conversation.id, text) as (_, events):
            kinds = [type(event).__name__ async for event in events]
        assert "TurnFailed" not in kinds, kinds
        async with asyncio.timeout(PATIENCE):
            while self.app.turns.live(conversation.id):
                await asyncio.sleep(0)
        self.passes(60)
        return self.prompts[before:]

    def passes(self, seconds: float) -> None:
        """The wall clock has gone on, and nobody was there to wake."""
        self.clock._start += round(seconds * 1000)

    async def settle(self) -> None:
        """All that is done after replies is done, and whatever was taken back is forgotten."""
        async with asyncio.timeout(PATIENCE):
            await self.app.memories._forgetting._tasks.drain(PATIENCE)
            await self.app.job_runner.settle()
            await self.app.memories._forgetting._tasks.drain(PATIENCE)
        assert not self.app.job_runner.failed

    async def known(self, caller: Caller, character: Character, *, past: bool = True) -> list[Fact]:
        return list(await self.app.memories.facts(caller, character.id, "me", past=past, limit=500))

    async def texts(self, caller: Caller, character: Character) -> set[str]:
        """What is still so."""
        return {fact.text for fact in await self.known(caller, character, past=False)}

    async def entries(self, caller: Caller, conversation: Conversation) -> Sequence[LogEntry]:
        return (await self.app.conversations.history(caller, conversation.id, limit=200)).entries

    async def figures(self) -> dict[str, float]:
        return (await self.app.health.parts())["memory"].figures


@asynccontextmanager
async def open_memory_house(
    data: Path, *, clock: ManualClock | RunningClock | None = None, answer: Handler = answers, **settings: Any
) -> AsyncIterator[MemoryHouse]:
    clock = clock or ManualClock()
    async with AsyncExitStack() as stack:
        upstream = await stack.enter_async_context(open_upstream(answer))
        told = {
            "model": "custom",
            "model_name": "test-1",
            "base_url": upstream.base_url,
            "by_model": False,
            "discover": False,
            "message_rate_limit": 0,
            "max_history_messages": 10,
            "batch_window_seconds": 0.0,
            "jwt_secret": SECRET,
            **settings,
        }
        loaded = load_settings({}, data / "no.env", data=data, **told)
        app = await stack.enter_async_context(open_app(loaded, cast(SystemClock, clock)))
        yield MemoryHouse(app, clock, upstream)
