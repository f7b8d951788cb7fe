"""A circuit breaker: an endpoint that keeps failing is not called for a while, then tried with one single call.

closed -> open when at least `failures` calls of the last `window` seconds failed, and at least half of them;
open -> half-open after `cool_down` seconds; half-open -> closed when the one probe succeeds, -> open when it fails.
"""

from collections import deque
from dataclasses import dataclass

from everkin.domain.chat_model import ChatModel
from everkin.domain.errors import ModelUnreachable
from everkin.domain.prompt import Prompt
from everkin.kit.clock import Clock
from everkin.llm.gateway.retry import PASSING
from everkin.llm.gateway.streams import Begun, Entering, Opening, opened

REMEMBERED = 256
"""Calls of which the outcome is kept."""


@dataclass(frozen=True, slots=True)
class BreakerConfig:
    """When a breaker opens, and for how long."""

    failures: int = 5
    """Failed calls within the window."""
    window: float = 30.0
    """Seconds within which calls count."""
    cool_down: float = 10.0
    """Seconds from opening to the probe."""


class BreakerOpen(ModelUnreachable):
    """The request was not sent: the endpoint failed too often just before."""


class CircuitBreaker:
    """State of one endpoint. A call asks `enter` and afterwards calls exactly one of `heard`, `failed`, `left`.
    `opened` counts how often the breaker opened."""

    def __init__(self, rule: BreakerConfig, clock: Clock) -> None:
        self.opened = 0
        self._rule = rule
        self._clock = clock
        self._calls: deque[tuple[float, bool]] = deque(maxlen=REMEMBERED)
        self._open_until: float | None = None
        self._probing = False

    @property
    def state(self) -> str:
        """One of "closed", "open" or "half-open"."""
        if self._open_until is None:
            return "closed"
        return "half-open" if self._clock.monotonic() >= self._open_until else "open"

    @property
    def closes_in(self) -> float:
        """Seconds until a probe is allowed; 0 if it is allowed now."""
        if self._open_until is None:
            return 0.0
        return max(0.0, self._open_until - self._clock.monotonic())

    @property
    def admits(self) -> bool:
        """Whether a call would be let through now."""
        return self._open_until is None or (not self._probing and self.closes_in == 0)

    def enter(self) -> bool:
        """Let a call through and return whether it is the probe. Raises BreakerOpen."""
        if not self.admits:
            raise BreakerOpen(retry_after=round(max(1.0, self.closes_in), 1))
        self._probing = self._open_until is not None
        return self._probing

    def heard(self, probe: bool) -> None:
        """Record that the endpoint answered, or refused because of the request itself: it works."""
        if probe:
            self._probing, self._open_until = False, None
            self._calls.clear()
        if self._open_until is None:
            self._calls.append((self._clock.monotonic(), True))

    def failed(self, probe: bool) -> None:
        """Record a failure of the endpoint; a failed probe opens the breaker again."""
        now = self._clock.monotonic()
        self._calls.append((now, False))
        if probe:
            self._probing = False
        if probe or (self._open_until is None and self._too_many(now)):
            self.opened += 1
            self._open_until = now + self._rule.cool_down

    def left(self, probe: bool) -> None:
        """Record that the caller cancelled before the outcome was known."""
        if probe:
            self._probing = False

    def _too_many(self, now: float) -> bool:
        while self._calls and self._calls[0][0] < now - self._rule.window:
            self._calls.popleft()
        failures = sum(not well for _, well in self._calls)
        return failures >= self._rule.failures and failures * 2 >= len(self._calls)


class CircuitBreakerModel:
    """Call a model only when its breaker admits the call, and record the outcome."""

    def __init__(self, model: ChatModel, breaker: CircuitBreaker) -> None:
        self.model = model
        self.breaker = breaker

    @property
    def name(self) -> str:
        return self.model.name

    def stream(self, prompt: Prompt) -> Opening:
        return _Breaking(self, prompt)


class _Breaking(Entering):
    __slots__ = ("_policy", "_prompt")

    def __init__(self, policy: CircuitBreakerModel, prompt: Prompt) -> None:
        self._policy = policy
        self._prompt = prompt

    async def __aenter__(self) -> Begun:
        breaker = self._policy.breaker
        try:
            probe = breaker.enter()
        except BreakerOpen as error:
            raise BreakerOpen(_sentence(self._policy.name), retry_after=error.retry_after) from None
        try:
            self._opening, stream = await opened(self._policy.model, self._prompt)
        except PASSING:
            breaker.failed(probe)
            raise
        except Exception:
            breaker.heard(probe)
            raise
        except BaseException:
            breaker.left(probe)
            raise
        breaker.heard(probe)
        return stream


def _sentence(name: str) -> str:
    return (
        f"{name} has failed several times just now and is left alone for a moment. Your message is safe; send it again."
    )
