"""Sessions: the conversations with recent activity, and the resources they use.

A session is not stored: it is a conversation whose history is cached in memory. After a minute without activity the
cached history is compressed, after half an hour it is dropped. A returning user continues without loss, since all
messages are on disk; the sweep checks this in the database before it drops a history.
"""

import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from everkin.analysis.message_analysis import analyse
from everkin.characters.service import CharacterService
from everkin.domain.caller import Caller
from everkin.domain.conversation import Conversation, ConversationStatus
from everkin.domain.errors import EverkinError, NotFound
from everkin.domain.events import ConversationChanged, Event, MessageAdded, PresenceChanged, TurnDelta, TypingChanged
from everkin.domain.ids import ConversationId, Millis, UserId
from everkin.domain.message import SenderType
from everkin.domain.record import Log
from everkin.domain.repositories import Conversations, Counting, Messages
from everkin.history.log_cache import HistoryCache
from everkin.kit.clock import Clock
from everkin.kit.release_memory import release_freed_memory
from everkin.kit.tasks import Tasks
from everkin.turn.model_router import ModelRouter
from everkin.turn.turns import TurnService

log = logging.getLogger("everkin.sessions")

MOST_LISTED = 200
"""Sessions returned by `active`."""
READ_FOR_STATS = 20
"""Newest messages read for the statistics of a conversation without a cached history."""


@dataclass(frozen=True, slots=True)
class SessionRules:
    """Settings of sessions."""

    idle_seconds: float = 1800.0
    """Inactivity after which a session ends."""
    sweep_seconds: float = 600.0
    """Interval of the sweep that ends idle sessions."""
    rest_seconds: float = 60.0
    """Interval in which inactive histories are compressed."""
    most: int = 65_536
    """Sessions kept at once; beyond it the one idle for longest ends."""


@dataclass(frozen=True, slots=True)
class Session:
    """A conversation with recent activity."""

    conversation: Conversation
    """The conversation."""
    last_activity: Millis
    """Unix milliseconds."""


@dataclass(frozen=True, slots=True)
class SessionStats:
    """Statistics of one conversation."""

    conversation: Conversation
    """The conversation."""
    live: bool
    """Whether it is a session on this node; False: it is in the database only."""
    messages: Mapping[str, int]
    """Number of messages by id of user or character."""
    emotion: str | None
    """Mood of the newest user message; None while there is none."""
    intensity: float
    """Intensity of that mood, 0..1."""
    model: str
    """Name of the model of the newest reply, else of the one that would answer."""
    last_activity: Millis | None
    """Unix milliseconds; None when it is no session."""
    cache_size: int
    """Messages in the cached history."""
    queue_size: int
    """Turns waiting in the queue."""
    active_requests: int
    """Turns being answered."""


@dataclass(frozen=True, slots=True)
class SessionTotals:
    """Counts over the sessions of all users."""

    live: int
    """Sessions."""
    awake: int
    """Cached histories that are not compressed."""
    resting: int
    """Cached histories that are compressed."""
    unsaved: int
    """Sessions a sweep ever found ahead of the database; any value but 0 is a bug in Everkin."""


@dataclass(slots=True)
class _Live:
    user_ids: tuple[UserId, ...]
    """The users of the conversation."""
    active_at: float
    """Time of the last activity, in monotonic seconds."""


class SessionService:
    """Tracks the sessions of this node."""

    def __init__(
        self,
        *,
        logs: HistoryCache,
        conversations: Conversations,
        messages: Messages,
        counting: Counting,
        turns: TurnService,
        characters: CharacterService,
        models: ModelRouter,
        clock: Clock,
        rules: SessionRules | None = None,
    ) -> None:
        self._logs = logs
        self._conversations = conversations
        self._messages = messages
        self._counting = counting
        self._turns = turns
        self._characters = characters
        self._models = models
        self._clock = clock
        self._rules = rules or SessionRules()
        self._live: OrderedDict[ConversationId, _Live] = OrderedDict()
        self._unsaved = 0
        self._tasks = Tasks("sessions")

    def open(self) -> None:
        """Start compressing and sweeping in the background, until `close`."""
        self._tasks.start(self._every(self._rules.rest_seconds, self.rest))
        self._tasks.start(self._every(self._rules.sweep_seconds, self.sweep))

    async def close(self) -> None:
        """Stop the background work."""
        await self._tasks.close()

    # -- activity -----------------------------------------------------------------------------------------------------

    async def hear(self, event: Event) -> None:
        """Handle an event of App.events. Messages and typing start a session; other activity only keeps it from
        becoming idle."""
        if isinstance(event, TurnDelta | PresenceChanged):
            return
        if isinstance(event, ConversationChanged) and event.conversation.status is not ConversationStatus.ACTIVE:
            self._forget(event.conversation_id)
        elif isinstance(event, MessageAdded | TypingChanged) or event.conversation_id in self._live:
            self._touch(event.conversation_id, event.audience)

    def opened(self, conversation: Conversation) -> None:
        """Record that a user views the conversation."""
        self._touch(conversation.id, conversation.user_ids)

    def house(self) -> SessionTotals:
        """Return the totals over all users."""
        return SessionTotals(len(self._live), self._logs.awake, self._logs.resting, self._unsaved)

    # -- public operations --------------------------------------------------------------------------------------------

    async def active(self, caller: Caller) -> list[Session]:
        """Return the caller's sessions, latest first, at most 200."""
        own = [(key, live) for key, live in reversed(self._live.items()) if caller.user_id in live.user_ids]
        sessions = []
        for conversation_id, live in own[:MOST_LISTED]:
            try:
                conversation = await self._conversations.get(conversation_id, caller.user_id)
            except NotFound:
                continue
            sessions.append(Session(conversation, self._wall(live)))
        return sessions

    async def stats(self, caller: Caller, conversation_id: str) -> SessionStats:
        """Return statistics of a conversation; this does not count as activity. Raises NotFound."""
        conversation = await self._conversations.get(ConversationId(conversation_id), caller.user_id)
        counts = await self._counting.by_sender(conversation.id, caller.user_id)
        hot = self._logs.peek(conversation.id)
        newest = hot or await self._messages.recent(conversation.id, caller.user_id, READ_FOR_STATS)
        live = self._live.get(conversation.id)
        answers = self._turns.live(conversation.id)
        speaking = sum(answer.started for answer in answers)
        emotion, intensity = _emotion(newest)
        return SessionStats(
            conversation=conversation,
            live=live is not None,
            messages=counts,
            emotion=emotion,
            intensity=intensity,
            model=await self._model(newest),
            last_activity=self._wall(live) if live is not None else None,
            cache_size=len(hot.entries) if hot is not None else 0,
            queue_size=len(answers) - speaking,
            active_requests=speaking,
        )

    async def resume(self, caller: Caller, conversation_id: str) -> Log:
        """Load a conversation's history into the cache and return it. Raises NotFound."""
        conversation = await self._conversations.get(ConversationId(conversation_id), caller.user_id)
        self.opened(conversation)
        return await self._logs.get(conversation.id)

    async def save(self, caller: Caller, conversation_id: str) -> Conversation:
        """Compare a conversation's cached history with the database and return the conversation.

        All of it is always stored: a message before it is answered, a reply before its turn ends; a difference is
        logged and counted. Raises NotFound; StorageUnavailable when the database cannot be read.
        """
        conversation = await self._conversations.get(ConversationId(conversation_id), caller.user_id)
        await self._check_saved([conversation.id])
        return conversation

    async def clear(self, caller: Caller, conversation_id: str) -> int:
        """Drop the cached history, stop the running turns and return their number. Stored data is kept.

        Raises NotFound.
        """
        conversation = await self._conversations.get(ConversationId(conversation_id), caller.user_id)
        stopped = self._turns.stop_all(conversation.id)
        self._forget(conversation.id)
        return stopped

    async def rest(self) -> int:
        """Compress the histories without activity since the last call and return their number."""
        packed = await self._logs.rest()
        if packed:
            await release_freed_memory()
        return packed

    async def sweep(self) -> int:
        """End the sessions idle for `idle_seconds` that are fully stored and return their number."""
        idle_since = self._clock.monotonic() - self._rules.idle_seconds
        idle: list[ConversationId] = []
        for conversation_id, live in self._live.items():
            if live.active_at > idle_since:
                break
            if not self._turns.live(conversation_id):
                idle.append(conversation_id)
        unsaved = await self._check_saved(idle)
        dropped = 0
        for conversation_id in idle:
            still = self._live.get(conversation_id)
            if still is not None and still.active_at <= idle_since and conversation_id not in unsaved:
                self._forget(conversation_id)
                dropped += 1
        self._logs.keep_only(self._live)
        if dropped:
            await release_freed_memory()
        return dropped

    # -- internals ----------------------------------------------------------------------------------------------------

    async def _check_saved(self, conversation_ids: list[ConversationId]) -> set[ConversationId]:
        """Return the conversations whose cached history is ahead of the database, which no write path should cause."""
        copies = [(each, revision) for each in conversation_ids if (revision := self._logs.revision(each)) is not None]
        stored = await self._counting.revisions([each for each, _ in copies])
        unsaved = {each for each, revision in copies if each in stored and revision > stored[each]}
        if unsaved:
            self._unsaved += len(unsaved)
            log.error("%d sessions hold more than the record; they are kept", len(unsaved))
        return unsaved

    async def _model(self, newest: Log) -> str:
        for entry in reversed(newest.entries):
            named = entry.message.metadata.get("model")
            if entry.message.sender_type is SenderType.CHARACTER and isinstance(named, str):
                return named
        character = await self._characters.known(newest.conversation.character_ids[0])
        return self._models.model_for(character).name

    def _touch(self, conversation_id: ConversationId, user_ids: tuple[UserId, ...]) -> None:
        live = self._live.get(conversation_id)
        if live is None:
            live = self._live[conversation_id] = _Live(user_ids, 0.0)
        live.active_at = self._clock.monotonic()
        self._live.move_to_end(conversation_id)
        while len(self._live) > self._rules.most:
            oldest, _ = self._live.popitem(last=False)
            self._logs.drop(oldest)

    def _forget(self, conversation_id: ConversationId) -> None:
        self._live.pop(conversation_id, None)
        self._logs.drop(conversation_id)

    def _wall(self, live: _Live) -> Millis:
        return Millis(self._clock.now() - round((self._clock.monotonic() - live.active_at) * 1000))

    async def _every(self, seconds: float, work: Callable[[], Awaitable[int]]) -> None:
        while True:
            await self._clock.sleep(seconds)
            try:
                await work()
            except EverkinError as error:
                log.warning("sessions are looked after again later: %s", error)


def _emotion(newest: Log) -> tuple[str | None, float]:
    """Return the mood and intensity of the newest user message, from its metadata or by analysing it."""
    for entry in reversed(newest.entries):
        message = entry.message
        if message.sender_type is not SenderType.USER or not message.content:
            continue
        mood, intensity = message.metadata.get("mood"), message.metadata.get("intensity")
        if isinstance(mood, str):
            return mood, float(intensity) if isinstance(intensity, int | float) else 0.0
        felt = analyse(message.content).emotion
        return felt.kind.value, felt.intensity
    return None, 0.0
