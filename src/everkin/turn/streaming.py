"""Reply streaming: turns the model's stream into deltas for the interfaces and one text per speaker for the
database."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from everkin.domain.errors import ModelError, ModelSilent, ModelTimeout
from everkin.domain.prompt import ChunkEnd
from everkin.kit.clock import Clock
from everkin.kit.tasks import Tasks
from everkin.turn.batch import TurnBatch
from everkin.turn.delta_buffer import DeltaBuffer
from everkin.turn.inputs import PreparedTurn
from everkin.turn.multi_speaker import SpeakerSplitter
from everkin.turn.queue import TurnRequest
from everkin.turn.typing_delay import TypingDelay
from everkin.turn.validation import storable

MAX_REPLY = 32_000
"""Characters after which a reply is stopped. Bounds memory; far beyond any LLM_MAX_TOKENS in use."""

TellDelta = Callable[[TurnRequest, str, int], Awaitable[None]]
"""Publishes a delta: (request, text, offset in code points)."""


@dataclass(slots=True)
class StreamedReply:
    """The result of one stream."""

    texts: list[str]
    """The text of each speaker of the batch, exactly as published in deltas, without trailing white space."""
    stopped: bool = False
    """It was stopped on request or at MAX_REPLY."""
    error: ModelError | None = None
    """Why it failed; None: it did not."""
    end: ChunkEnd | None = None
    """The model's closing chunk; None when the stream broke off before it."""
    first_ms: int | None = None
    """Milliseconds from the model call to the first text; None without text."""
    took_ms: int = 0
    """Milliseconds from the model call to the end of the stream."""

    @property
    def anything(self) -> bool:
        """Whether any speaker has text."""
        return any(self.texts)


class ReplyStreaming:
    """Streams replies. `natural` is the typing delay of batches that ask for one; None: no delay."""

    def __init__(
        self, clock: Clock, flush_seconds: float, tell: TellDelta, tasks: Tasks, natural: TypingDelay | None = None
    ) -> None:
        self._natural = natural
        self._clock = clock
        self._flush_seconds = flush_seconds
        self._tell = tell
        self._tasks = tasks

    async def speak(self, batch: TurnBatch, gathered: PreparedTurn) -> StreamedReply:
        """Stream the reply of a batch and publish its deltas.

        A model error is returned in the reply, not raised. `stop()` on a request ends the stream at once and keeps the
        text published until then.
        """
        speech = self._speech(batch, gathered)
        said = speech.said
        begun = self._heard(batch)
        pause = None if speech.free.is_set() else self._tasks.start(self._hold(speech, begun))
        try:
            async with asyncio.timeout(0 if batch.stopping else None) as scope:
                _open(batch, scope)
                await self._listen(speech, gathered, begun)
                await speech.free_or_silent()
        except ModelError as error:
            said.error = error
        except TimeoutError:
            said.stopped = scope.expired()
            said.error = None if said.stopped else ModelTimeout()
        finally:
            _open(batch, None)
            if pause is not None and not speech.free.is_set():
                pause.cancel()
        await speech.end(unheard=scope.expired() and not speech.free.is_set())
        if not said.anything and not said.stopped and said.error is None:
            said.error = ModelSilent()
        return said

    async def _listen(self, speech: "_Speech", gathered: PreparedTurn, begun: float) -> None:
        said = speech.said
        try:
            async with gathered.model.stream(gathered.prompt) as chunks:
                async for chunk in chunks:
                    self._heard(speech.batch)
                    if isinstance(chunk, ChunkEnd):
                        said.end = chunk
                        continue
                    if said.first_ms is None:
                        said.first_ms = self._since(begun)
                    await speech.take(chunk.text)
                    if speech.length > MAX_REPLY:
                        said.stopped = True
                        return
            await speech.take_rest()
        finally:
            said.took_ms = self._since(begun)

    async def _hold(self, speech: "_Speech", begun: float) -> None:
        """Hold the text back until the typing delay for its length has passed, then release it."""
        assert self._natural is not None
        while (left := begun + self._natural.seconds(speech.length) - self._clock.monotonic()) > 0:
            await self._clock.sleep(left)
        await speech.set_free()

    def _speech(self, batch: TurnBatch, gathered: PreparedTurn) -> "_Speech":
        held = self._natural is not None and batch.natural
        tellings = [
            DeltaBuffer(partial(self._tell, request), self._flush_seconds, self._tasks, held=held)
            for request in batch.speakers
        ]
        return _Speech(batch, gathered.names, tellings, held)

    def _heard(self, batch: TurnBatch) -> float:
        now = self._clock.monotonic()
        for request in batch.requests:
            request.heard_at = now
            request.stalled = False
        return now

    def _since(self, begun: float) -> int:
        return round((self._clock.monotonic() - begun) * 1000)


class _Speech:
    """The growing texts of one batch. Once `free` is set, text is published as it arrives instead of being held."""

    def __init__(self, batch: TurnBatch, names: Sequence[str], tellings: Sequence[DeltaBuffer], held: bool) -> None:
        self.free = asyncio.Event()
        if not held:
            self.free.set()
        self.batch = batch
        self.said = StreamedReply([""] * len(tellings))
        self._script = SpeakerSplitter(names)
        self._tellings = tellings

    async def take(self, text: str) -> None:
        """Add generated text."""
        for speaker, part in self._script.take(text):
            await self._tell(speaker, part)

    async def take_rest(self) -> None:
        """Add the text that the splitter still holds."""
        for speaker, part in self._script.rest():
            await self._tell(speaker, part)

    @property
    def length(self) -> int:
        """Characters of all speakers so far."""
        return sum(map(len, self.said.texts))

    async def set_free(self) -> None:
        """Publish the held text and stop holding."""
        self.free.set()
        for telling in self._tellings:
            await telling.flush()

    async def free_or_silent(self) -> None:
        """Wait until the text is released; return at once when there is no text."""
        if self.said.anything:
            await self.free.wait()

    async def end(self, *, unheard: bool) -> None:
        """Publish the remaining text. With `unheard` (stopped while all text was held back) discard it instead."""
        if unheard:
            self.said.texts = ["" for _ in self._tellings]
            return
        for telling in self._tellings:
            await telling.flush()
        self.said.texts = [text.rstrip() for text in self.said.texts]

    async def _tell(self, speaker: int, part: str) -> None:
        if text := storable(part):
            self.said.texts[speaker] += text
            await self._tellings[speaker].add(text)


def _open(batch: TurnBatch, scope: asyncio.Timeout | None) -> None:
    for request in batch.requests:
        request.scope = scope
