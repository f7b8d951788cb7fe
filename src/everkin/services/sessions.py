"""Live sessions: the conversations somebody has been active in lately, and what they cost.

A session is no record of its own: it is a conversation whose hot copy is kept near. After a minute of silence that copy is
packed, after half an hour it is dropped, and whoever comes back resumes where they left off, since everything was on disk
all along. The sweep asks the record whether that is so before it lets go of anything.
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
READ_FOR_STATS = 20


@dataclass(frozen=True, slots=True)
class SessionRules:
    """Seconds."""

    idle_seconds: float = 1800.0
    sweep_seconds: float = 600.0
    rest_seconds: float = 60.0
    most: int = 65_536
    """Sessions kept at once; beyond it the one idle for longest is let go."""


@dataclass(frozen=True, slots=True)
class Session:
    conversation: Conversation
    last_activity: Millis


@dataclass(frozen=True, slots=True)
class SessionStats:
    conversation: Conversation
    live: bool
    messages: Mapping[str, int]
    """By id of user or character."""
    emotion: str | None
    """(and its intensity 0..1) of the newest message of a person; None while no person has said anything."""
    intensity: float
    model: str
    last_activity: Millis | None
    """None, `live` False: the conversation is in the record alone."""
    cache_size: int
    """Messages in the hot copy."""
    queue_size: int
    """Answers that wait."""
    active_requests: int
    """Answers being spoken."""


@dataclass(frozen=True, slots=True)
class SessionTotals:
    """Counts over everybody's. `awake` and `resting`: hot copies, whole and packed."""

    live: int
    awake: int
    resting: int
    unsaved: int
    """Sessions a sweep ever found ahead of the record; anything but 0 is a fault of Everkin's."""


@dataclass(slots=True)
class _Live:
    user_ids: tuple[UserId, ...]
    active_at: float


class SessionService:
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
        """Starts resting and sweeping in the background, until `close`."""
        self._tasks.start(self._every(self._rules.rest_seconds, self.rest))
        self._tasks.start(self._every(self._rules.sweep_seconds, self.sweep))

    async def close(self) -> None:
        await self._tasks.close()

    # -- activity -----------------------------------------------------------------------------------------------------

    async def hear(self, event: Event) -> None:
        """Listens to App.events. A person's doings begin a session; a character's only keep it from growing idle."""
        if isinstance(event, TurnDelta | PresenceChanged):
            return
        if isinstance(event, ConversationChanged) and event.conversation.status is not ConversationStatus.ACTIVE:
            self._forget(event.conversation_id)
        elif isinstance(event, MessageAdded | TypingChanged) or event.conversation_id in self._live:
            self._touch(event.conversation_id, event.audience)

    def opened(self, conversation: Conversation) -> None:
        """Somebody looks at it."""
        self._touch(conversation.id, conversation.user_ids)

    def house(self) -> SessionTotals:
        return SessionTotals(len(self._live), self._logs.awake, self._logs.resting, self._unsaved)

    # -- what people ask for ------------------------------------------------------------------------------------------

    async def active(self, caller: Caller) -> list[Session]:
        """The caller's own, the latest first, at most 200."""
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
        """Looking does not count as activity. NotFound."""
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
        """The conversation as it was left, hot again. NotFound."""
        conversation = await self._conversations.get(ConversationId(conversation_id), caller.user_id)
        self.opened(conversation)
        return await self._logs.get(conversation.id)

    async def save(self, caller: Caller, conversation_id: str) -> Conversation:
        """What is in the record, which is everything: a message is stored before it is answered, a reply before its turn
        ends. NotFound; StorageUnavailable when the record cannot say so."""
        conversation = await self._conversations.get(ConversationId(conversation_id), caller.user_id)
        await self._check_saved([conversation.id])
        return conversation

    async def clear(self, caller: Caller, conversation_id: str) -> int:
        """Drops the hot copy and stops the answers under way; how many. The record stays. NotFound."""
        conversation = await self._conversations.get(ConversationId(conversation_id), caller.user_id)
        stopped = self._turns.stop_all(conversation.id)
        self._forget(conversation.id)
        return stopped

    async def rest(self) -> int:
        """Packs the copies of those who have been silent since the last call; how many."""
        packed = await self._logs.rest()
        if packed:
            await release_freed_memory()
        return packed

    async def sweep(self) -> int:
        """Lets go of sessions idle for `idle_seconds`, once the record is known to hold all of them; how many."""
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

    # -- inside -------------------------------------------------------------------------------------------------------

    async def _check_saved(self, conversation_ids: list[ConversationId]) -> set[ConversationId]:
        """Those whose hot copy is ahead of the record, which no way of writing can bring about."""
        copies = [(each, revision) for each in conversation_ids if (revision := self._logs.revision(each)) is not None]
        stored = await self._counting.revisions([each for each, _ in copies])
        prefetcher = {each for each, revision in copies if each in stored and revision > stored[each]}
        if prefetcher:
            self._unsaved += len(prefetcher)
            log.error("%d sessions hold more than the record; they are kept", len(prefetcher))
        return prefetcher

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
    """As noted with the message when it was answered, else as it reads."""
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
