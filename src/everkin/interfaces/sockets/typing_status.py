"""Typing state of users, over all their devices. It ends by itself when no device renews it."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from everkin.domain.caller import Caller
from everkin.domain.errors import EverkinError
from everkin.domain.ids import UserId
from everkin.interfaces.sockets.connections import Connection
from everkin.kit.clock import Clock
from everkin.kit.tasks import Tasks
from everkin.services.conversations import ConversationService


@dataclass(slots=True, eq=False)
class TypingEntry:
    """One user in one conversation."""

    caller: Caller
    """The user."""
    conversation_id: str
    """The conversation's id."""
    until: dict[Connection, float] = field(default_factory=dict)
    """When each device's typing expires (monotonic seconds)."""
    ending: asyncio.Task[Any] | None = None
    """The task that ends it at that time."""


class TypingStatus:
    def __init__(self, conversations: ConversationService, clock: Clock, timeout_ms: int) -> None:
        self._conversing = conversations
        self._clock = clock
        self._timeout = timeout_ms / 1000
        self._tasks = Tasks("typing")
        self._typing: dict[tuple[UserId, str], TypingEntry] = {}

    async def start(self, line: Connection, caller: Caller, conversation_id: str) -> None:
        """Start typing on one device. Raises NotFound for a conversation the caller is not in."""
        key = (caller.user_id, conversation_id)
        if key not in self._typing:
            await self._conversing.typing(caller, conversation_id, True)
        typing = self._typing.setdefault(key, TypingEntry(caller, conversation_id))
        typing.until[line] = self._clock.monotonic() + self._timeout
        line.typing.add(conversation_id)
        if typing.ending is None:
            typing.ending = self._tasks.start(self._lapse(typing))

    async def stop(self, line: Connection, caller: Caller, conversation_id: str) -> None:
        """Stop typing on one device. Other devices of the user may still be typing."""
        line.typing.discard(conversation_id)
        typing = self._typing.get((caller.user_id, conversation_id))
        if typing is not None and typing.until.pop(line, None) is not None and not typing.until:
            if typing.ending is not None:
                typing.ending.cancel()
            await self._end(typing)

    async def left(self, line: Connection, caller: Caller) -> None:
        for conversation_id in tuple(line.typing):
            await self.stop(line, caller, conversation_id)

    async def close(self) -> None:
        await self._tasks.close()

    async def _lapse(self, typing: TypingEntry) -> None:
        while typing.until:
            now = self._clock.monotonic()
            for line, until in tuple(typing.until.items()):
                if until <= now:
                    del typing.until[line]
                    line.typing.discard(typing.conversation_id)
            if typing.until:
                await self._clock.sleep(min(typing.until.values()) - now)
        await self._end(typing)

    async def _end(self, typing: TypingEntry) -> None:
        self._typing.pop((typing.caller.user_id, typing.conversation_id), None)
        try:
            await self._conversing.typing(typing.caller, typing.conversation_id, False)
        except EverkinError:
            return  # the conversation is gone, and with it everyone to inform
