import pytest

from everkin.domain.errors import TooMany
from everkin.domain.ids import UserId
from everkin.kit.clock import ManualClock
from everkin.storage.local.counts import LocalCounts
from everkin.turn.limits import RateLimits

SAM, KIM = UserId("sam"), UserId("kim")


async def test_a_user_may_send_so_many_a_minute_and_is_told_how_long_to_wait() -> None:
    clock = ManualClock()
    rates = RateLimits(2, 100, LocalCounts(clock))
    await rates.take(SAM)
    await clock.advance(20)
    await rates.take(SAM)
    with pytest.raises(TooMany) as refused:
        await rates.take(SAM)
    assert refused.value.retry_after == 40
    await rates.take(KIM)
    await clock.advance(40)
    await rates.take(SAM)


async def test_all_together_have_a_limit_too() -> None:
    rates = RateLimits(10, 2, LocalCounts(ManualClock()))
    await rates.take(SAM)
    await rates.take(KIM)
    with pytest.raises(TooMany):
        await rates.take(UserId("lee"))


async def test_zero_lifts_both_limits() -> None:
    rates = RateLimits(0, 1, LocalCounts(ManualClock()))
    for _ in range(100):
        await rates.take(SAM)
