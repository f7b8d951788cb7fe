"""Gathering: everything one reply is made from, read together, then assembled into a prompt."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from everkin.context.assemble import assemble, shown_anyway, texts_to_count
from everkin.context.budget import Budget, Cost
from everkin.context.company import assemble_company, company_shows_anyway, company_texts
from everkin.context.scene import Scene, Speech, heard_before
from everkin.domain.character import Character, Sampling
from everkin.domain.conversation import Conversation
from everkin.domain.ids import UserId
from everkin.domain.memory import Pair
from everkin.domain.message import CRISIS, Message, SenderType
from everkin.domain.prompt import Draw, Prompt, Purpose
from everkin.domain.record import Log
from everkin.domain.witnesses import witnesses
from everkin.kit.clock import Clock
from everkin.model.port import ChatModel
from everkin.model.reuse import Asked, reuse_key, turning_point
from everkin.model.routing import Route, Situation
from everkin.model.tokens import estimate
from everkin.turn.cast import Cast
from everkin.turn.hot import HotLogs
from everkin.turn.moment import NOTHING, Forgetful, Moment, Remembered, Remembers
from everkin.turn.person_names import PersonNames
from everkin.turn.ports import Voices
from everkin.turn.rounds import Round
from everkin.turn.sensing import mood_words


@dataclass(frozen=True, slots=True)
class Gathered:
    """`names` of the characters who are about to speak, in the order of the round's speakers. `route`: why this model."""

    names: tuple[str, ...]
    prompt: Prompt
    model: ChatModel
    route: Route
    remembered: Remembered = NOTHING


class Gathering:
    """`patience`: seconds a person waits for an answer to begin, over all servers and tries; then it is given up."""

    def __init__(
        self,
        logs: HotLogs,
        cast: Cast,
        voices: Voices,
        budget: Budget,
        draw: Draw,
        clock: Clock,
        patience: float,
        remembers: Remembers | None = None,
    ) -> None:
        self._remembers = remembers or Forgetful()
        self._person_names = PersonNames(cast, remembers)
        self._clock = clock
        self._patience = patience
        self._logs = logs
        self._cast = cast
        self._voices = voices
        self._budget = budget
        self._draw = draw

    async def gather(self, round_: Round) -> Gathered:
        """NotFound when a character is gone; StorageUnavailable."""
        log = await self._logs.get(round_.lead.turn.conversation_id)
        _read_again(round_, log)
        lead = round_.lead
        danger = any(ride.message.metadata.get(CRISIS) for ride in round_.rides)
        speakers = [await self._cast.known(ride.turn.character_id) for ride in round_.speakers]
        names = await self._person_names.of(log.conversation)
        adult = await self._cast.grown(log.conversation)
        own = frozenset(speaker.id for speaker in speakers)
        heard = [
            each
            for each in heard_before(log.entries, lead.message)
            if own
            <= witnesses(log.conversation, each.seq)  # what not all have heard stays out of what they say together
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
        remembered = await self._remembers.remember(_moment(round_, log.conversation, heard, shown, names))
        scene = replace(
            bare,
            profile=remembered.profile,
            summary=remembered.summary,
            memories=remembered.memories,
            bond=remembered.bond if len(speakers) == 1 and not danger else None,
        )
        prompt = self._assemble(scene, speakers, people, cost)
        model, route = self._voices.routed(
            speakers[0], _situation(lead.message, log.conversation, speakers[0], adult, danger)
        )
        alone = len(speakers) == 1 and len(round_.rides) == 1
        purpose = Purpose(
            user_id=lead.message.sender_id,
            character_id=speakers[0].id,
            conversation_id=log.conversation.id,
            priority=round_.priority,
            deadline=self._clock.monotonic() + self._patience,
            reuse=_reuse(lead.message, heard, speakers[0], route, remembered.version) if alone and not danger else "",
        )
        called = tuple(speaker.name for speaker in speakers)
        return Gathered(called, replace(prompt, purpose=purpose), model, route, remembered)

    async def _cost(self, scene: Scene, speakers: Sequence[Character], people: Sequence[str]) -> Cost:
        personas = [each.persona for each in speakers]
        texts = texts_to_count(scene) if len(speakers) == 1 else company_texts(personas, scene, people)
        counts = await self._voices.counter_for(speakers[0]).count(texts)
        known = dict(zip(texts, counts, strict=True))

        def cost(text: str) -> int:
            return known[text] if text in known else estimate(text)

        return cost

    def _shown(self, scene: Scene, speakers: Sequence[Character], people: Sequence[str], cost: Cost) -> frozenset[int]:
        if len(speakers) == 1:
            return shown_anyway(scene, self._budget, cost)
        return company_shows_anyway([each.persona for each in speakers], scene, people, self._budget, cost)

    def _assemble(self, scene: Scene, speakers: Sequence[Character], people: Sequence[str], cost: Cost) -> Prompt:
        draw = settle_draw(speakers[0].persona.sampling, self._draw)
        personas = [each.persona for each in speakers]
        if len(speakers) == 1:
            return assemble(scene, self._budget, cost, draw)
        draw = replace(draw, max_tokens=draw.max_tokens * len(speakers))
        return assemble_company(personas, scene, people, self._budget, cost, draw)


def _read_again(round_: Round, log: Log) -> None:
    """A message that was edited while it waited is answered as it is now."""
    current = {entry.message.id: entry.message for entry in log.entries}
    for ride in round_.rides:
        ride.message = current.get(ride.message.id, ride.message)


def settle_draw(wished: Sampling, house: Draw) -> Draw:
    """The character's own values over the house defaults."""
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
    round_: Round, conversation: Conversation, heard: Sequence[Message], shown: Collection[int], names: dict[str, str]
) -> Moment:
    """In company the first speaker's memories of the one who spoke last, as far as all who are there may hear them."""
    lead = round_.lead
    speakers = [ride.turn.character_id for ride in round_.speakers]
    return Moment(
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
    return reuse_key(
        Asked(
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
