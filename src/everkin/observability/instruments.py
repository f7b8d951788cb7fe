"""Plain counters and histograms. They cost a dictionary look-up each, and nothing of the metrics' format is loaded for them."""

from bisect import bisect_left
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal

Labels = tuple[str, ...]
"""Values, in the order of the names. Never a person's id or words."""

Kind = Literal["counter", "gauge"]
Sample = tuple[Labels, float]

FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SLOW = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 8.0, 13.0, 21.0, 34.0, 60.0, 120.0, 300.0)
"""Upper bounds of buckets, in seconds."""


@dataclass(frozen=True, slots=True)
class About:
    name: str
    """Without the `everkin_` in front and the `_total` of counters."""
    meaning: str
    labels: tuple[str, ...] = ()


class Counter:
    """One without labels is 0 from the beginning, so that a rate can be taken of its first step."""

    def __init__(self, about: About) -> None:
        self.about = about
        self.values: dict[Labels, float] = {} if about.labels else {(): 0.0}

    def add(self, amount: float, *labels: str) -> None:
        self.values[labels] = self.values.get(labels, 0.0) + amount


@dataclass(slots=True)
class Distribution:
    """`counts[n]`: values in bucket n; the last is above every bound."""

    counts: list[int]
    total: float = 0.0


class Histogram:
    def __init__(self, about: About, bounds: Sequence[float]) -> None:
        self.about = about
        self.bounds = tuple(bounds)
        self.distributions: dict[Labels, Distribution] = {}
        if not about.labels:
            self.distributions[()] = self._empty()

    def observe(self, seconds: float, *labels: str) -> None:
        found = self.distributions.get(labels)
        if found is None:
            found = self.distributions[labels] = self._empty()
        found.counts[bisect_left(self.bounds, seconds)] += 1
        found.total += seconds

    def _empty(self) -> Distribution:
        return Distribution([0] * (len(self.bounds) + 1))


@dataclass(frozen=True, slots=True)
class Reading:
    """Something another part counts: `read` is asked when the metrics are."""

    about: About
    kind: Kind
    read: Callable[[], Awaitable[Sequence[Sample]]]


class Names:
    """Keeps a label's values few: the first `most` that come stay themselves, what comes later is `other`."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: set[str] = set()

    def of(self, name: str) -> str:
        if name not in self._known:
            if len(self._known) >= self._most:
                return "other"
            self._known.add(name)
        return name
