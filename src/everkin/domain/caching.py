"""What caches and counters trade in with those who use them."""

from collections.abc import Callable
from dataclasses import dataclass

Stale = Callable[[tuple[str, ...] | None], None]
"""Told the keys whose values are no longer true; None: any key may be."""


@dataclass(frozen=True, slots=True)
class CacheStats:
    """`status`: ok or degraded, with one sentence in `note`. `bytes`: held by the cache (all of Redis, when it is one).
    `owed`: invalidations that could not be sent yet. `failures`: times Redis did not answer."""

    kind: str
    status: str
    hits: int
    misses: int
    entries: int
    bytes: int
    note: str = ""
    owed: int = 0
    failures: int = 0

    @property
    def hit_rate(self) -> float:
        """0..1; 0 when nothing was asked."""
        asked = self.hits + self.misses
        return self.hits / asked if asked else 0.0


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` in any `seconds` that follow each other, for everything that counts under `key`."""

    key: str
    most: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Refusal:
    """`limit` would have been passed; it has room again in `wait` seconds."""

    limit: Limit
    wait: float
