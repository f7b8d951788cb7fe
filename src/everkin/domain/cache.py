"""What caches and counters trade in with those who use them."""

from collections.abc import Callable
from dataclasses import dataclass

Stale = Callable[[tuple[str, ...] | None], None]
"""Told the keys whose values are no longer true; None: any key may be."""


@dataclass(frozen=True, slots=True)
class CacheStats:
    kind: str
    status: str
    """Ok or degraded, with one sentence in `note`."""
    hits: int
    misses: int
    entries: int
    bytes: int
    """Held by the cache (all of Redis, when it is one)."""
    note: str = ""
    owed: int = 0
    """Invalidations that could not be sent yet."""
    failures: int = 0
    """Times Redis did not answer."""

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
    limit: Limit
    """Would have been passed; it has room again in `wait` seconds."""
    wait: float
