"""A costly health probe: seldom asked, once at a time, never waited for long."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from everkin.kit.clock import ManualClock, settle
from everkin.observability.health import Condition, PartHealth, SparingProbe


@dataclass
class Asked:
    """Answers when `may_answer`."""

    count: int = 0
    condition: Condition = Condition.OK
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)

    async def probe(self) -> PartHealth:
        self.count += 1
        await self.may_answer.wait()
        return PartHealth(self.condition)


@dataclass
class Tried:
    asked: Asked
    clock: ManualClock
    probe: SparingProbe


@pytest.fixture
async def tried() -> AsyncIterator[Tried]:
    asked, clock = Asked(), ManualClock()
    probe = SparingProbe(asked.probe, clock, "It takes too long.", fresh_seconds=1, patience_seconds=0.01)
    yield Tried(asked, clock, probe)
    await probe.close()


async def test_many_askers_are_one_probe_a_second(tried: Tried) -> None:
    tried.asked.may_answer.set()
    assert {each.condition for each in await asyncio.gather(*(tried.probe() for _ in range(20)))} == {Condition.OK}
    await tried.clock.advance(0.9)
    tried.asked.condition = Condition.DOWN
    assert ((await tried.probe()).condition, tried.asked.count) == (Condition.OK, 1)
    await tried.clock.advance(0.1)
    assert ((await tried.probe()).condition, tried.asked.count) == (Condition.DOWN, 2)


async def test_one_that_hangs_is_down_is_not_asked_again_and_recovers(tried: Tried) -> None:
    for _ in range(3):
        late = await tried.probe()
        assert (late.condition, late.note) == (Condition.DOWN, "It takes too long.")
        await tried.clock.advance(5)
    assert tried.asked.count == 1
    tried.asked.may_answer.set()
    await settle()
    assert (await tried.probe()).condition is Condition.OK
