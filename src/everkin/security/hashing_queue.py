"""The queue for hashing passwords. A hash costs 64 MiB and a core, so few run at once; the queue is shared fairly."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from everkin.domain.errors import Busy

RUNNING, WAITING = 2, 64
_Place = asyncio.Future[None]


@dataclass(frozen=True, slots=True)
class Applicant:
    """A request to hash a password."""

    key: str
    """The key by which the queue is shared: an address, or the account of a known device."""
    first: bool = False
    """Served before all others: known devices, and the operator."""


class HashingQueue:
    """At most `running` hashes at once and `waiting` behind them. Requests with `first` are served before the others;
    among equals the keys take turns. When the queue is full, the newest place of the key that holds most is given to a
    key that holds fewer: Busy is raised for keys that take more than their share."""

    def __init__(self, running: int = RUNNING, waiting: int = WAITING) -> None:
        self._free = running
        self._most_waiting = waiting
        self._first = _Rounds()
        self._others = _Rounds()

    @asynccontextmanager
    async def turn(self, applicant: Applicant) -> AsyncIterator[None]:
        """Entered when the applicant may hash. Raises Busy."""
        await self._wait(applicant)
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, applicant: Applicant) -> None:
        if self._free:
            self._free -= 1
            return
        self._make_room(applicant)
        rounds = self._first if applicant.first else self._others
        place = asyncio.get_running_loop().create_future()
        rounds.add(applicant.key, place)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled() and place.exception() is None:
                self._pass_on()  # its turn had come already
            rounds.remove(applicant.key, place)
            raise

    def _make_room(self, applicant: Applicant) -> None:
        if len(self._first) + len(self._others) < self._most_waiting:
            return
        if applicant.first and len(self._others):
            self._others.drop_newest_of_largest()
            return
        rounds = self._first if applicant.first else self._others
        if rounds.largest <= rounds.held_by(applicant.key) + 1:
            raise _too_many()
        rounds.drop_newest_of_largest()

    def _pass_on(self) -> None:
        while (place := self._first.next() or self._others.next()) is not None:
            if not place.done():  # else its task was cancelled
                place.set_result(None)
                return
        self._free += 1


class _Rounds:
    """Places by key; the keys take turns."""

    def __init__(self) -> None:
        self._places: OrderedDict[str, deque[_Place]] = OrderedDict()

    def __len__(self) -> int:
        return sum(map(len, self._places.values()))

    @property
    def largest(self) -> int:
        return max(map(len, self._places.values()), default=0)

    def held_by(self, key: str) -> int:
        return len(self._places.get(key, ()))

    def add(self, key: str, place: _Place) -> None:
        self._places.setdefault(key, deque()).append(place)

    def next(self) -> _Place | None:
        """Take the oldest place of the next key, and move that key to the end."""
        if not self._places:
            return None
        key, places = self._places.popitem(last=False)
        place = places.popleft()
        if places:
            self._places[key] = places
        return place

    def remove(self, key: str, place: _Place) -> None:
        places = self._places.get(key, deque())
        if place in places:
            places.remove(place)
        if not places:
            self._places.pop(key, None)

    def drop_newest_of_largest(self) -> None:
        key = max(self._places, key=lambda each: len(self._places[each]))
        place = self._places[key].pop()
        if not self._places[key]:
            del self._places[key]
        if not place.done():
            place.set_exception(_too_many())


def _too_many() -> Busy:
    return Busy("Too many people are signing in at once. Try again in a moment.", retry_after=2)
