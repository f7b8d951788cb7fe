"""Gathering: everything one reply is made from, read together, then assembled into a prompt."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from everkin.context.assemble import assemble, texts_to_count
from everkin.context.budget import Budget
from everkin.context.company import assemble_company
from everkin.context.scene import Scene, Speech, heard_before
from everkin.domain.character import Character, Sampling
from everkin.domain.conversation import Conversation
from everkin.domain.message import Message, SenderType
from everkin.domain.prompt import Draw, Prompt, Purpose
from everkin.model.port import ChatModel
from everkin.model.reuse import Asked, reuse_key, turning_point
from everkin.model.routing import Route, Situation
from everkin.model.tokens import estimate
from everkin.turn.cast import Cast
from everkin.turn.hot import HotLogs
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


class Gathering:
    def __init__(self, logs: HotLogs, cast: Cast, voices: Voices, budget: Budget, draw: Draw) -> None:
        self._logs = logs
        self._cast = cast
        self._voices = voices
        self._budget = budget
        self._draw = draw

    async def gather(self, round_: Round) -> Gathered:
        """NotFound when a character is gone; StorageUnavailable."""
        lead = round_.lead
        log = await self._logs.get(lead.turn.conversation_id)
        speakers = [await self._cast.known(ride.turn.character_id) for ride in round_.speakers]
        names = await self._cast.names(log.conversation)
        heard = heard_before(log.entries, lead.message)
        own = frozenset(speaker.id for speaker in speakers)
        scene = Scene(
            persona=speakers[0].persona,
            person=names.get(lead.message.sender_id, "the person"),
            window=tuple(_speech(message, own, names) for message in heard),
            current=_speech(lead.message, own, names),
            several=len(names) > 2,
            mood=mood_words(lead.message.metadata),
        )
        people = [names[user_id] for user_id in log.conversation.user_ids]
        prompt = await self._assemble(scene, speakers, people)
        model, route = self._voices.routed(speakers[0], _situation(lead.message, log.conversation, speakers[0]))
        alone = len(speakers) == 1 and len(round_.rides) == 1
        purpose = Purpose(
            user_id=lead.message.sender_id,
            character_id=speakers[0].id,
            conversation_id=log.conversation.id,
            priority=round_.priority,
            reuse=_reuse(lead.message, heard, speakers[0], route) if alone else "",
        )
        return Gathered(tuple(speaker.name for speaker in speakers), replace(prompt, purpose=purpose), model, route)

    async def _assemble(self, scene: Scene, speakers: Sequence[Character], people: Sequence[str]) -> Prompt:
        first = speakers[0]
        draw = settle_draw(first.persona.sampling, self._draw)
        texts = texts_to_count(scene)
        counts = await self._voices.counter_for(first).count(texts)
        known = dict(zip(texts, counts, strict=True))

        def cost(text: str) -> int:
            return known[text] if text in known else estimate(text)

        if len(speakers) == 1:
            return assemble(scene, self._budget, cost, draw)
        draw = replace(draw, max_tokens=draw.max_tokens * len(speakers))
        return assemble_company([each.persona for each in speakers], scene, people, self._budget, cost, draw)


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


def _situation(message: Message, conversation: Conversation, speaker: Character) -> Situation:
    """Nobody's age is known yet, so nobody counts as an adult."""
    return Situation(
        characters=len(message.content),
        messages=conversation.message_count,
        nsfw=int(message.metadata.get("nsfwLevel", 0)),
        policy=speaker.persona.nsfw_policy,
        adult=False,
    )


def _reuse(message: Message, heard: Sequence[Message], speaker: Character, route: Route) -> str:
    said = ((each.seq, each.content) for each in heard if each.sender_type is SenderType.USER)
    return reuse_key(
        Asked(
            user_id=message.sender_id,
            conversation_id=message.conversation_id,
            persona_version=speaker.version,
            memory_version=0,
            emotion=str(message.metadata.get("mood", "")),
            model=route.model,
            message=message.content,
            character=speaker.name,
            turned_at=turning_point(said, speaker.name),
        )
    )
