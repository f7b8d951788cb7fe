"""How the gateway is doing, as plain values: for health, for operators, for agents."""

from dataclasses import dataclass

import aiohttp

from everkin.llm.gateway.cached_replies import ReplyCacheStats
from everkin.llm.providers.http import PoolStats, pool_stats
from everkin.llm.registry.clients import ModelClients


@dataclass(frozen=True, slots=True)
class EndpointStats:
    name: str
    breaker: str
    """Closed, open, half-open."""
    inside: int
    waiting: int
    refused: int
    retries: int
    keys: dict[str, str]
    """Label -> ready, resting, refused; empty where there is but one."""


@dataclass(frozen=True, slots=True)
class GatewayStats:
    endpoints: tuple[EndpointStats, ...]
    cache: ReplyCacheStats
    pool: PoolStats
    shared: int
    failovers: int

    @property
    def troubles(self) -> list[str]:
        """What an operator should know, a phrase each."""
        resting = [f"{each.name} is left alone for a moment" for each in self.endpoints if each.breaker != "closed"]
        refused = [
            f"{each.name} refuses {label}"
            for each in self.endpoints
            for label, condition in each.keys.items()
            if condition == "refused"
        ]
        return resting + refused

    def figures(self) -> dict[str, float]:
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
