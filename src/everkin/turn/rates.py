"""Message rates: a sliding window of one minute, for each user and for all together. Every door shares it."""

from collections import deque

from everkin.domain.errors import TooMany
from everkin.domain.ids import UserId
from everkin.kit.clock import Clock

WINDOW_SECONDS = 60.0


class Rates:
    """In process. `per_user` 0 lifts both limits. Memory: one entry a message of the last minute."""

    def __init__(self, per_user: int, in_all: int, clock: Clock) -> None:
        self._per_user = per_user
        self._in_all = in_all
        self._clock = clock
        self._all: deque[tuple[float, UserId]] = deque()
        self._by_user: dict[UserId, deque[float]] = {}

    def take(self, user_id: UserId) -> None:
        """Counts one message; TooMany with the seconds to wait."""
        if self._per_user <= 0:
            return
        now = self._clock.monotonic()
        self._forget(now - WINDOW_SECONDS)
        own = self._by_user.setdefault(user_id, deque())
        if len(own) >= self._per_user:
            raise self._refusal(own[0], now, f"You have sent {self._per_user} messages within a minute.")
        if self._in_all > 0 and len(self._all) >= self._in_all:
            raise self._refusal(self._all[0][0], now, "Many people are writing at once.")
        own.append(now)
        self._all.append((now, user_id))

    def _forget(self, until: float) -> None:
        while self._all and self._all[0][0] <= until:
            _, user_id = self._all.popleft()
            own = self._by_user[user_id]
            own.popleft()
            if not own:
                del self._by_user[user_id]

    def _refusal(self, oldest: float, now: float, why: str) -> TooMany:
        wait = max(0.1, oldest + WINDOW_SECONDS - now)
        return TooMany(f"{why} Wait {round(wait) or 1} seconds.", retry_after=round(wait, 1))
