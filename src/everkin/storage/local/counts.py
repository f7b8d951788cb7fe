"""Sliding windows in this process, exact: one entry for everything counted within its window."""

from collections import OrderedDict, deque
from dataclasses import dataclass, field

from everkin.domain.caching import Limit, Refusal
from everkin.kit.clock import Clock

_LOOKED_AT = 2
"""Windows tidied each time one is taken: more than are begun, so that what is over does not gather."""


@dataclass(slots=True)
class _Window:
    seconds: float
    times: deque[float] = field(default_factory=deque)


class LocalCounts:
    fallbacks = 0

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._windows: OrderedDict[str, _Window] = OrderedDict()

    async def take(self, *limits: Limit) -> Refusal | None:
        now = self._clock.monotonic()
        for limit in limits:
            times = self._current(limit, now)
            if len(times) >= limit.most:
                return Refusal(
                    limit, max(0.0, times[-limit.most] + limit.seconds - now) if limit.most > 0 else limit.seconds
                )
        self.note(*limits)
        return None

    def note(self, *limits: Limit) -> None:
        """Counts without asking: somebody else has allowed it."""
        now = self._clock.monotonic()
        for limit in limits:
            self._current(limit, now).append(now)
        self._tidy(now, _LOOKED_AT * len(limits))

    def __len__(self) -> int:
        return len(self._windows)

    def _current(self, limit: Limit, now: float) -> deque[float]:
        window = self._windows.get(limit.key)
        if window is None:
            window = self._windows[limit.key] = _Window(limit.seconds)
        window.seconds = limit.seconds
        _forget(window, now)
        return window.times

    def _tidy(self, now: float, most: int) -> None:
        """The next few windows in turn; those with nothing left are dropped."""
        for _ in range(min(most, len(self._windows))):
            key, window = self._windows.popitem(last=False)
            _forget(window, now)
            if window.times:
                self._windows[key] = window


def _forget(window: _Window, now: float) -> None:
    while window.times and window.times[0] <= now - window.seconds:
        window.times.popleft()
