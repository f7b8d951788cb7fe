"""Gathering: everything one reply is made from, read together, then assembled into a prompt."""

from dataclasses import dataclass, replace

from everkin.context.assemble import assemble, texts_to_count
from everkin.context.budget import Budget
from everkin.context.scene import Scene, Speech, heard_before
from everkin.domain.character import Character, Sampling
from everkin.domain.message import Message, SenderType
from everkin.domain.prompt import Draw, Prompt
from everkin.model.port import ChatModel
from everkin.model.tokens import estimate
from everkin.turn.cast import Cast
from everkin.turn.hot import HotLogs
from everkin.turn.lanes import Ride
from everkin.turn.ports import Voices


@dataclass(frozen=True, slots=True)
class Gathered:
    """`name`: of the character who is about to speak."""

    name: str
    prompt: Prompt
    model: ChatModel


class Gathering:
    def __init__(self, logs: HotLogs, cast: Cast, voices: Voices, budget: Budget, draw: Draw) -> None:
        self._logs = logs
        self._cast = cast
        self._voices = voices
        self._budget = budget
        self._draw = draw

    async def gather(self, ride: Ride) -> Gathered:
        """NotFound when the character is gone; StorageUnavailable."""
        log = await self._logs.get(ride.turn.conversation_id)
        character = await self._cast.known(ride.turn.character_id)
        names = await self._cast.names(log.conversation)
        heard = heard_before(log.entries, ride.message)
        scene = Scene(
            persona=character.persona,
            person=names.get(ride.message.sender_id, "the person"),
            window=tuple(_speech(message, character, names) for message in heard),
            current=_speech(ride.message, character, names),
            several=len(names) > 2,
        )
        return await self._assemble(scene, character)

    async def _assemble(self, scene: Scene, character: Character) -> Gathered:
        texts = texts_to_count(scene)
        counts = await self._voices.counter_for(character).count(texts)
        known = dict(zip(texts, counts, strict=True))

        def cost(text: str) -> int:
            return known[text] if text in known else estimate(text)

        prompt = assemble(scene, self._budget, cost, settle_draw(character.persona.sampling, self._draw))
        return Gathered(character.name, prompt, self._voices.model_for(character))


def settle_draw(wished: Sampling, house: Draw) -> Draw:
    """The character's own values over the house defaults."""
    own = {
        name: value
        for name in ("temperature", "max_tokens", "top_p", "frequency_penalty", "presence_penalty")
        if (value := getattr(wished, name)) is not None
    }
    return replace(house, **own)


def _speech(message: Message, character: Character, names: dict[str, str]) -> Speech:
    own = message.sender_type is SenderType.CHARACTER and message.sender_id == character.id
    return Speech(message.seq, own, names.get(message.sender_id, "Somebody"), message.content)
