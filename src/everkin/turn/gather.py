"""Gathering: everything one reply is made from, read together, then assembled into a prompt."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from everkin.context.assemble import assemble, texts_to_count
from everkin.context.budget import Budget
from everkin.context.company import assemble_company
from everkin.context.scene import Scene, Speech, heard_before
from everkin.domain.character import Character, Sampling
from everkin.domain.message import Message, SenderType
from everkin.domain.prompt import Draw, Prompt, Purpose
from everkin.model.port import ChatModel
from everkin.model.tokens import estimate
from everkin.turn.cast import Cast
from everkin.turn.hot import HotLogs
from everkin.turn.ports import Voices
from everkin.turn.rounds import Round


@dataclass(frozen=True, slots=True)
class Gathered:
    """`names` of the characters who are about to speak, in the order of the round's speakers."""

    names: tuple[str, ...]
    prompt: Prompt
    model: ChatModel


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
        )
        people = [names[user_id] for user_id in log.conversation.user_ids]
        prompt = await self._assemble(scene, speakers, people)
        purpose = Purpose(lead.message.sender_id, speakers[0].id, log.conversation.id, round_.priority)
        return Gathered(
            tuple(speaker.name for speaker in speakers),
            replace(prompt, purpose=purpose),
            self._voices.model_for(speakers[0]),
        )

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
