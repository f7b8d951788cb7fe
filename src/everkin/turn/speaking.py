"""Speaking: the model's stream becomes deltas for the doors and one text for the record."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from everkin.domain.errors import ModelError, ModelSilent, ModelTimeout
from everkin.domain.prompt import ChunkEnd
from everkin.kit.clock import Clock
from everkin.kit.tasks import Tasks
from everkin.turn.gather import Gathered
from everkin.turn.lanes import Ride
from everkin.turn.opening import Opening
from everkin.turn.telling import Telling
from everkin.turn.texts import storable

MAX_REPLY = 32_000
"""Characters after which a reply that does not end is stopped. Bounds memory; far beyond any LLM_MAX_TOKENS in use."""

TellDelta = Callable[[Ride, str, int], Awaitable[None]]


@dataclass(slots=True)
class Said:
    """What came of one stream. `text` is exactly what the deltas told, without trailing white space. `error`: why it
    broke off. `first_ms` and `took_ms` count from the call of the model."""

    text: str = ""
    stopped: bool = False
    error: ModelError | None = None
    end: ChunkEnd | None = None
    first_ms: int | None = None
    took_ms: int = 0


class Speaking:
    def __init__(self, clock: Clock, flush_seconds: float, tell: TellDelta, tasks: Tasks) -> None:
        self._clock = clock
        self._flush_seconds = flush_seconds
        self._tell = tell
        self._tasks = tasks

    async def speak(self, ride: Ride, gathered: Gathered) -> Said:
        """Never raises for the model's sake; `ride.stop()` ends it at once with what was said until then."""
        said = Said()
        begun = ride.heard_at = self._clock.monotonic()
        telling = Telling(lambda text, offset: self._tell(ride, text, offset), self._flush_seconds, self._tasks)
        try:
            async with asyncio.timeout(0 if ride.stopping else None) as scope:
                ride.scope = scope
                await self._listen(ride, gathered, said, telling, begun)
        except ModelError as error:
            said.error = error
        except TimeoutError:
            said.stopped = scope.expired()
            said.error = None if said.stopped else ModelTimeout()
        finally:
            ride.scope = None
        await telling.flush()
        said.text = said.text.rstrip()
        said.took_ms = self._since(begun)
        if not said.text and not said.stopped and said.error is None:
            said.error = ModelSilent()
        return said

    async def _listen(self, ride: Ride, gathered: Gathered, said: Said, telling: Telling, begun: float) -> None:
        opening = Opening(gathered.name)
        async with gathered.model.stream(gathered.prompt) as chunks:
            async for chunk in chunks:
                ride.heard_at = self._clock.monotonic()
                ride.stalled = False
                if isinstance(chunk, ChunkEnd):
                    said.end = chunk
                    continue
                if said.first_ms is None:
                    said.first_ms = self._since(begun)
                await _tell(opening.take(chunk.text), said, telling)
                if len(said.text) > MAX_REPLY:
                    said.stopped = True
                    return
        await _tell(opening.rest(), said, telling)

    def _since(self, begun: float) -> int:
        return round((self._clock.monotonic() - begun) * 1000)


async def _tell(text: str, said: Said, telling: Telling) -> None:
    if text := storable(text):
        said.text += text
        await telling.add(text)
