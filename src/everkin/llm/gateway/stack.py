"""The order in which the gateway's policies wrap a model. Each policy is a wrapper in a file of its own.

    metered         outermost: measures the call as the user experiences it, one record a call, waiting included
      cached        before everything that costs: a hit takes no slot, no connection, no token
        shared      before the queue: readers of one answer hold one slot
          failing over    chooses an endpoint; each below has its own queue, breaker and retries, so that calls
            |             that wait for a failing endpoint hold no slot at a healthy one
            queued        a slot is held during retries: a struggling endpoint gets fewer calls, not more
              breaking    counts calls after retries; checked with a slot in hand, so that waiting calls fail at once
                retrying  the only policy that repeats a call
                  keyed   another key needs no pause, so it is tried before a retry
                    timed innermost: each try has its own time-outs, and queueing is not counted as the model's silence

Policies that act before the first token only (from `failing over` down to `keyed`) do not touch later chunks.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from everkin.domain.chat_model import ChatModel
from everkin.kit.clock import Clock, SystemClock
from everkin.llm.gateway.api_keys import ApiKeyModel, one_of
from everkin.llm.gateway.cached_replies import CachedReplies
from everkin.llm.gateway.circuit_breaker import BreakerConfig, CircuitBreaker, CircuitBreakerModel
from everkin.llm.gateway.failover import FailoverModel, FailoverTarget
from everkin.llm.gateway.metering import Meter, MeteredModel, Pricing, unmetered
from everkin.llm.gateway.queue import QueuedModel
from everkin.llm.gateway.response_cache import CachedModel
from everkin.llm.gateway.retry import Retry, RetryModel
from everkin.llm.gateway.single_flight import SingleFlightModel
from everkin.llm.gateway.slots import Slots
from everkin.llm.gateway.timeout import TimeoutModel, Timeouts
from everkin.llm.profiles import profile_of


@dataclass(frozen=True, slots=True)
class Policy:
    """How calls of one endpoint are handled."""

    limits: Timeouts
    """Time-outs of each try."""
    places: int = 3
    """Concurrent calls for each key."""
    waiting: int = 1000
    """Calls that may wait for a slot; one user may hold a tenth of them."""
    longest_wait: float = 300.0
    """Seconds."""
    retry: Retry = field(default_factory=Retry)
    """Retries before the first token."""
    breaking: BreakerConfig = field(default_factory=BreakerConfig)
    """When the circuit breaker opens."""


@dataclass(frozen=True, slots=True)
class EndpointStack:
    """One endpoint with its policies."""

    model: ChatModel
    """The outermost wrapper."""
    places: Slots
    """Its slots, possibly shared with other models of the same server."""
    breaker: CircuitBreaker
    """Its circuit breaker."""
    retrying: RetryModel
    """The retrying wrapper, which counts retries."""
    keyed: ApiKeyModel | None
    """None if there is only one key."""

    @property
    def link(self) -> FailoverTarget:
        """The endpoint as a member of a failover chain."""
        return FailoverTarget(self.model, self.breaker)


class Gateway:
    """Builds the stacks of all models of a process, which share the cached replies and the meter. `rng` as in
    RetryModel."""

    def __init__(
        self,
        clock: Clock,
        *,
        replies: CachedReplies | None = None,
        meter: Meter = unmetered,
        rng: Callable[[], float] = random.random,
    ) -> None:
        self.replies = replies if replies is not None else CachedReplies(clock)
        self._clock = clock
        self._meter = meter
        self._rng = rng

    def places(self, policy: Policy, keys: int = 1) -> Slots:
        """Return the slots of one server. Stacks of several of its models share them."""
        return Slots(
            policy.places * keys,
            self._clock,
            limit=policy.waiting,
            limit_a_user=max(8, policy.waiting // 10),
            longest=policy.longest_wait,
        )

    def stack(self, models: Sequence[ChatModel], policy: Policy, places: Slots | None = None) -> EndpointStack:
        """Build the stack of one endpoint; `models` is it once for each key. Call this once per endpoint. Without
        `places` it gets slots of its own."""
        keyed: list[ApiKeyModel] = []
        speaker = one_of([TimeoutModel(model, policy.limits) for model in models], self._clock, keyed.append)
        retrying = RetryModel(speaker, policy.retry, self._clock, self._rng)
        breaker = CircuitBreaker(policy.breaking, self._clock)
        places = places if places is not None else self.places(policy, len(models))
        model = QueuedModel(CircuitBreakerModel(retrying, breaker), places, self._clock)
        return EndpointStack(model, places, breaker, retrying, keyed[0] if keyed else None)

    def model(self, chain: Sequence[FailoverTarget], pricing: Pricing = profile_of) -> "Pipeline":
        """Build a pipeline over a chain: the chosen endpoint, then its substitutes. Call this once per chain, since
        running calls are shared within it."""
        failing_over = FailoverModel(chain, self._clock)
        shared = SingleFlightModel(failing_over if len(chain) > 1 else chain[0].model)
        cached = CachedModel(shared, self.replies)
        return Pipeline(MeteredModel(cached, self._meter, self._clock, pricing), shared, failing_over)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The model a turn calls, with the parts that health reports on."""

    model: ChatModel
    """The outermost wrapper."""
    shared: SingleFlightModel
    """Counts calls saved by sharing."""
    failing_over: FailoverModel
    """Counts failovers; holds the chain."""


def gateway(model: ChatModel, limits: Timeouts) -> ChatModel:
    """Wrap one model in all policies, without retries: for tests and tools that have no Gateway."""
    house = Gateway(SystemClock())
    return house.model([house.stack([model], Policy(limits, retry=Retry(times=0))).link]).model
