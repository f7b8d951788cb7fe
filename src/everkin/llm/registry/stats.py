"""State of the gateway as plain values, for health reports and operators."""

from dataclasses import dataclass

import aiohttp

from everkin.llm.gateway.cached_replies import ReplyCacheStats
from everkin.llm.providers.http import PoolStats, pool_stats
from everkin.llm.registry.clients import ModelClients


@dataclass(frozen=True, slots=True)
class EndpointStats:
    """State of one endpoint."""

    name: str
    """Canonical name of the model."""
    breaker: str
    """One of "closed", "open" or "half-open"."""
    inside: int
    """Calls running now."""
    waiting: int
    """Calls waiting for a slot."""
    refused: int
    """Calls refused because the queue was full or the wait too long."""
    retries: int
    """Second and further tries."""
    keys: dict[str, str]
    """Label -> "ready", "resting" or "refused"; empty if there is only one key."""


@dataclass(frozen=True, slots=True)
class GatewayStats:
    """State of all endpoints and of their shared parts."""

    endpoints: tuple[EndpointStats, ...]
    """One for each endpoint set up so far."""
    cache: ReplyCacheStats
    """Counters of the response cache."""
    pool: PoolStats
    """The pool of outgoing connections."""
    shared: int
    """Calls saved by sharing a running one."""
    failovers: int
    """Answers given by a fallback model."""

    @property
    def troubles(self) -> list[str]:
        """Problems an operator should know, one phrase each."""
        resting = [f"{each.name} is left alone for a moment" for each in self.endpoints if each.breaker != "closed"]
        refused = [
            f"{each.name} refuses {label}"
            for each in self.endpoints
            for label, condition in each.keys.items()
            if condition == "refused"
        ]
        return resting + refused

    def figures(self) -> dict[str, float]:
        """Return the counters by name, summed over all endpoints."""
        return {
            "inside": float(sum(each.inside for each in self.endpoints)),
            "waiting": float(sum(each.waiting for each in self.endpoints)),
            "refused": float(sum(each.refused for each in self.endpoints)),
            "retries": float(sum(each.retries for each in self.endpoints)),
            "breakers_open": float(sum(each.breaker != "closed" for each in self.endpoints)),
            "failovers": float(self.failovers),
            "shared": float(self.shared),
            "cache_hits": float(self.cache.hits),
            "cache_entries": float(self.cache.entries),
        }


def gateway_stats(speakers: ModelClients, session: aiohttp.ClientSession) -> GatewayStats:
    """Collect the current state."""
    endpoints = tuple(
        EndpointStats(
            name=endpoint[0],
            breaker=stack.breaker.state,
            inside=stack.places.inside,
            waiting=stack.places.waiting,
            refused=stack.places.refused,
            retries=stack.retrying.retries,
            keys=stack.keyed.conditions() if stack.keyed else {},
        )
        for endpoint, stack in speakers.stacks.items()
    )
    spoken = speakers.spoken.values()
    return GatewayStats(
        endpoints=endpoints,
        cache=speakers.replies.stats(),
        pool=pool_stats(session),
        shared=sum(each.shared.shared for each in spoken),
        failovers=sum(each.failing_over.failovers for each in spoken),
    )
