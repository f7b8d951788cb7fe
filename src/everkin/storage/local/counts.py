"""Exact sliding windows in this process, with one entry per count."""

from collections import OrderedDict
from dataclasses import dataclass, field
from itertools import count, islice

from everkin.domain.cache import Limit, Refusal
from everkin.kit.clock import Clock

_LOOKED_AT = 2
"""Windows cleaned up per window taken; more than one, so that expired windows do not accumulate."""

MOST_WINDOWS = 100_000
"""Keys counted at a time. Beyond it the least recently checked window is dropped: this bounds memory and is not a rate
limit.
"""


@dataclass(slots=True)
class _Window:
    seconds: float
    """Length of the window."""
    times: OrderedDict[str, float] = field(default_factory=OrderedDict)
    """Seconds of the monotonic clock at which each mark was counted, oldest first."""


class LocalCounts:
    fallbacks = 0

    def __init__(self, clock: Clock, most_windows: int = MOST_WINDOWS) -> None:
        self._clock = clock
        self._most_windows = most_windows
        self._windows: OrderedDict[str, _Window] = OrderedDict()
        self._numbers = count()

    async def take(self, *limits: Limit, mark: str = "") -> Refusal | None:
        now = self._clock.monotonic()
        for limit in limits:
            times = self._current(limit, now)
            if len(times) >= limit.most and mark not in times:
                return Refusal(limit, _wait(times, limit, now))
        self.note(*limits, mark=mark)
        return None

    async def check(self, *limits: Limit) -> Refusal | None:
        now = self._clock.monotonic()
        for limit in limits:
            known = limit.key in self._windows
            times = self._current(limit, now) if known else OrderedDict[str, float]()
            if len(times) >= limit.most:
                return Refusal(limit, _wait(times, limit, now))
        return None

    def note(self, *limits: Limit, mark: str = "") -> None:
        """Count without checking the limits; the caller has checked them, here or in Redis."""
        now = self._clock.monotonic()
        mark = mark or f"#{next(self._numbers)}"
        for limit in limits:
            self._current(limit, now).setdefault(mark, now)
        self._tidy(now, _LOOKED_AT * len(limits))

    async def give_back(self, *limits: Limit, mark: str) -> None:
        self.drop(*limits, mark=mark)

    def drop(self, *limits: Limit, mark: str) -> None:
        for limit in limits:
            if (window := self._windows.get(limit.key)) is not None:
                window.times.pop(mark, None)

    def __len__(self) -> int:
        return len(self._windows)

    def _current(self, limit: Limit, now: float) -> OrderedDict[str, float]:
        window = self._windows.get(limit.key)
        if window is None:
            window = self._windows[limit.key] = _Window(limit.seconds)
        window.seconds = limit.seconds
        _forget(window, now)
        return window.times

    def _tidy(self, now: float, most: int) -> None:
        """Drop empty windows among the next few in turn, and the oldest windows if there are too many."""
        while len(self._windows) > self._most_windows:
            self._windows.popitem(last=False)
        for _ in range(min(most, len(self._windows))):
            key, window = self._windows.popitem(last=False)
            _forget(window, now)
            if window.times:
                self._windows[key] = window


def _wait(times: OrderedDict[str, float], limit: Limit, now: float) -> float:
    """Return the seconds until the limit allows another count."""
    if limit.most <= 0:
        return limit.seconds
    leaves = next(islice(times.values(), len(times) - limit.most, None))
    return max(0.0, leaves + limit.seconds - now)


def _forget(window: _Window, now: float) -> None:
    times = window.times
    while times and next(iter(times.values())) <= now - window.seconds:
        times.popitem(last=False)
