"""Budgets: what one person's talking may cost a day. Asked before anything is stored, so the call that spends the last of
it is still answered, and several at once may go over it."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Protocol

from everkin.cache.port import Counts
from everkin.domain.cache import Limit, Refusal
from everkin.domain.errors import BudgetSpent, TooMany
from everkin.domain.ids import UserId
from everkin.domain.usage import Amounts, seconds_left_of_day
from everkin.kit.clock import Clock


@dataclass(frozen=True, slots=True)
class DailyBudget:
    """A day is one of UTC."""

    tokens: int = 0
    cost: float = 0.0
    """In US dollars. 0 or less: no bound."""

    @property
    def is_bound(self) -> bool:
        return self.tokens > 0 or self.cost > 0

    def covers(self, spent: Amounts) -> bool:
        tokens_left = self.tokens <= 0 or spent.tokens < self.tokens
        return tokens_left and (self.cost <= 0 or spent.cost < self.cost)


class Spending(Protocol):
    """Fulfilled by observability/usage.py."""

    async def spent(self, user_id: UserId) -> Amounts:
        """Today's, all conversations together."""


class Allowance(Protocol):
    """Whether one more message may be said; Rates and Budgets, one around the other."""

    def take(self, user_id: UserId, mark: str = "") -> Awaitable[None]:
        """Counts one message, each `mark` once. TooMany with the seconds to wait."""

    def give_back(self, user_id: UserId, mark: str) -> Awaitable[None]:
        """What was taken under this mark was no new message."""


class TurnLimits:
    def __init__(self, inner: Allowance, budget: DailyBudget, spending: Spending, clock: Clock) -> None:
        self._inner = inner
        self._budget = budget
        self._spending = spending
        self._clock = clock

    async def take(self, user_id: UserId, mark: str = "") -> None:
        """BudgetSpent with the seconds until midnight UTC; then as `inner`. StorageUnavailable when nobody can say."""
        if self._budget.is_bound and not self._budget.covers(await self._spending.spent(user_id)):
            raise BudgetSpent(retry_after=seconds_left_of_day(self._clock.now()))
        await self._inner.take(user_id, mark)

    async def give_back(self, user_id: UserId, mark: str) -> None:
        await self._inner.give_back(user_id, mark)


WINDOW_SECONDS = 60.0


class RateLimits:
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
