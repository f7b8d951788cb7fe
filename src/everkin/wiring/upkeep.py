"""Maintenance: the shared histories, housekeeping and reindexing."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from everkin.domain.events import Event
from everkin.history.shared_log_cache import SharedHistoryCache
from everkin.jobs.housekeeping import Housekeeping, Sweep
from everkin.jobs.maintenance import Maintenance
from everkin.jobs.reindex import Reindex
from everkin.jobs.retention import Retention, RetentionRules
from everkin.jobs.runner import JobRunner
from everkin.kit.clock import Clock
from everkin.kit.hub import Hub
from everkin.observability.health import Condition, Health, PartHealth
from everkin.settings import Settings
from everkin.storage.sql.record import Record
from everkin.turn.presence import Presence
from everkin.wiring.cache import CacheParts
from everkin.wiring.memory import Memory


def share_logs(cache: CacheParts, record: Record, presence: Presence, clock: Clock) -> SharedHistoryCache | None:
    """Return the histories shared over Redis; None if the cache is in this process, as the histories themselves are."""
    return SharedHistoryCache(cache.cache, record.counting, clock, presence.anyone) if cache.pools else None


def watch_logs(health: Health, shared: SharedHistoryCache | None) -> None:
    async def probe() -> PartHealth:
        return PartHealth(Condition.OK, "", shared.figures() if shared is not None else {})

    if shared is not None:
        health.register("hot_copies", probe)


@asynccontextmanager
async def open_upkeep(
    settings: Settings,
    record: Record,
    memory: Memory,
    job_runner: JobRunner,
    events: Hub[Event],
    sweeps: Mapping[str, Sweep],
    clock: Clock,
) -> AsyncIterator[Maintenance]:
    knobs = settings.memory
    rules = RetentionRules(knobs.retention_days, knobs.max_history_age_days)
    housekeeping = Housekeeping(Retention(record.retention, memory.forgetting, events, clock, rules), sweeps, clock)
    reindexing = Reindex(
        record.reindexing,
        job_runner.wake if knobs.enabled else None,
        memory.embedder.name if memory.embedder is not None else "",
        clock,
        memory.mirror,
    )
    housekeeping.open()
    try:
        yield Maintenance(housekeeping, reindexing)
    finally:
        await reindexing.close()
        await housekeeping.close()
