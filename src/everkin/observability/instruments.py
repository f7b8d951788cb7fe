"""Plain counters and histograms. Each update costs a dictionary look-up, and the library of the metrics' format is not
loaded."""

from bisect import bisect_left
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal

Labels = tuple[str, ...]
"""Values, in the order of the names. Never a user's id or text."""

Kind = Literal["counter", "gauge"]
Sample = tuple[Labels, float]

FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SLOW = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 8.0, 13.0, 21.0, 34.0, 60.0, 120.0, 300.0)
"""Upper bounds of buckets, in seconds."""


@dataclass(frozen=True, slots=True)
class About:
    name: str
    """The name without the `everkin_` in front and the `_total` of counters."""
    meaning: str
    """A sentence that explains the metric."""
    labels: tuple[str, ...] = ()
    """Names of the labels."""


class Counter:
    """A counter. Without labels it is 0 from the start, so that a rate can be computed from its first step."""

    def __init__(self, about: About) -> None:
        self.about = about
        self.values: dict[Labels, float] = {} if about.labels else {(): 0.0}

    def add(self, amount: float, *labels: str) -> None:
        self.values[labels] = self.values.get(labels, 0.0) + amount


@dataclass(slots=True)
class Distribution:
    """The values of one histogram and label."""

    counts: list[int]
    """`counts[n]`: values in bucket n; the last is above every bound."""
    total: float = 0.0
    """The sum of the values."""


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
    """A metric counted by another part: `read` is called when metrics are rendered."""

    about: About
    """Name, meaning and labels."""
    kind: Kind
    """Whether it only increases."""
    read: Callable[[], Awaitable[Sequence[Sample]]]
    """Returns the present values."""


class Names:
    """Limits the number of a label's values: the first `most` stay as they are, later ones become `other`."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: set[str] = set()

    def of(self, name: str) -> str:
        if name not in self._known:
            if len(self._known) >= self._most:
                return "other"
            self._known.add(name)
        return name
