"""Usage is added up a day, person, character and model, and is told in any grouping."""

import asyncio
from pathlib import Path

import pytest

from everkin.domain.ids import UserId
from everkin.domain.usage import Amounts, Grouping, UsageKey, UsageQuestion
from everkin.storage.sql.record import open_record
from tests.contracts.record_scene import Scene

ONE = Amounts(calls=1, failures=0, tokens_in=100, tokens_out=20, cost=0.0005, first_token_ms=300, generation_ms=900)


def key(scene: Scene, day: str = "2026-11-21", user: str = "", character: str = "", model: str = "m") -> UsageKey:
    return (day, user or scene.anna.id, character or scene.ada.id, model)


def asked(by: Grouping, since: str = "2026-11-01", until: str = "2026-11-30", user: str | None = None) -> UsageQuestion:
    return UsageQuestion(by, since, until, None if user is None else UserId(user))


async def test_what_is_added_twice_is_there_twice(scene: Scene) -> None:
    usage = scene.record.usage
    await usage.add({key(scene): ONE, key(scene, model="n"): ONE})
    await asyncio.gather(usage.add({key(scene): ONE}), usage.add({key(scene): ONE, key(scene, character="-"): ONE}))
    spent = await usage.spent(scene.anna.id, "2026-11-21")
    assert (spent.calls, spent.tokens_in, spent.tokens_out, spent.first_token_ms) == (5, 500, 100, 1500)
    assert spent.cost == pytest.approx(0.0025)
    assert await usage.spent(scene.anna.id, "2026-11-20") == Amounts()
    assert await usage.spent(scene.boris.id, "2026-11-21") == Amounts()
    await usage.add({})


async def test_totals_by_day_user_character_and_model(scene: Scene) -> None:
    usage = scene.record.usage
    dear = Amounts(calls=1, failures=1, tokens_in=10, tokens_out=0, cost=1.0)
    await usage.add(
        {
            key(scene, "2026-10-31"): ONE,
            key(scene, "2026-11-20"): ONE,
            key(scene): ONE,
            key(scene, user=scene.boris.id, model="n"): dear,
        }
    )
    days = await usage.totals(asked("day"))
    assert [(each.key, each.amounts.calls) for each in days] == [("2026-11-20", 1), ("2026-11-21", 2)]
    people = await usage.totals(asked("user"))
    assert [each.key for each in people] == [scene.boris.id, scene.anna.id], "the dearest first"
    assert people[0].amounts == dear
    models = await usage.totals(asked("model", user=scene.anna.id))
    assert [(each.key, each.amounts.tokens) for each in models] == [("m", 240)]
    characters = await usage.totals(asked("character", since="2026-10-31", user=scene.anna.id))
    assert [(each.key, each.amounts.calls) for each in characters] == [(scene.ada.id, 3)]
    assert await usage.totals(asked("day", since="2027-01-01", until="2027-12-31")) == []


async def test_people_who_are_gone_are_passed_over(scene: Scene) -> None:
    await scene.record.usage.add({key(scene, user="usr_gone"): ONE, key(scene): ONE})
    totals = await scene.record.usage.totals(asked("user"))
    assert [each.key for each in totals] == [scene.anna.id]


async def test_many_rows_at_once(scene: Scene) -> None:
    await scene.record.usage.add({key(scene, model=f"model-{number:04}"): ONE for number in range(1_300)})
    assert (await scene.record.usage.spent(scene.anna.id, "2026-11-21")).calls == 1_300
    assert len(await scene.record.usage.totals(asked("model"))) == 1_000


async def test_two_nodes_add_to_the_same_rows(scene: Scene, database_url: str, tmp_path: Path) -> None:
    async with open_record(database_url, tmp_path) as other:
        rows = {key(scene, model=f"model-{number}"): ONE for number in range(20)}
        backwards = dict(reversed(rows.items()))
        async with asyncio.timeout(60):
            await asyncio.gather(
                *(each.usage.add(what) for _ in range(15) for each, what in ((scene.record, rows), (other, backwards)))
            )
    assert (await scene.record.usage.spent(scene.anna.id, "2026-11-21")).calls == 600
