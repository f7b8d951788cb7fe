"""A bounded number of slots, and the order in which waiting calls get them. All operations take constant time.

The highest priority goes first; within a priority users take turns, each with their oldest call. Every fourth slot goes
to the priority that has waited longest for one, so that no call starves: with k priorities waiting, each gets at least
one slot in 4·k, and within it every user one in as many as there are users.
"""

import asyncio
from collections import OrderedDict

from everkin.domain.errors import ModelOverloaded
from everkin.domain.prompt import Purpose
from everkin.kit.clock import Clock

LEVELS = 11
"""Priorities 0 to 10."""
AGEING = 4
"""Every so many slots, one goes to the priority passed over longest."""
TYPICAL_SECONDS = 3.0
"""Assumed duration of a call before any has ended."""


class QueueFull(ModelOverloaded):
    """Everkin's own queue is full or its wait too long. The request was not sent, and an immediate retry would not
    help."""


class _Waiter:
    __slots__ = ("deadline", "future", "level", "timer", "user")

    def __init__(self, user: str, level: int, deadline: float, future: "asyncio.Future[None]") -> None:
        self.user = user
        self.level = level
        self.deadline = deadline
        self.future = future
        self.timer: asyncio.TimerHandle | None = None


class _Level:
    """The waiting calls of one priority: users in the order of their turns, each with their calls in the order of
    arrival."""

    __slots__ = ("people", "served")

    def __init__(self) -> None:
        self.people: OrderedDict[str, dict[_Waiter, None]] = OrderedDict()
        self.served = 0

    def add(self, waiter: _Waiter) -> None:
        self.people.setdefault(waiter.user, {})[waiter] = None

    def remove(self, waiter: _Waiter) -> None:
        calls = self.people[waiter.user]
        del calls[waiter]
        if not calls:
            del self.people[waiter.user]

    def next(self) -> _Waiter:
        user, calls = next(iter(self.people.items()))
        self.people.move_to_end(user)
        return next(iter(calls))


class Slots:
    """Hand out slots to calls; `places` is how many calls may run at once.

    `limit`: calls that may wait; `limit_a_user`: of one user; `longest`: seconds a call without a deadline may wait.
    `inside`, `waiting`, `refused` and `most_inside` are counters for monitoring.
    """

    def __init__(self, places: int, clock: Clock, *, limit: int, limit_a_user: int, longest: float) -> None:
        self.places = places
        self.inside = 0
        self.most_inside = 0
        self.waiting = 0
        self.refused = 0
        self._clock = clock
        self._limit = limit
        self._limit_a_user = limit_a_user
        self._longest = longest
        self._levels = [_Level() for _ in range(LEVELS)]
        self._waiting_of: dict[str, int] = {}
        self._granted = 0
        self._seconds_a_call = TYPICAL_SECONDS

    async def enter(self, purpose: Purpose) -> None:
        """Wait for a slot, which `leave` gives back. A cancelled caller holds no slot. Raises QueueFull when the queue
        is full or the wait too long."""
        if self.inside < self.places and not self.waiting:
            self._took()
            return
        waiter = self._line_up(purpose)
        try:
            await waiter.future
        except asyncio.CancelledError:
            if waiter.future.cancelled():
                self._forget(waiter)
            elif waiter.future.exception() is None:
                self.leave()
            raise
        finally:
            if waiter.timer is not None:
                waiter.timer.cancel()

    def leave(self, seconds: float | None = None) -> None:
        """Give a slot back. `seconds`: how long it was held, if that is typical of a call; None leaves the estimate
        unchanged."""
        if seconds is not None:
            self._seconds_a_call += (seconds - self._seconds_a_call) / 16
        self.inside -= 1
        while self.waiting and self.inside < self.places:
            self._grant()

    def wait_ahead(self) -> float:
        """Estimate the seconds a new call would wait."""
        return max(1.0, round((self.waiting + 1) * self._seconds_a_call / self.places, 1))

    def _line_up(self, purpose: Purpose) -> _Waiter:
        now = self._clock.monotonic()
        mine = self._waiting_of.get(purpose.user_id, 0)
        if self.waiting >= self._limit or mine >= self._limit_a_user:
            raise self._refusal()
        loop = asyncio.get_running_loop()
        deadline = now + self._longest if purpose.deadline is None else min(purpose.deadline, now + self._longest)
        level = min(max(purpose.priority, 0), LEVELS - 1)
        waiter = _Waiter(purpose.user_id, level, deadline, loop.create_future())
        if not self._levels[level].people:
            self._levels[level].served = self._granted
        self._levels[level].add(waiter)
        self.waiting += 1
        self._waiting_of[waiter.user] = mine + 1
        waiter.timer = loop.call_later(max(0.0, deadline - now), self._give_up, waiter)
        return waiter

    def _grant(self) -> None:
        waiter = self._next_level().next()
        if waiter.deadline <= self._clock.monotonic():
            self._give_up(waiter)
            return
        self._forget(waiter)
        if waiter.future.done():
            return
        self._granted += 1
        self._levels[waiter.level].served = self._granted
        self._took()
        waiter.future.set_result(None)

    def _next_level(self) -> _Level:
        waiting = [level for level in self._levels if level.people]
        return min(waiting, key=_last_served) if self._granted % AGEING == AGEING - 1 else waiting[-1]

    def _give_up(self, waiter: _Waiter) -> None:
        self._forget(waiter)
        if not waiter.future.done():
            waiter.future.set_exception(self._refusal())

    def _forget(self, waiter: _Waiter) -> None:
        """Remove a call from the queue; harmless if it has left already."""
        if waiter not in self._levels[waiter.level].people.get(waiter.user, ()):
            return
        self._levels[waiter.level].remove(waiter)
        self.waiting -= 1
        self._waiting_of[waiter.user] -= 1
        if not self._waiting_of[waiter.user]:
            del self._waiting_of[waiter.user]

    def _took(self) -> None:
        self.inside += 1
        self.most_inside = max(self.most_inside, self.inside)

    def _refusal(self) -> QueueFull:
        self.refused += 1
        return QueueFull(
            "Many people are talking to the language model just now. Your message is safe; send it again in a moment.",
            retry_after=self.wait_ahead(),
        )


def _last_served(level: _Level) -> int:
    return level.served
