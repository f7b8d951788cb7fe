"""Tries again, only while nobody has heard a word: after that a second answer would be another answer."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from everkin.domain.chat_model import ChatModel
from everkin.domain.errors import ModelBroken, ModelError, ModelOverloaded, ModelTimeout, ModelUnreachable
from everkin.domain.prompt import Prompt
from everkin.kit.clock import Clock
from everkin.llm.gateway.streams import Begun, Entering, NothingSaid, Opening, opened

PASSING = (ModelOverloaded, ModelUnreachable, ModelTimeout, ModelBroken, NothingSaid)
"""Failures that may have passed by the next try. A refusal (bad key, no credit, bad request) never has."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Pauses are drawn from 0 to `first` · 2ⁿ seconds (full jitter), so that callers who failed together return apart.

    A provider's Retry-After is a floor under the pause; one beyond `longest` is not waited for, and its error tells the person.
    No try begins later than `window` seconds after the first, nor after the deadline of the purpose.
    """

    times: int = 3
    first: float = 1.0
    longest: float = 20.0
    window: float = 60.0


class RetryModel:
    """`rng` gives numbers from 0 to 1. `retries` counts second and further tries."""

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
        """Seconds until the next try; raises the error when there is none."""
        policy, retry = self._policy, self._policy.retry
        asked = error.retry_after or 0.0
        pause = max(asked, retry.first * 2.0**tried * policy.rng())
        at = policy.clock.monotonic() + pause
        deadline = self._prompt.purpose.deadline
        too_late = at > begun_at + retry.window or (deadline is not None and at >= deadline)
        if tried >= retry.times or asked > retry.longest or too_late:
            raise error
        return pause
