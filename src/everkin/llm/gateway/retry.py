"""Retries, only before the first token: once text was sent, a second try would give a different answer."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from everkin.domain.chat_model import ChatModel
from everkin.domain.errors import ModelBroken, ModelError, ModelOverloaded, ModelTimeout, ModelUnreachable
from everkin.domain.prompt import Prompt
from everkin.kit.clock import Clock
from everkin.llm.gateway.streams import Begun, Entering, NothingSaid, Opening, opened

PASSING = (ModelOverloaded, ModelUnreachable, ModelTimeout, ModelBroken, NothingSaid)
"""Failures that may be over by the next try. A refusal (bad key, no credit, bad request) is not one of them."""


@dataclass(frozen=True, slots=True)
class Retry:
    """How often and when to retry. Pauses are drawn from 0 to `first` · 2ⁿ seconds (full jitter), so that callers that
    failed together spread out. No try begins after the deadline of the purpose."""

    times: int = 3
    """Retries after the first try."""
    first: float = 1.0
    """Seconds; upper bound of the first pause."""
    longest: float = 20.0
    """Seconds. A provider's Retry-After is the least pause; one above this is not waited for, its error is raised."""
    window: float = 60.0
    """Seconds after the first try; no retry begins later."""


class RetryModel:
    """Retry calls that failed before the first token. `rng` returns numbers from 0 to 1; `retries` counts second and
    further tries."""

    def __init__(self, model: ChatModel, retry: Retry, clock: Clock, rng: Callable[[], float] = random.random) -> None:
        self.retries = 0
        self.model = model
        self.retry = retry
        self.clock = clock
        self.rng = rng

    @property
    def name(self) -> str:
        return self.model.name

    def stream(self, prompt: Prompt) -> Opening:
        return _Retrying(self, prompt)


class _Retrying(Entering):
    __slots__ = ("_policy", "_prompt")

    def __init__(self, policy: RetryModel, prompt: Prompt) -> None:
        self._policy = policy
        self._prompt = prompt

    async def __aenter__(self) -> Begun:
        policy = self._policy
        begun_at = policy.clock.monotonic()
        tried = 0
        while True:
            try:
                self._opening, stream = await opened(policy.model, self._prompt)
            except PASSING as error:
                pause = self._pause(error, tried, begun_at)
            else:
                return stream
            tried += 1
            policy.retries += 1
            await policy.clock.sleep(pause)

    def _pause(self, error: ModelError, tried: int, begun_at: float) -> float:
        """Return the seconds until the next try. Raises the given error when no try is left."""
        policy, retry = self._policy, self._policy.retry
        asked = error.retry_after or 0.0
        pause = max(asked, retry.first * 2.0**tried * policy.rng())
        at = policy.clock.monotonic() + pause
        deadline = self._prompt.purpose.deadline
        too_late = at > begun_at + retry.window or (deadline is not None and at >= deadline)
        if tried >= retry.times or asked > retry.longest or too_late:
            raise error
        return pause
