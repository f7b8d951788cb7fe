"""The stack every model is spoken to through, written once. Each policy is a wrapper in a file of its own.

    metered         outermost: sees what the person sees, one record a call, waiting included
      cached        before everything that costs: a hit takes no place, no connection, no token
        shared      before the queue: listeners of one answer hold one place
          failing over    chooses an endpoint; each below has a queue, a breaker and retries of its own, so that people who
            |             wait for a sick endpoint hold no place at a healthy one
            queued        a place covers the retries: an endpoint that is short of breath gets less to do, not more
              breaking    counts calls after their retries; asked once a place is held, so that those who waited learn at once
                retrying  the only place where a call is repeated
                  keyed   another key costs no pause, so it comes before a retry
                    timed innermost: each try has its own time-outs, and waiting in our queue is no silence of the model

What acts before the first token only (all from `failing over` down to `keyed`) is out of the way afterwards.
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
    """How one endpoint is treated."""

    limits: Timeouts
    places: int = 3
    """Calls at once, for each key."""
    waiting: int = 1000
    """Calls that may wait for a place, of which one person may hold a tenth."""
    longest_wait: float = 300.0
    """In seconds."""
    retry: Retry = field(default_factory=Retry)
    breaking: BreakerConfig = field(default_factory=BreakerConfig)


@dataclass(frozen=True, slots=True)
class EndpointStack:
    """One endpoint's policies, put together."""

    model: ChatModel
    places: Slots
    breaker: CircuitBreaker
    retrying: RetryModel
    keyed: ApiKeyModel | None
    """None: there is but one key."""

    @property
    def link(self) -> FailoverTarget:
        return FailoverTarget(self.model, self.breaker)


class Gateway:
    """What all models of a process share: the kept replies and the meter. `rng` as in RetryModel."""

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
        """Of one server. Stacks of several models on it share them."""
        return Slots(
            policy.places * keys,
            self._clock,
            limit=policy.waiting,
            limit_a_user=max(8, policy.waiting // 10),
            longest=policy.longest_wait,
        )

    def stack(self, models: Sequence[ChatModel], policy: Policy, places: Slots | None = None) -> EndpointStack:
        """`models`: the same endpoint, once for each of its keys. To be made once an endpoint. Without `places` it gets its own."""
        keyed: list[ApiKeyModel] = []
        speaker = one_of([TimeoutModel(model, policy.limits) for model in models], self._clock, keyed.append)
        retrying = RetryModel(speaker, policy.retry, self._clock, self._rng)
        breaker = CircuitBreaker(policy.breaking, self._clock)
        places = places if places is not None else self.places(policy, len(models))
        model = QueuedModel(CircuitBreakerModel(retrying, breaker), places, self._clock)
        return EndpointStack(model, places, breaker, retrying, keyed[0] if keyed else None)

    def model(self, chain: Sequence[FailoverTarget], pricing: Pricing = profile_of) -> "Pipeline":
        """`chain`: the chosen endpoint, then those that stand in for it. To be made once a chain: flights are shared in it."""
        failing_over = FailoverModel(chain, self._clock)
        shared = SingleFlightModel(failing_over if len(chain) > 1 else chain[0].model)
        cached = CachedModel(shared, self.replies)
        return Pipeline(MeteredModel(cached, self._meter, self._clock, pricing), shared, failing_over)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What a turn speaks to, with the parts that health asks."""

    model: ChatModel
    shared: SingleFlightModel
    failing_over: FailoverModel


def gateway(model: ChatModel, limits: Timeouts) -> ChatModel:
    """All policies around one model that is asked once: for tests and tools that have no house around them."""
    house = Gateway(SystemClock())
    return house.model([house.stack([model], Policy(limits, retry=Retry(times=0))).link]).model
