"""Turn limits: a daily budget per user, and rates in a sliding window of one minute per user and for all users.

Both are checked before a message is stored, so the call that uses up a daily budget is still answered, and concurrent
calls may exceed it.
"""

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
    """Budget per user and UTC day."""

    tokens: int = 0
    """Tokens; 0 or less: no bound."""
    cost: float = 0.0
    """US dollars; 0 or less: no bound."""

    @property
    def is_bound(self) -> bool:
        """Whether the budget limits anything."""
        return self.tokens > 0 or self.cost > 0

    def covers(self, spent: Amounts) -> bool:
        """Whether neither bound is used up."""
        tokens_left = self.tokens <= 0 or spent.tokens < self.tokens
        return tokens_left and (self.cost <= 0 or spent.cost < self.cost)


class Spending(Protocol):
    """Usage per user. Implemented by observability/usage.py."""

    async def spent(self, user_id: UserId) -> Amounts:
        """Return the user's usage of this UTC day over all conversations."""


class Allowance(Protocol):
    """Decides whether a user may send one more message. Implemented by RateLimits and by TurnLimits around it."""

    def take(self, user_id: UserId, mark: str = "") -> Awaitable[None]:
        """Count one message, each `mark` once. Raises TooMany with the seconds to wait."""

    def give_back(self, user_id: UserId, mark: str) -> Awaitable[None]:
        """Undo the count under this mark, because it was no new message."""


class TurnLimits:
    """Checks the daily budget, then the inner limit."""

    def __init__(self, inner: Allowance, budget: DailyBudget, spending: Spending, clock: Clock) -> None:
        self._inner = inner
        self._budget = budget
        self._spending = spending
        self._clock = clock

    async def take(self, user_id: UserId, mark: str = "") -> None:
        """Count one message as `inner` does, if the budget allows it.

        Raises:
            BudgetSpent: The user's budget is used up; carries the seconds until midnight UTC.
            StorageUnavailable: The usage cannot be read.
            TooMany: As `inner`.
        """
        if self._budget.is_bound and not self._budget.covers(await self._spending.spent(user_id)):
            raise BudgetSpent(retry_after=seconds_left_of_day(self._clock.now()))
        await self._inner.take(user_id, mark)

    async def give_back(self, user_id: UserId, mark: str) -> None:
        """Undo a count in `inner`; the budget counts no messages."""
        await self._inner.give_back(user_id, mark)


WINDOW_SECONDS = 60.0
"""Length of the sliding window of the rate limits."""


class RateLimits:
    """Messages per minute for each user and for all users together.

    `per_user` 0 disables both limits, `in_all` 0 only the common one. All nodes that share `counts` share the limits.
    """

    def __init__(self, per_user: int, in_all: int, counts: Counts) -> None:
        self._per_user = per_user
        self._all = Limit("rate:all", in_all, WINDOW_SECONDS)
        self._counts = counts

    async def take(self, user_id: UserId, mark: str = "") -> None:
        """Count one message. Within a minute a `mark` counts once and is allowed as often as it is repeated.

        Raises TooMany with the seconds to wait.
        """
        if self._per_user <= 0:
            return
        if (refusal := await self._counts.take(*self._limits(user_id), mark=mark)) is not None:
            raise self._refused(refusal)

    async def give_back(self, user_id: UserId, mark: str) -> None:
        """Remove the count of this mark from the window."""
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
