"""Speaking: the model's stream becomes deltas for the doors and one text for the record."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from everkin.domain.errors import ModelError, ModelSilent, ModelTimeout
from everkin.domain.prompt import ChunkEnd
from everkin.kit.clock import Clock
from everkin.kit.tasks import Tasks
from everkin.turn.gather import Gathered
from everkin.turn.lanes import Ride
from everkin.turn.rounds import Round
from everkin.turn.script import Script
from everkin.turn.telling import Telling
from everkin.turn.texts import storable

MAX_REPLY = 32_000
"""Characters after which a reply that does not end is stopped. Bounds memory; far beyond any LLM_MAX_TOKENS in use."""

TellDelta = Callable[[Ride, str, int], Awaitable[None]]


@dataclass(slots=True)
class Said:
    """What came of one stream. `texts`: of each speaker of the round, exactly what the deltas told, without trailing
    white space. `error`: why it broke off. `first_ms` and `took_ms` count from the call of the model."""

    texts: list[str]
    stopped: bool = False
    error: ModelError | None = None
    end: ChunkEnd | None = None
    first_ms: int | None = None
    took_ms: int = 0

    @property
    def anything(self) -> bool:
        return any(self.texts)


class Speaking:
    def __init__(self, clock: Clock, flush_seconds: float, tell: TellDelta, tasks: Tasks) -> None:
        self._clock = clock
        self._flush_seconds = flush_seconds
        self._tell = tell
        self._tasks = tasks

    async def speak(self, round_: Round, gathered: Gathered) -> Said:
        """Never raises for the model's sake; `stop()` on a ride ends it at once with what was said until then."""
        speech = _Speech(round_, gathered.names, self._tellings(round_))
        said = speech.said
        begun = self._heard(round_)
        try:
            async with asyncio.timeout(0 if round_.stopping else None) as scope:
                _open(round_, scope)
                await self._listen(speech, gathered, begun)
        except ModelError as error:
            said.error = error
        except TimeoutError:
            said.stopped = scope.expired()
            said.error = None if said.stopped else ModelTimeout()
        finally:
            _open(round_, None)
        await speech.end()
        said.took_ms = self._since(begun)
        if not said.anything and not said.stopped and said.error is None:
            said.error = ModelSilent()
        return said

    async def _listen(self, speech: "_Speech", gathered: Gathered, begun: float) -> None:
        said = speech.said
        async with gathered.model.stream(gathered.prompt) as chunks:
            async for chunk in chunks:
                self._heard(speech.round_)
                if isinstance(chunk, ChunkEnd):
                    said.end = chunk
                    continue
                if said.first_ms is None:
                    said.first_ms = self._since(begun)
                await speech.take(chunk.text)
                if sum(map(len, said.texts)) > MAX_REPLY:
                    said.stopped = True
                    return
        await speech.take_rest()

    def _tellings(self, round_: Round) -> list[Telling]:
        return [Telling(partial(self._tell, ride), self._flush_seconds, self._tasks) for ride in round_.speakers]

    def _heard(self, round_: Round) -> float:
        now = self._clock.monotonic()
        for ride in round_.rides:
            ride.heard_at = now
            ride.stalled = False
        return now

    def _since(self, begun: float) -> int:
        return round((self._clock.monotonic() - begun) * 1000)


class _Speech:
    """The texts of one round while they grow."""

    def __init__(self, round_: Round, names: Sequence[str], tellings: Sequence[Telling]) -> None:
        self.round_ = round_
        self.said = Said([""] * len(tellings))
        self._script = Script(names)
        self._tellings = tellings

    async def take(self, text: str) -> None:
        for speaker, part in self._script.take(text):
            await self._tell(speaker, part)

    async def take_rest(self) -> None:
        for speaker, part in self._script.rest():
            await self._tell(speaker, part)

    async def end(self) -> None:
        for telling in self._tellings:
            await telling.flush()
        self.said.texts = [text.rstrip() for text in self.said.texts]

    async def _tell(self, speaker: int, part: str) -> None:
        if text := storable(part):
            self.said.texts[speaker] += text
            await self._tellings[speaker].add(text)


def _open(round_: Round, scope: asyncio.Timeout | None) -> None:
    for ride in round_.rides:
        ride.scope = scope
