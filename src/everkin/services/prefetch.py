"""Prefetch: loads the data of the next turn into the caches while a user views a conversation or starts typing."""

import logging
from collections import OrderedDict

from everkin.characters.service import CharacterService
from everkin.domain.caller import Caller
from everkin.domain.conversation import Conversation, ConversationStatus
from everkin.domain.errors import EverkinError
from everkin.domain.ids import ConversationId
from everkin.domain.memory import Pair
from everkin.history.log_cache import HistoryCache
from everkin.kit.clock import Clock
from everkin.kit.tasks import Tasks
from everkin.services.greetings import GreetingService
from everkin.services.sessions import SessionService
from everkin.turn.memory_port import MemoryPort, NoMemory

log = logging.getLogger("everkin.ahead")

FRESH_SECONDS = 5.0
"""Least interval between two prefetches of one conversation."""

MOST_AT_ONCE = 16
"""Concurrent prefetches; further ones are skipped, and the turn loads its data itself."""


class Prefetcher:
    """Prefetches in the background. `skipped` counts prefetches left out under load."""

    def __init__(
        self,
        logs: HistoryCache,
        characters: CharacterService,
        sessions: SessionService,
        greetings: GreetingService,
        clock: Clock,
        remembers: MemoryPort | None = None,
    ) -> None:
        self._remembers = remembers or NoMemory()
        self.skipped = 0
        self._logs = logs
        self._characters = characters
        self._sessions = sessions
        self._greeting_service = greetings
        self._clock = clock
        self._tasks = Tasks("loading ahead")
        self._loaded: OrderedDict[ConversationId, float] = OrderedDict()

    def opened(self, caller: Caller, conversation: Conversation) -> None:
        """Prefetch for a conversation that the caller has open. Performs no access check, returns at once, never
        raises."""
        if conversation.status is not ConversationStatus.ACTIVE:
            return
        self._sessions.opened(conversation)
        if self._is_fresh(conversation.id):
            return
        if len(self._tasks) >= MOST_AT_ONCE:
            self.skipped += 1
            return
        self._loaded[conversation.id] = self._clock.monotonic()
        self._tasks.start(self._load(caller, conversation))

    async def settled(self, seconds: float) -> bool:
        """Wait up to `seconds` for running prefetches and return whether all have finished."""
        return await self._tasks.drain(seconds)

    async def close(self) -> None:
        """Cancel running prefetches."""
        await self._tasks.close()

    async def _load(self, caller: Caller, conversation: Conversation) -> None:
        try:
            hot = await self._logs.get(conversation.id)
            await self._characters.names(hot.conversation)  # also loads the characters
            for character_id in hot.conversation.character_ids:
                await self._remembers.load_ahead(Pair(character_id, caller.user_id), conversation.id)
            await self._greeting_service.returned(caller, hot)
        except EverkinError as error:
            log.info("a conversation could not be loaded ahead: %s", error.code)

    def _is_fresh(self, conversation_id: ConversationId) -> bool:
        now = self._clock.monotonic()
        while self._loaded and next(iter(self._loaded.values())) <= now - FRESH_SECONDS:
            self._loaded.popitem(last=False)
        return conversation_id in self._loaded
