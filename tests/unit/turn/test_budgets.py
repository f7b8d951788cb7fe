"""A day's budget: what it refuses, and for how long."""

import pytest

from everkin.domain.errors import BudgetSpent, TooMany
from everkin.domain.ids import UserId
from everkin.domain.usage import Amounts
from everkin.kit.clock import ManualClock
from everkin.storage.local.counts import LocalCounts
from everkin.turn.limits import DailyBudget, RateLimits, TurnLimits

SAM = UserId("sam")
THREE_QUARTERS_OF_A_DAY = 1_799_971_200_000 + 18 * 3_600_000


class Purse:
    """What one person has spent today, set by hand."""

    def __init__(self, **amounts: float) -> None:
        self.amounts = Amounts(**amounts)  # type: ignore[arg-type]

    async def spent(self, user_id: UserId) -> Amounts:
        return self.amounts


def budgets(budget: DailyBudget, purse: Purse, rate: int = 0) -> TurnLimits:
    clock = ManualClock(THREE_QUARTERS_OF_A_DAY)
    return TurnLimits(RateLimits(rate, 100, LocalCounts(clock)), budget, purse, clock)


@pytest.mark.parametrize(
    ("budget", "spent", "may"),
    [
        (DailyBudget(), {"tokens_in": 10**9, "cost": 10.0**6}, True),
        (DailyBudget(tokens=-1, cost=-1.0), {"tokens_in": 10**9, "cost": 10.0**6}, True),
        (DailyBudget(tokens=100), {"tokens_in": 60, "tokens_out": 39}, True),
        (DailyBudget(tokens=100), {"tokens_in": 60, "tokens_out": 40}, False),
        (DailyBudget(cost=0.5), {"tokens_in": 10**9, "cost": 0.49}, True),
        (DailyBudget(cost=0.5), {"cost": 0.5}, False),
        (DailyBudget(tokens=100, cost=0.5), {"tokens_in": 1, "cost": 0.6}, False),
    ],
)
async def test_a_budget_is_spent_by_tokens_or_dollars(budget: DailyBudget, spent: dict[str, float], may: bool) -> None:
    policy = budgets(budget, Purse(**spent))
    if may:
        await policy.take(SAM)
        return
    with pytest.raises(BudgetSpent) as refused:
        await policy.take(SAM)
    assert refused.value.retry_after == 6 * 3600, "until midnight UTC"
    assert (refused.value.code, refused.value.status) == ("budget_spent", 429)


async def test_a_message_over_budget_does_not_count_towards_the_rate() -> None:
    purse = Purse(tokens_in=100)
    policy = budgets(DailyBudget(tokens=100), purse, rate=1)
    for _ in range(3):
        with pytest.raises(BudgetSpent):
            await policy.take(SAM)
    purse.amounts = Amounts()
    await policy.take(SAM)
    with pytest.raises(TooMany) as refused:
        await policy.take(SAM)
    assert refused.value.code == "rate_limited"
