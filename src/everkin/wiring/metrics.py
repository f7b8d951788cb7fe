"""open_telemetry(...): usage and metrics, and the figures that metrics and health read from other parts."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from everkin.domain.events import Event
from everkin.kit.clock import Clock
from everkin.kit.hub import Hub
from everkin.llm.gateway.metering import Metered
from everkin.llm.registry.registry import ModelRegistry
from everkin.llm.registry.stats import EndpointStats
from everkin.observability.health import Condition, Health, PartHealth
from everkin.observability.instruments import About, Sample
from everkin.observability.metrics import Metrics
from everkin.observability.usage import UsageRecorder
from everkin.services.greetings import GreetingService
from everkin.services.operations import AdminService
from everkin.services.prefetch import Prefetcher
from everkin.services.sessions import SessionService
from everkin.storage.sql.record import Record

_BREAKERS = {"closed": 0.0, "half-open": 1.0, "open": 2.0}


@dataclass(frozen=True, slots=True)
class Telemetry:
    usage: UsageRecorder
    """The usage of language models."""
    metrics: Metrics
    """The metrics of this process."""

    def meter(self, record: Metered) -> None:
        """Record a call; the Meter of every model."""
        self.metrics.called(record)
        self.usage.enter(record)


@asynccontextmanager
async def open_telemetry(
    record: Record, events: Hub[Event], health: Health, clock: Clock, node: str
) -> AsyncIterator[Telemetry]:
    """Open usage and metrics. They must stay open longer than the models, whose last calls end when they are closed."""
    metrics = Metrics(clock, health, node)
    record.database.tell_commits(metrics.committed)
    with events.listening(metrics.hear):
        async with UsageRecorder(record.usage, clock) as usage:
            health.register("usage", usage.health)
            yield Telemetry(usage, metrics)


def watch_sessions(
    health: Health, sessions: SessionService, prefetcher: Prefetcher, greetings: GreetingService
) -> None:
    async def of_sessions() -> PartHealth:
        house = sessions.house()
        figures = {"live": house.live, "awake": house.awake, "resting": house.resting, "unsaved": house.unsaved}
        counted = {name: float(value) for name, value in figures.items()}
        if house.unsaved:
            return PartHealth(Condition.DEGRADED, "Sessions held more than the record; see the log.", counted)
        return PartHealth(Condition.OK, "", counted)

    async def of_ahead() -> PartHealth:
        return PartHealth(Condition.OK, "", {"skipped": float(prefetcher.skipped)})

    async def of_welcomes() -> PartHealth:
        figures = {"made_by_model": float(greetings.made_by_model), "failed": float(greetings.failed)}
        return PartHealth(Condition.OK, "", figures)

    health.register("sessions", of_sessions)
    health.register("ahead", of_ahead)
    health.register("welcomes", of_welcomes)


def watch_models(metrics: Metrics, registry: ModelRegistry) -> None:
    """Register the metrics of models, labelled by the name of an endpoint, such as `groq:llama-3.1-8b-instant`."""

    async def breakers() -> list[Sample]:
        worst: dict[str, float] = {}
        for each in _endpoints(registry):
            worst[each.name] = max(worst.get(each.name, 0.0), _BREAKERS[each.breaker])
        return [((name,), state) for name, state in worst.items()]

    async def waiting() -> list[Sample]:
        return _by_name((each.name, each.waiting) for each in _endpoints(registry))

    async def speaking() -> list[Sample]:
        return _by_name((each.name, each.inside) for each in _endpoints(registry))

    async def retries() -> list[Sample]:
        return _by_name((each.name, each.retries) for each in _endpoints(registry))

    async def refused() -> list[Sample]:
        return _by_name((each.name, each.refused) for each in _endpoints(registry))

    async def failovers() -> list[Sample]:
        return [((), float(registry.gateway().failovers))]

    async def kept() -> list[Sample]:
        cache = registry.gateway().cache
        return [(("hit",), float(cache.hits)), (("miss",), float(cache.misses))]

    of = ("endpoint",)
    metrics.watch(About("model_breaker", "0 closed, 1 half-open, 2 open.", of), "gauge", breakers)
    metrics.watch(About("model_queue", "Calls that wait for a place.", of), "gauge", waiting)
    metrics.watch(About("model_speaking", "Calls that hold a place.", of), "gauge", speaking)
    metrics.watch(About("model_retries", "Second and further tries.", of), "counter", retries)
    metrics.watch(About("model_queue_refused", "Calls there was no room for.", of), "counter", refused)
    metrics.watch(About("model_failovers", "Calls another endpoint stood in for."), "counter", failovers)
    metrics.watch(About("kept_reply_lookups", "Replies asked for again.", ("result",)), "counter", kept)


def watch_house(metrics: Metrics, admin: AdminService, sessions: SessionService) -> None:
    """Register the metrics of caches and sessions. `near`: decoded copies in this process; `far`: the cache behind
    them."""

    async def lookups() -> list[Sample]:
        seen = await admin.cache()
        counts = {"near": (seen.near_hits, seen.near_misses), "far": (seen.far.hits, seen.far.misses)}
        return [
            ((tier, result), float(count))
            for tier, pair in counts.items()
            for result, count in zip(("hit", "miss"), pair, strict=True)
        ]

    async def live_turns() -> list[Sample]:
        return [((), float(admin.memory().live_turns))]

    async def live_sessions() -> list[Sample]:
        return [((), float(sessions.house().live))]

    metrics.watch(About("cache_lookups", "What was asked of the cache.", ("tier", "result")), "counter", lookups)
    metrics.watch(About("live_turns", "Answers under way or waiting."), "gauge", live_turns)
    metrics.watch(About("live_sessions", "Conversations somebody is active in."), "gauge", live_sessions)


def _endpoints(registry: ModelRegistry) -> tuple[EndpointStats, ...]:
    return registry.gateway().endpoints


def _by_name(values: Iterable[tuple[str, float]]) -> list[Sample]:
    """Add the counts of endpoints with the same name (after a change of base URL)."""
    sums: defaultdict[str, float] = defaultdict(float)
    for name, value in values:
        sums[name] += value
    return [((name,), value) for name, value in sums.items()]
