import pytest

from everkin.domain.errors import TooMany
from everkin.domain.ids import UserId
from everkin.kit.clock import HandClock
from everkin.storage.local.counts import LocalCounts
from everkin.turn.rates import Rates

SAM, KIM = UserId("sam"), UserId("kim")


async def test_a_user_may_send_so_many_a_minute_and_is_told_how_long_to_wait() -> None:
    clock = HandClock()
    rates = Rates(2, 100, LocalCounts(clock))
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
    rates = Rates(10, 2, LocalCounts(HandClock()))
    await rates.take(SAM)
    await rates.take(KIM)
    with pytest.raises(TooMany):
        await rates.take(UserId("lee"))


async def test_zero_lifts_both_limits() -> None:
    rates = Rates(0, 1, LocalCounts(HandClock()))
    for _ in range(100):
        await rates.take(SAM)
