"""Welcomes: greetings that know who comes and for how long they were away.

A new conversation never waits for one: the rules (services/greeting_text.py) answer at once, and a greeting worded by a model is
used only when it was made ahead, on any node, within the last two minutes.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from everkin.characters.service import CharacterService
from everkin.context.persona import describe
from everkin.domain.caller import Caller
from everkin.domain.character import Character
from everkin.domain.conversation import Conversation, ConversationQuery, ConversationStatus
from everkin.domain.errors import EverkinError
from everkin.domain.ids import CharacterId, new_message_id
from everkin.domain.message import SenderType
from everkin.domain.prompt import ChunkText, Prompt, PromptMessage, Purpose, SamplingParams
from everkin.domain.record import Greeting, Log
from everkin.domain.repositories import Conversations, Greetings
from everkin.domain.turn import TurnState
from everkin.history.log_cache import HistoryCache
from everkin.kit.clock import Clock
from everkin.kit.tasks import Tasks
from everkin.services.greeting_cache import GreetingCache
from everkin.services.greeting_text import Meeting, greet, how_long, welcome_back
from everkin.turn.events import TurnEvents
from everkin.turn.model_router import ModelRouter
from everkin.turn.person_names import PersonNames
from everkin.turn.presence import Presence
from everkin.turn.validation import storable

log = logging.getLogger("everkin.welcomes")

MODEL_SECONDS = 20.0
MOST_AT_ONCE = 2
LONGEST = 600
LOOKED_BACK = 10
"""Conversations that tell whether, and when, the two have talked."""


@dataclass(frozen=True, slots=True)
class GreetingRules:
    long_absence_seconds: float = 86_400.0
    """After so long a conversation that is opened again gets a greeting (0: never)."""
    by_model: bool = False
    """A language model may word greetings, in the background; each costs a call."""


class GreetingService:
    """`made_by_model` and `failed` count what models were asked for."""

    def __init__(
        self,
        *,
        conversations: Conversations,
        greetings: Greetings,
        logs: HistoryCache,
        characters: CharacterService,
        models: ModelRouter,
        announcing: TurnEvents,
        presence: Presence,
        prepared: GreetingCache,
        names: PersonNames,
        clock: Clock,
        rules: GreetingRules,
    ) -> None:
        self.made_by_model = 0
        self.failed = 0
        self._conversations = conversations
        self._greetings = greetings
        self._logs = logs
        self._characters = characters
        self._models = models
        self._announcing = announcing
        self._presence = presence
        self._prepared = prepared
        self._names = names
        self._clock = clock
        self._rules = rules
        self._tasks = Tasks("welcomes")

    async def first_words(self, caller: Caller, characters: Sequence[Character]) -> str:
        """The first message of a new conversation, by the first of `cast`; empty: the character has none."""
        character = characters[0]
        called = await self._names.called(caller.user_id, [each.id for each in characters])
        if self._rules.by_model and (made := await self._prepared.take(caller.user_id, character, called)):
            return made
        return greet(character.persona, await self._meeting(caller, character.id, called))

    def prepare(self, caller: Caller, character: Character) -> None:
        """The caller looks at a character and may begin a conversation. Returns at once and never raises."""
        if self._rules.by_model and len(self._tasks) < MOST_AT_ONCE:
            self._tasks.start(self._make_ahead(caller, character))

    async def returned(self, caller: Caller, hot: Log) -> None:
        """A conversation was opened again: after a long absence the character speaks first, once, until a person answers.
        It is told like any message, and not said if somebody was quicker."""
        if (away_ms := self._absence(hot)) is None:
            return
        character = await self._characters.known(_last_speaker(hot))
        called = await self._names.called(caller.user_id, hot.conversation.character_ids)
        meeting = Meeting(called, away_ms, hot.conversation.last_seq)
        text = await self._worded(caller, character, meeting) or welcome_back(character.persona, meeting)
        if not text:
            return
        greeting = Greeting(
            id=new_message_id(),
            conversation_id=hot.conversation.id,
            character_id=character.id,
            content=text,
            after_seq=hot.conversation.last_seq,
            at=self._clock.now(),
            delivered=self._presence.anyone(hot.conversation.id),
        )
        said = await self._greetings.add(greeting)
        if said is not None:
            self._logs.appended(said)
            await self._announcing.added(said)

    async def close(self) -> None:
        await self._tasks.close()

    def _absence(self, hot: Log) -> int | None:
        """Milliseconds since the last message, where that calls for a greeting."""
        conversation, least = hot.conversation, self._rules.long_absence_seconds * 1000
        if not least or not hot.entries or conversation.last_message_at is None:
            return None
        away = self._clock.now() - conversation.last_message_at
        alone = len(conversation.user_ids) == 1 and conversation.status is ConversationStatus.ACTIVE
        return away if alone and away >= least and _have_talked(conversation) and _is_at_rest(hot) else None

    async def _meeting(self, caller: Caller, character_id: CharacterId, called: str) -> Meeting:
        query = ConversationQuery(status=None, character_id=character_id, limit=LOOKED_BACK)
        before = (await self._conversations.find(caller.user_id, query)).items
        talks = [each.last_message_at for each in before if each.last_message_at is not None and _have_talked(each)]
        away = max(0, self._clock.now() - max(talks)) if talks else None
        return Meeting(called, away, max(0, len(before) - 1))

    async def _make_ahead(self, caller: Caller, character: Character) -> None:
        try:
            called = await self._names.called(caller.user_id, [character.id])
            if await self._prepared.holds(caller.user_id, character, called):
                return
            meeting = await self._meeting(caller, character.id, called)
        except EverkinError as error:
            log.info("a greeting could not be made ahead: %s", error.code)
            return
        if meeting.away_ms is not None and (text := await self._worded(caller, character, meeting)):
            await self._prepared.keep(caller.user_id, character, called, text)

    async def _worded(self, caller: Caller, character: Character, meeting: Meeting) -> str:
        """By the character's model; empty where none may, or it fails, is slow or goes on for too long."""
        if not self._rules.by_model:
            return ""
        text = ""
        try:
            prompt = _prompt(caller, character, meeting)
            async with asyncio.timeout(MODEL_SECONDS), self._models.model_for(character).stream(prompt) as chunks:
                async for chunk in chunks:
                    text += chunk.text if isinstance(chunk, ChunkText) else ""
        except (EverkinError, TimeoutError):
            text = ""
        text = storable(text).strip().removeprefix(f"{character.name}:").strip()
        if not 0 < len(text) <= LONGEST:
            self.failed += 1
            return ""
        self.made_by_model += 1
        return text


def _prompt(caller: Caller, character: Character, meeting: Meeting) -> Prompt:
    away = how_long(meeting.away_ms or 0)
    wish = (
        f"({meeting.person}, whom you know, comes back after {away}. Greet them first, by name, in one or two sentences, "
        "as yourself. Claim no memories that were not told to you here.)"
    )
    return Prompt(
        messages=(PromptMessage("system", describe(character.persona, meeting.person)), PromptMessage("user", wish)),
        sampling=SamplingParams(max_tokens=120),
        stop=(f"\n{meeting.person}:",),
        purpose=Purpose(caller.user_id, character.id, priority=1),
    )


def _have_talked(conversation: Conversation) -> bool:
    """More than a greeting was said."""
    return conversation.last_seq > 1


def _is_at_rest(hot: Log) -> bool:
    """Nothing waits for an answer, neither a person nor an earlier greeting."""
    last = hot.entries[-1].message
    greeted = last.sender_type is SenderType.CHARACTER and bool(last.metadata.get("greeting"))
    waiting = any(turn.state is TurnState.PENDING for entry in hot.entries for turn in entry.turns)
    return not greeted and not waiting


def _last_speaker(hot: Log) -> CharacterId:
    characters = hot.conversation.character_ids
    for entry in reversed(hot.entries):
        if entry.message.sender_type is SenderType.CHARACTER and entry.message.sender_id in characters:
            return CharacterId(entry.message.sender_id)
    return characters[0]
