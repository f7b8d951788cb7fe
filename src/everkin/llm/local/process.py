"""LocalModel: keeps one child process running and sends it requests. Started with Everkin, ready when the weights are
loaded."""

import asyncio
import dataclasses
import importlib.util
import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from everkin.domain.errors import EverkinError, ModelMissing, ModelUnreachable
from everkin.domain.prompt import Chunk, Prompt
from everkin.kit.clock import Clock
from everkin.kit.tasks import Tasks
from everkin.llm.local.child import ChildConfig
from everkin.llm.local.running import ChildProcess, start
from everkin.llm.local.tokenizer import TokenizerAddress
from everkin.llm.providers.endpoint import Endpoint
from everkin.llm.providers.openai_compatible import OpenAICompatible

log = logging.getLogger("everkin.llm")

BACK_OFF = (0.0, 1.0, 5.0, 15.0, 60.0)
"""Seconds before the next start, by the number of consecutive starts that ended within STEADY_SECONDS."""
STEADY_SECONDS = 60.0
"""A process that ran so long counts as having started well."""
HOPELESS = 3
"""After so many consecutive short runs, streams raise at once instead of waiting for the next start."""

SAMPLING = {"repeat_penalty": 1.05, "cache_prompt": True}
"""A slight penalty against loops, besides those of the sampling parameters (a higher one makes a small model forget
names). The cache turns a known prefix into an instant first token."""

Say = Callable[[str], None]
"""Receives a sentence on the progress."""
FindWeights = Callable[[Say], Awaitable[Path]]
"""Return the file to load, reporting progress. Raises EverkinError with advice if there is no file."""


@dataclass(frozen=True, slots=True)
class Machine:
    """The resources a local model may use."""

    threads: int = 1
    """Threads for prompt and generation."""
    context: int = 8192
    """Tokens, shared by the slots."""
    slots: int = 2
    """Requests worked on at once."""
    cache_mib: int = 512
    """Bound of the prompt cache in MiB."""


@dataclass(frozen=True, slots=True)
class LocalState:
    """State of a local model."""

    condition: str
    """One of "ready", "starting" or "down"."""
    note: str
    """A sentence on the progress or the problem; "" when ready."""
    restarts: int
    """How often the process had to be started again."""


class LocalModel:
    """A model served by a child process. `busy`: streams entered and not yet left; `last_used`: when the last one was
    left, in monotonic seconds of the clock."""

    def __init__(
        self, title: str, find_weights: FindWeights, machine: Machine, session: aiohttp.ClientSession, clock: Clock
    ) -> None:
        self.busy = 0
        self.last_used = clock.monotonic()
        self._title = title
        self._find_weights = find_weights
        self._machine = machine
        self._session = session
        self._clock = clock
        self._key = secrets.token_urlsafe(24)
        self._tasks = Tasks("local model")
        self._changed = asyncio.Event()
        self._child: ChildProcess | None = None
        self._speaker: OpenAICompatible | None = None
        self._missing: EverkinError | None = None
        self._note = "The local model is starting."
        self._restarts = 0
        self._short_lives = 0

    @property
    def name(self) -> str:
        return f"{self._title} (local)"

    @property
    def missing(self) -> bool:
        """Whether it gave up because the engine or the file is missing. A new LocalModel may find them."""
        return self._missing is not None

    def open(self) -> None:
        """Start loading in the background."""
        self._tasks.start(self._keep_alive())

    async def close(self) -> None:
        """Stop the child process."""
        await self._tasks.close()
        await self._end_child()

    def state(self) -> LocalState:
        """Return the current state."""
        if self._speaker is not None:
            return LocalState("ready", "", self._restarts)
        down = self._missing is not None or self._short_lives >= HOPELESS
        return LocalState("down" if down else "starting", self._note, self._restarts)

    async def settled(self) -> None:
        """Wait until it is ready or has failed."""
        while self.state().condition == "starting":
            await self._changed.wait()

    def tokenizer(self) -> TokenizerAddress | None:
        """Return the address of the tokenizer; None unless the model is ready."""
        return TokenizerAddress(self._child.address, self._key) if self._speaker and self._child else None

    def stream(self, prompt: Prompt) -> AbstractAsyncContextManager[AsyncIterator[Chunk]]:
        return self._streaming(prompt)

    @asynccontextmanager
    async def _streaming(self, prompt: Prompt) -> AsyncIterator[AsyncIterator[Chunk]]:
        self.busy += 1
        try:
            speaker = await self._loaded()
            async with speaker.stream(prompt) as chunks:
                yield chunks
        finally:
            self.busy -= 1
            self.last_used = self._clock.monotonic()

    async def _loaded(self) -> OpenAICompatible:
        while self._speaker is None:
            if self._missing is not None:
                raise ModelMissing(self._missing.sentence)
            if self._short_lives >= HOPELESS:
                raise ModelUnreachable(self._note)
            await self._changed.wait()
        return self._speaker

    async def _keep_alive(self) -> None:
        try:
            weights = await self._weights()
            while True:
                await self._clock.sleep(BACK_OFF[min(self._short_lives, len(BACK_OFF) - 1)])
                await self._live(weights)
                self._restarts += 1
        except EverkinError as error:
            log.warning("the local model cannot speak: %s", error.sentence)
            self._missing = error
            self._tell(error.sentence)

    async def _weights(self) -> Path:
        if importlib.util.find_spec("xllamacpp") is None:
            raise ModelMissing(
                "The local model needs its engine: `pip install 'everkin[local]'`, then start Everkin again."
            )
        return await self._find_weights(self._tell)

    async def _live(self, weights: Path) -> None:
        """Run the child process once. Returns when it has ended."""
        born = self._clock.monotonic()
        order = ChildConfig(weights=str(weights), alias=self._title, key=self._key, **dataclasses.asdict(self._machine))
        try:
            self._child = await start(order)
        except (ChildProcessError, OSError) as error:
            self._died(born, str(error))
            return
        log.info("the local model %s is ready after %.1f s", self._title, self._clock.monotonic() - born)
        self._speaker = self._speaker_at(self._child.address)
        self._tell("")
        code = await self._child.ended()
        self._died(born, f"it ended with {code}: {self._child.last_words}")
        await self._end_child()

    def _died(self, born: float, why: str) -> None:
        lived = self._clock.monotonic() - born
        self._short_lives = 0 if lived >= STEADY_SECONDS else self._short_lives + 1
        self._speaker = None
        log.error("the local model's process is gone after %.0f s; starting it again (%s)", lived, why)
        self._tell(
            "The local model crashed and is being started again. Your message is safe; send it again in a moment."
        )

    def _speaker_at(self, address: str) -> OpenAICompatible:
        endpoint = Endpoint(
            "The local model", f"{address}/v1", self._title, key=self._key, keep_alive=False, extra=SAMPLING
        )
        return OpenAICompatible(endpoint, self._session, self._clock, name=self.name)

    def _tell(self, note: str) -> None:
        self._note = note
        self._changed.set()
        self._changed.clear()

    async def _end_child(self) -> None:
        child, self._child, self._speaker = self._child, None, None
        if child is not None:
            await child.end()
