"""The bookkeeper over a real record: nothing is counted twice, nothing is forgotten while the record is away."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from everkin.domain.caller import Role, User
from everkin.domain.errors import StorageUnavailable
from everkin.domain.ids import Millis, UserId
from everkin.domain.prompt import Purpose
from everkin.domain.usage import Amounts, UsageKey, UsageQuestion, UsageTotal
from everkin.kit.clock import ManualClock, settle
from everkin.llm.gateway.metering import Metered
from everkin.observability import usage as usage_module
from everkin.observability.health import Condition
from everkin.observability.usage import UsageRecorder
from everkin.storage.sql.record import Record, open_record

SAM = UserId("usr_sam")
NOON = 1_800_014_400_000
DAY = "2027-01-15"


def call(user: str = SAM, model: str = "m", **values: object) -> Metered:
    given: dict[str, object] = {
        "first_ms": 250.0,
        "total_ms": 1000.0,
        "tokens_in": 100,
        "tokens_out": 20,
        "estimated": False,
        "cost": 0.01,
        "outcome": "stop",
        **values,
    }
    return Metered(Purpose(user, "chr_ada", "cnv_1"), model, **given)  # type: ignore[arg-type]


@dataclass
class Wobbly:
    """The real record, away while `away`."""

    record: Record
    away: bool = False

    async def add(self, rows: Mapping[UsageKey, Amounts]) -> None:
        self._check()
        await self.record.usage.add(rows)

    async def totals(self, question: UsageQuestion) -> list[UsageTotal]:
        return await self.record.usage.totals(question)

    async def spent(self, user_id: UserId, day: str) -> Amounts:
        self._check()
        return await self.record.usage.spent(user_id, day)

    def _check(self) -> None:
        if self.away:
            raise StorageUnavailable


@pytest.fixture
async def wobbly(tmp_path: Path) -> AsyncIterator[Wobbly]:
    async with open_record("", tmp_path) as record:
        await record.users.create(User(SAM, "sam", "Sam", Role.USER, Millis(1)))
        yield Wobbly(record)


async def stored(wobbly: Wobbly) -> Amounts:
    return await wobbly.record.usage.spent(SAM, DAY)


async def test_calls_are_in_the_record_within_a_second_and_at_the_end(wobbly: Wobbly) -> None:
    clock = ManualClock(NOON)
    async with UsageRecorder(wobbly, clock) as book:
        for each in (call(), call(outcome="model_timeout", first_ms=None, tokens_out=0), call(""), call("usr_gone")):
            book.enter(each)
        assert await stored(wobbly) == Amounts()
        await clock.advance(1)
        async with asyncio.timeout(10):
            while book.unwritten:
                await asyncio.sleep(0)
            await book.write()
        assert await stored(wobbly) == Amounts(2, 1, 200, 20, 0.02, 250, 750)
        book.enter(call(model="n\0\ud800" + "x" * 500))
    assert (await stored(wobbly)).calls == 3
    assert (await wobbly.record.usage.totals(UsageQuestion("user", DAY, DAY, None)))[0].amounts.calls == 3


async def test_while_the_record_is_away_usage_is_kept_and_shown(wobbly: Wobbly) -> None:
    async with UsageRecorder(wobbly, ManualClock(NOON)) as book:
        wobbly.away = True
        book.enter(call())
        assert not await book.write()
        book.enter(call())
        assert not await book.write()
        health = await book.health()
        assert health.condition is Condition.DEGRADED
        assert health.figures == {"unwritten": 2.0, "failed": 2.0, "lost": 0.0}
        wobbly.away = False
        assert await book.write()
        assert (await book.health()).condition is Condition.OK
        assert (await stored(wobbly)).calls == 2


async def test_memory_is_bounded_and_what_does_not_fit_is_counted(
    wobbly: Wobbly, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usage_module, "MOST_KEYS", 3)
    async with UsageRecorder(wobbly, ManualClock(NOON)) as book:
        wobbly.away = True
        for number in range(5):
            book.enter(call(model=f"model-{number}"))
            book.enter(call(model="model-0"))
        assert (book.unwritten, book.lost) == (8, 2)
        assert (await book.health()).condition is Condition.DEGRADED
        wobbly.away = False
    assert (await stored(wobbly)).calls == 8


async def test_spending_is_known_at_once_here_and_soon_of_other_nodes(wobbly: Wobbly) -> None:
    clock = ManualClock(NOON)
    async with UsageRecorder(wobbly, clock) as book, UsageRecorder(wobbly, clock) as other:
        book.enter(call())
        assert (await book.spent(SAM)).tokens == 120
        for _ in range(3):
            book.enter(call())
            other.enter(call())
            await asyncio.gather(book.write(), book.spent(SAM), other.write(), book.write())
        assert (await book.spent(SAM)).calls == 4, "what this node saw, each call once"
        await clock.advance(5)
        assert (await book.spent(SAM)).calls == 7, "and what the other one wrote"
        assert (await other.spent(SAM)).calls == 7


async def test_a_new_day_begins_at_midnight_utc(wobbly: Wobbly) -> None:
    clock = ManualClock(NOON)
    async with UsageRecorder(wobbly, clock) as book:
        book.enter(call())
        assert (await book.spent(SAM)).calls == 1
        await clock.advance(12 * 3600)
        assert await book.spent(SAM) == Amounts()
        book.enter(call())
        assert (await book.spent(SAM)).calls == 1
        await settle()
    days = await wobbly.record.usage.totals(UsageQuestion("day", DAY, "2027-01-16", SAM))
    assert [(each.key, each.amounts.calls) for each in days] == [(DAY, 1), ("2027-01-16", 1)]
