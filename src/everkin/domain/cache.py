"""Data types of caches and of rate limit counters."""

from collections.abc import Callable
from dataclasses import dataclass

Stale = Callable[[tuple[str, ...] | None], None]
"""Called with the keys that were invalidated; None: every key may be invalid."""


@dataclass(frozen=True, slots=True)
class CacheStats:
    """Figures of one cache since the start of the process."""

    kind: str
    """`local` or `redis`."""
    status: str
    """`ok` or `degraded`; `note` explains it."""
    hits: int
    """Reads that found a value."""
    misses: int
    """Reads that found no value."""
    entries: int
    """Number of values now held."""
    bytes: int
    """Bytes held by the cache (for Redis: all of its memory)."""
    note: str = ""
    """One sentence about the status; may be empty."""
    owed: int = 0
    """Invalidations that could not be sent yet."""
    failures: int = 0
    """How often Redis did not answer."""

    @property
    def hit_rate(self) -> float:
        """Share of reads that were hits, 0..1; 0 without reads."""
        asked = self.hits + self.misses
        return self.hits / asked if asked else 0.0


@dataclass(frozen=True, slots=True)
class Limit:
    """A rate limit: at most `most` events in any interval of `seconds`, counted per `key`."""

    key: str
    """Names the counter."""
    most: int
    """Most events in the interval."""
    seconds: float
    """Length of the sliding interval."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A limit that has no room for one more event."""

    limit: Limit
    """The limit that would have been exceeded."""
    wait: float
    """Seconds until it has room again."""
