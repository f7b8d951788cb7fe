"""The real App in this process, before a provider in this process: for benchmarks that have to look inside both.

Everything is as shipped (SQLite with synchronous FULL, all policies, HTTP to the provider); only the sign-in is left out,
because people speak through the App as a door does.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from everkin.app import App
from everkin.domain.caller import Caller
from everkin.domain.conversation import Conversation
from everkin.domain.message import Message, SenderType
from everkin.domain.record import LogEntry
from everkin.kit.clock import SystemClock
from everkin.security.guests import caller_for
from everkin.settings import load_settings
from everkin.wiring.app import open_app

PATIENCE = 120.0
"""Seconds after which a household that does not come to rest is given up."""

PAGE = 200


@asynccontextmanager
async def open_house(
    folder: Path, base_url: str, *, clock: SystemClock | None = None, **settings: Any
) -> AsyncIterator[App]:
    """`settings` by field name over the defaults; the environment and `.env` are not read."""
    told = {
        "data": folder,
        "model": "custom",
        "base_url": base_url,
        "model_name": "bench-1",
        "discover": False,
        "message_rate_limit": 0,
        **settings,
    }
    async with open_app(load_settings({}, folder / "none.env", **told), clock) as app:
        yield app


async def owner(app: App) -> Caller:
    return await app.accounts.caller_of((await app.accounts.owner_tokens()).access)


async def people(app: App, names: Sequence[str]) -> list[Caller]:
    """Users of their own in the record."""
    host = (await owner(app)).user_id
    users = [await app.guests.of(host, name) for name in names]
    return [caller_for(user.id, user.name) for user in users]


async def at_rest(app: App) -> None:
    """Returns when every turn has ended."""
    async with asyncio.timeout(PATIENCE):
        while any(True for _ in app.turns.queues.all_requests()):
            await asyncio.sleep(0.002)


async def whole_log(app: App, caller: Caller, conversation: Conversation) -> list[LogEntry]:
    entries: list[LogEntry] = []
    while True:
        after = entries[-1].message.seq if entries else 0
        page = await app.conversations.history(caller, conversation.id, after=after, limit=PAGE)
        entries += page.entries
        if not page.more:
            return entries


def said_by_people(entries: Sequence[LogEntry]) -> list[LogEntry]:
    return [entry for entry in entries if entry.message.sender_type is SenderType.USER]


def replies(entries: Sequence[LogEntry]) -> list[Message]:
    """What characters answered; greetings answer nothing."""
    return [
        entry.message
        for entry in entries
        if entry.message.sender_type is SenderType.CHARACTER and entry.message.reply_to is not None
    ]


def last_line(body: dict[str, Any]) -> str:
    """What the person said last: the last line of their side of the prompt."""
    said = [message["content"] for message in body["messages"] if message["role"] == "user"]
    return str(said[-1]).rsplit("\n", 1)[-1]
