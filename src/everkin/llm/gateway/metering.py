"""One record per call: for which user, by which model, how fast, how many tokens, at which cost, and how it ended."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from types import TracebackType

from everkin.domain.chat_model import ChatModel
from everkin.domain.errors import EverkinError
from everkin.domain.prompt import Chunk, ChunkEnd, ChunkText, Prompt, Purpose
from everkin.kit.clock import Clock
from everkin.llm.gateway.streams import Opening
from everkin.llm.profiles import LOCAL, Profile, profile_of
from everkin.llm.tokens import estimate

Pricing = Callable[[str], Profile]
"""Return the prices of a model by its name."""


@dataclass(frozen=True, slots=True)
class Metered:
    """The record of one call."""

    purpose: Purpose
    """The user and purpose of the call."""
    model: str
    """The model that answered, by its provider's name, or the one that was asked when no answer came."""
    first_ms: float | None
    """Milliseconds from the call to the first text, waiting and retries included; None if no text came."""
    total_ms: float
    """Milliseconds from the call to its end, waiting and retries included."""
    tokens_in: int
    """Tokens of the prompt."""
    tokens_out: int
    """Tokens of the generated text."""
    estimated: bool
    """True if the provider reported no token counts (or the stream did not reach its end) and the counts are
    estimates."""
    cost: float
    """US dollars, by the table of profiles."""
    outcome: str
    """The end's reason (`stop`, `length`, ...), an error's code, or `stopped` when the reader left before the end."""


Meter = Callable[[Metered], None]
"""Receives each record; must return at once and not raise. Called exactly once for each stream that was entered, after
it was left."""


def unmetered(record: Metered) -> None:
    """Discard the record."""


def free(model: str) -> Profile:
    """Return the free profile, for any model that runs on this machine."""
    return LOCAL


class MeteredModel:
    """Pass a record of every call to the meter."""

    def __init__(self, model: ChatModel, meter: Meter, clock: Clock, pricing: Pricing = profile_of) -> None:
        self.model = model
        self.meter = meter
        self.clock = clock
        self.pricing = pricing

    @property
    def name(self) -> str:
        return self.model.name

    def stream(self, prompt: Prompt) -> Opening:
        return _Metering(self, prompt)


class _Metering:
    __slots__ = ("_begun_at", "_end", "_first_at", "_next", "_opening", "_policy", "_prompt", "_texts")

    def __init__(self, policy: MeteredModel, prompt: Prompt) -> None:
        self._policy = policy
        self._prompt = prompt
        self._opening = policy.model.stream(prompt)
        self._begun_at = 0.0
        self._first_at: float | None = None
        self._texts: list[str] = []
        self._end: ChunkEnd | None = None

    async def __aenter__(self) -> AsyncIterator[Chunk]:
        self._begun_at = self._policy.clock.monotonic()
        try:
            self._next = (await self._opening.__aenter__()).__anext__
        except BaseException as error:
            self._policy.meter(self._record(error))
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        try:
            return await self._opening.__aexit__(kind, error, trace)
        finally:
            self._policy.meter(self._record(error))

    def __aiter__(self) -> "_Metering":
        return self

    async def __anext__(self) -> Chunk:
        chunk = await self._next()
        if isinstance(chunk, ChunkText):
            if self._first_at is None:
                self._first_at = self._policy.clock.monotonic()
            self._texts.append(chunk.text)
        else:
            self._end = chunk
        return chunk

    def _record(self, error: BaseException | None) -> Metered:
        policy, end = self._policy, self._end
        tokens_in, tokens_out = (None, None) if end is None else (end.tokens_in, end.tokens_out)
        spoke = self._first_at is not None or end is not None
        estimated = spoke and (tokens_in is None or tokens_out is None)
        if tokens_in is None:
            tokens_in = self._estimate_in() if spoke else 0
        if tokens_out is None:
            tokens_out = estimate("".join(self._texts)) if spoke else 0
        model = policy.name if end is None else end.model
        return Metered(
            purpose=self._prompt.purpose,
            model=model,
            first_ms=None if self._first_at is None else (self._first_at - self._begun_at) * 1000,
            total_ms=(policy.clock.monotonic() - self._begun_at) * 1000,
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            estimated=estimated,
            cost=policy.pricing(model).cost(tokens_in, tokens_out),
            outcome=_outcome(error, end),
        )

    def _estimate_in(self) -> int:
        return self._prompt.tokens or sum(estimate(message.content) for message in self._prompt.messages)


def _outcome(error: BaseException | None, end: ChunkEnd | None) -> str:
    if end is not None:
        return end.reason
    return error.code if isinstance(error, EverkinError) else "stopped"
