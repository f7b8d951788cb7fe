"""Budgets: what one person's talking may cost a day. Asked before anything is stored, so the call that spends the last of
it is still answered, and several at once may go over it."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Protocol

from everkin.domain.errors import BudgetSpent
from everkin.domain.ids import UserId
from everkin.domain.usage import Amounts, seconds_left_of_day
from everkin.kit.clock import Clock


@dataclass(frozen=True, slots=True)
class DailyBudget:
    """A day is one of UTC. `cost` in US dollars. 0 or less: no bound."""

    tokens: int = 0
    cost: float = 0.0

    @property
    def is_bound(self) -> bool:
        return self.tokens > 0 or self.cost > 0

    def covers(self, spent: Amounts) -> bool:
        tokens_left = self.tokens <= 0 or spent.tokens < self.tokens
        return tokens_left and (self.cost <= 0 or spent.cost < self.cost)


class Spending(Protocol):
    """Fulfilled by watch/usage.py."""

    async def spent(self, user_id: UserId) -> Amounts:
        """Today's, all conversations together."""


class Allowance(Protocol):
    """Whether one more message may be said; Rates and Budgets, one around the other."""

    def take(self, user_id: UserId, mark: str = "") -> Awaitable[None]:
        """Counts one message, each `mark` once. TooMany with the seconds to wait."""

    def give_back(self, user_id: UserId, mark: str) -> Awaitable[None]:
        """What was taken under this mark was no new message."""


class Budgets:
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
