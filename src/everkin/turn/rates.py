"""Message rates: a sliding window of one minute, for each user and for all together. Every door shares it."""

from everkin.domain.caching import Limit, Refusal
from everkin.domain.errors import TooMany
from everkin.domain.ids import UserId
from everkin.turn.caching import Counts

WINDOW_SECONDS = 60.0


class Rates:
    """`per_user` 0 lifts both limits, `in_all` 0 only the common one. Shared by all nodes where `counts` is."""

    def __init__(self, per_user: int, in_all: int, counts: Counts) -> None:
        self._per_user = per_user
        self._all = Limit("rate:all", in_all, WINDOW_SECONDS)
        self._counts = counts

    async def take(self, user_id: UserId, mark: str = "") -> None:
        """Counts one message; TooMany with the seconds to wait. Within a minute a `mark` counts once, and is let through as
        often as it comes."""
        if self._per_user <= 0:
            return
        if (refusal := await self._counts.take(*self._limits(user_id), mark=mark)) is not None:
            raise self._refused(refusal)

    async def give_back(self, user_id: UserId, mark: str) -> None:
        if self._per_user > 0:
            await self._counts.give_back(*self._limits(user_id), mark=mark)

    def _limits(self, user_id: UserId) -> list[Limit]:
        mine = Limit(f"rate:user:{user_id}", self._per_user, WINDOW_SECONDS)
        return [mine, self._all] if self._all.most > 0 else [mine]

    def _refused(self, refusal: Refusal) -> TooMany:
        wait = max(0.1, refusal.wait)
        many = refusal.limit is self._all
        why = (
            "Many people are writing at once." if many else f"You have sent {self._per_user} messages within a minute."
        )
        return TooMany(f"{why} Wait {round(wait) or 1} seconds.", retry_after=round(wait, 1))
