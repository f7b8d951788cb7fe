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

from everkin.kit.clock import Clock, SystemClock
from everkin.model.breaker import Breaker, Breaking, BreakingModel
from everkin.model.cached import CachedModel
from everkin.model.failing_over import FailingOverModel, Link
from everkin.model.keys import KeyedModel, one_of
from everkin.model.metered import Meter, MeteredModel, Pricing, unmetered
from everkin.model.places import Places
from everkin.model.port import ChatModel
from everkin.model.profiles import profile_of
from everkin.model.queued import QueuedModel
from everkin.model.replies import Replies
from everkin.model.retrying import Retry, RetryingModel
from everkin.model.shared import SharedModel
from everkin.model.timed import Limits, TimedModel


@dataclass(frozen=True, slots=True)
class Policy:
    """How one endpoint is treated. `places`: calls at once, for each key. `waiting`: calls that may wait for a place, of
    which one person may hold a tenth; `longest_wait` in seconds."""

    limits: Limits
    places: int = 3
    waiting: int = 1000
    longest_wait: float = 300.0
    retry: Retry = field(default_factory=Retry)
    breaking: Breaking = field(default_factory=Breaking)


@dataclass(frozen=True, slots=True)
class Stack:
    """One endpoint's policies, put together. `keyed` None: there is but one key."""

    model: ChatModel
    places: Places
    breaker: Breaker
    retrying: RetryingModel
    keyed: KeyedModel | None

    @property
    def link(self) -> Link:
        return Link(self.model, self.breaker)


class Gateway:
    """What all models of a process share: the kept replies and the meter. `rng` as in RetryingModel."""

    def __init__(
        self,
        clock: Clock,
        *,
        replies: Replies | None = None,
        meter: Meter = unmetered,
        rng: Callable[[], float] = random.random,
    ) -> None:
        self.replies = replies if replies is not None else Replies(clock)
        self._clock = clock
        self._meter = meter
        self._rng = rng

    def places(self, policy: Policy, keys: int = 1) -> Places:
        """Of one server. Stacks of several models on it share them."""
        return Places(
            policy.places * keys,
            self._clock,
            limit=policy.waiting,
            limit_a_user=max(8, policy.waiting // 10),
            longest=policy.longest_wait,
        )

    def stack(self, models: Sequence[ChatModel], policy: Policy, places: Places | None = None) -> Stack:
        """`models`: the same endpoint, once for each of its keys. To be made once an endpoint. Without `places` it gets its own."""
        keyed: list[KeyedModel] = []
        speaker = one_of([TimedModel(model, policy.limits) for model in models], self._clock, keyed.append)
        retrying = RetryingModel(speaker, policy.retry, self._clock, self._rng)
        breaker = Breaker(policy.breaking, self._clock)
        places = places if places is not None else self.places(policy, len(models))
        model = QueuedModel(BreakingModel(retrying, breaker), places, self._clock)
        return Stack(model, places, breaker, retrying, keyed[0] if keyed else None)

    def model(self, chain: Sequence[Link], pricing: Pricing = profile_of) -> "Spoken":
        """`chain`: the chosen endpoint, then those that stand in for it. To be made once a chain: flights are shared in it."""
        failing_over = FailingOverModel(chain, self._clock)
        shared = SharedModel(failing_over if len(chain) > 1 else chain[0].model)
        cached = CachedModel(shared, self.replies)
        return Spoken(MeteredModel(cached, self._meter, self._clock, pricing), shared, failing_over)


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a turn speaks to, with the parts that health asks."""

    model: ChatModel
    shared: SharedModel
    failing_over: FailingOverModel


def gateway(model: ChatModel, limits: Limits) -> ChatModel:
    """All policies around one model that is asked once: for tests and tools that have no house around them."""
    house = Gateway(SystemClock())
    return house.model([house.stack([model], Policy(limits, retry=Retry(times=0))).link]).model
