"""A provider that fails one call in twenty, in every way: over 2 000 whole turns hardly anything is seen of it."""

from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from benchmarks import storm
from everkin.llm.providers.http import new_session
from tests.contracts.test_gateway_storm import House, _prompt
from tests.contracts.upstream import DONE, answers, open_upstream, sends


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with new_session() as session:
        yield session


def _zero(figures: dict[str, float], names: Iterable[str]) -> dict[str, float]:
    return {name: figures[name] for name in names if figures[name]}


async def test_a_storm_over_whole_turns_is_hardly_seen_and_leaves_nothing(tmp_path: Path) -> None:
    figures = await storm.weather(tmp_path)
    assert figures["turns"] == 2000
    assert figures["ways"] == len(storm.Provider.ways(""))
    assert figures["faults"] >= figures["calls"] * 0.049
    assert figures["visible_failures"] <= 0.01
    assert not _zero(
        figures, ("doubled", "lost", "out_of_order", "wrong_words", "ends_not_one", "finished_twice", "left_over")
    )


async def test_an_answer_without_any_choice_is_asked_for_again(session: aiohttp.ClientSession) -> None:
    seen: list[object] = []

    async def empty_at_first(request: web.Request) -> web.StreamResponse:
        seen.append(request)
        nothing = sends(b'data: {"choices": []}\n\n', DONE)
        return await (nothing if len(seen) == 1 else answers)(request)

    async with open_upstream(empty_at_first) as upstream:
        house = House(session, upstream)
        assert await house.say(_prompt(1)) == "Good evening."
    assert len(seen) == 2
