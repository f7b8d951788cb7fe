"""Prompt inputs: reads all that one reply needs (history, names, memory, model) and assembles the prompt."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from everkin.characters.service import CharacterService
from everkin.context.assemble import assemble, shown_anyway, texts_to_count
from everkin.context.budget import Budget, Cost
from everkin.context.company import assemble_company, company_shows_anyway, company_texts
from everkin.context.scene import Scene, Speech, heard_before
from everkin.domain.character import Character, Sampling
from everkin.domain.chat_model import ChatModel
from everkin.domain.conversation import Conversation
from everkin.domain.ids import UserId
from everkin.domain.memory import Pair
from everkin.domain.message import CRISIS, Message, SenderType
from everkin.domain.prompt import Prompt, Purpose, SamplingParams
from everkin.domain.record import Log
from everkin.domain.witnesses import witnesses
from everkin.history.log_cache import HistoryCache
from everkin.kit.clock import Clock
from everkin.llm.gateway.cache_policy import CacheQuestion, cache_key, turning_point
from everkin.llm.registry.routing import Route, Situation
from everkin.llm.tokens import estimate
from everkin.turn.batch import TurnBatch
from everkin.turn.memory_port import NOTHING, MemoryPort, NoMemory, RecallContext, RecalledContext
from everkin.turn.message_signals import mood_words
from everkin.turn.model_router import ModelRouter
from everkin.turn.person_names import PersonNames


@dataclass(frozen=True, slots=True)
class PreparedTurn:
    """A batch that is ready to be sent to its model."""

    names: tuple[str, ...]
    """Names of the responding characters, in the order of the batch's speakers."""
    prompt: Prompt
    """The assembled prompt, with its purpose."""
    model: ChatModel
    """The model that generates the reply."""
    route: Route
    """The routing decision with its reason."""
    remembered: RecalledContext = NOTHING
    """The recalled memory that the prompt contains."""


class PromptInputs:
    """Gathers prompt inputs.

    `patience` is the number of seconds within which a reply must begin, over all servers and attempts; after it the
    request is abandoned.
    """

    def __init__(
        self,
        logs: HistoryCache,
        characters: CharacterService,
        models: ModelRouter,
        budget: Budget,
        sampling: SamplingParams,
        clock: Clock,
        patience: float,
        remembers: MemoryPort | None = None,
    ) -> None:
        self._remembers = remembers or NoMemory()
        self._person_names = PersonNames(characters, remembers)
        self._clock = clock
        self._patience = patience
        self._logs = logs
        self._characters = characters
        self._models = models
        self._budget = budget
        self._sampling = sampling

    async def gather(self, batch: TurnBatch) -> PreparedTurn:
        """Return the prompt and the model for a batch.

        Raises:
            NotFound: A responding character was deleted.
            StorageUnavailable: The database cannot be reached.
        """
        log = await self._logs.get(batch.lead.turn.conversation_id)
        _read_again(batch, log)
        lead = batch.lead
        danger = any(request.message.metadata.get(CRISIS) for request in batch.requests)
        speakers = [await self._characters.known(request.turn.character_id) for request in batch.speakers]
        names = await self._person_names.of(log.conversation)
        adult = await self._characters.grown(log.conversation)
        own = frozenset(speaker.id for speaker in speakers)
        heard = [
            each
            for each in heard_before(log.entries, lead.message)
            if own
            <= witnesses(log.conversation, each.seq)  # only messages that all speakers witnessed enter a joint prompt
        ]
        bare = Scene(
            persona=speakers[0].persona,
            person=names.get(lead.message.sender_id, "the person"),
            window=tuple(_speech(message, own, names) for message in heard),
            current=_speech(lead.message, own, names),
            several=len(names) > 2,
            mood="" if danger else mood_words(lead.message.metadata),
            adult=adult,
        )
        people = [names[user_id] for user_id in log.conversation.user_ids]
        cost = await self._cost(bare, speakers, people)
        shown = self._shown(bare, speakers, people, cost)
        remembered = await self._remembers.remember(_moment(batch, log.conversation, heard, shown, names))
        scene = replace(
            bare,
            profile=remembered.profile,
            summary=remembered.summary,
            memories=remembered.memories,
            bond=remembered.bond if len(speakers) == 1 and not danger else None,
        )
        prompt = self._assemble(scene, speakers, people, cost)
        model, route = self._models.routed(
            speakers[0], _situation(lead.message, log.conversation, speakers[0], adult, danger)
        )
        alone = len(speakers) == 1 and len(batch.requests) == 1
        purpose = Purpose(
            user_id=lead.message.sender_id,
            character_id=speakers[0].id,
            conversation_id=log.conversation.id,
            priority=batch.priority,
            deadline=self._clock.monotonic() + self._patience,
            reuse=_reuse(lead.message, heard, speakers[0], route, remembered.version) if alone and not danger else "",
        )
        called = tuple(speaker.name for speaker in speakers)
        return PreparedTurn(called, replace(prompt, purpose=purpose), model, route, remembered)

    async def _cost(self, scene: Scene, speakers: Sequence[Character], people: Sequence[str]) -> Cost:
        personas = [each.persona for each in speakers]
        texts = texts_to_count(scene) if len(speakers) == 1 else company_texts(personas, scene, people)
        counts = await self._models.counter_for(speakers[0]).count(texts)
        known = dict(zip(texts, counts, strict=True))

        def cost(text: str) -> int:
            return known[text] if text in known else estimate(text)

        return cost

    def _shown(self, scene: Scene, speakers: Sequence[Character], people: Sequence[str], cost: Cost) -> frozenset[int]:
        if len(speakers) == 1:
            return shown_anyway(scene, self._budget, cost)
        return company_shows_anyway([each.persona for each in speakers], scene, people, self._budget, cost)

    def _assemble(self, scene: Scene, speakers: Sequence[Character], people: Sequence[str], cost: Cost) -> Prompt:
        sampling = sampling_for(speakers[0].persona.sampling, self._sampling)
        personas = [each.persona for each in speakers]
        if len(speakers) == 1:
            return assemble(scene, self._budget, cost, sampling)
        sampling = replace(sampling, max_tokens=sampling.max_tokens * len(speakers))
        return assemble_company(personas, scene, people, self._budget, cost, sampling)


def _read_again(batch: TurnBatch, log: Log) -> None:
    """Replace each request's message by its current version, which may have been edited while it waited."""
    current = {entry.message.id: entry.message for entry in log.entries}
    for request in batch.requests:
        request.message = current.get(request.message.id, request.message)


def sampling_for(wished: Sampling, house: SamplingParams) -> SamplingParams:
    """Return the default sampling parameters, overridden by the character's own values."""
    own = {
        name: value
        for name in ("temperature", "max_tokens", "top_p", "frequency_penalty", "presence_penalty")
        if (value := getattr(wished, name)) is not None
    }
    return replace(house, **own)


def _speech(message: Message, own: Collection[str], names: dict[str, str]) -> Speech:
    spoken = message.sender_type is SenderType.CHARACTER and message.sender_id in own
    return Speech(message.seq, spoken, names.get(message.sender_id, "Somebody"), message.content)


def _moment(
    batch: TurnBatch,
    conversation: Conversation,
    heard: Sequence[Message],
    shown: Collection[int],
    names: dict[str, str],
) -> RecallContext:
    """Return the recall request of a batch.

    With several participants it asks for the first speaker's memories of the newest message's sender, limited to those
    that all participants present may hear.
    """
    lead = batch.lead
    speakers = [request.turn.character_id for request in batch.speakers]
    return RecallContext(
        pair=Pair(speakers[0], UserId(lead.message.sender_id)),
        conversation_id=conversation.id,
        present=frozenset((*conversation.user_ids, *speakers)),
        names=names,
        message=lead.message.content,
        window=tuple(each.content for each in heard),
        window_ids=tuple(each.id for each in heard),
        shown=frozenset((lead.message.id, *(each.id for each in heard if each.seq in shown))),
    )


def _situation(
    message: Message, conversation: Conversation, speaker: Character, adult: bool, danger: bool
) -> Situation:
    return Situation(
        characters=len(message.content),
        messages=conversation.message_count,
        nsfw=0 if danger else int(message.metadata.get("nsfwLevel", 0)),
        policy=speaker.persona.nsfw_policy,
        adult=adult,
    )


def _reuse(message: Message, heard: Sequence[Message], speaker: Character, route: Route, memory_version: int) -> str:
    said = ((each.seq, each.content) for each in heard if each.sender_type is SenderType.USER)
    return cache_key(
        CacheQuestion(
            user_id=message.sender_id,
            conversation_id=message.conversation_id,
            persona_version=speaker.version,
            memory_version=memory_version,
            emotion=str(message.metadata.get("mood", "")),
            model=route.model,
            message=message.content,
            character=speaker.name,
            turned_at=turning_point(said, speaker.name),
        )
    )
