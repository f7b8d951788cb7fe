"""What every vector index promises."""

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from everkin.domain.ids import CharacterId, UserId
from everkin.memory.ports import Pair, VectorIndex
from tests.contracts.vector_indexes import OPENERS

ONE = Pair(CharacterId("mira"), UserId("daniel"))
OTHER = Pair(CharacterId("mira"), UserId("anna"))


def stored(*values: float) -> bytes:
    vector = np.array(values, np.float32)
    return (vector / np.linalg.norm(vector)).astype("<f2").tobytes()


def query(*values: float) -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
    vector = np.array(values, np.float32)
    return vector / np.linalg.norm(vector)


@pytest.fixture(params=sorted(OPENERS))
async def index(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[VectorIndex]:
    async with OPENERS[request.param](tmp_path) as opened:
        yield opened


async def test_the_nearest_come_first_with_their_cosine(index: VectorIndex) -> None:
    await index.put(ONE, [("far", stored(0, 1, 0)), ("near", stored(1, 0.1, 0)), ("same", stored(1, 0, 0))])
    found = await index.search(ONE, query(1, 0, 0), 2)
    assert [item for item, _ in found] == ["same", "near"]
    assert found[0][1] == pytest.approx(1.0, abs=0.01)
    assert found[1][1] == pytest.approx(0.995, abs=0.01)


async def test_putting_again_replaces(index: VectorIndex) -> None:
    await index.put(ONE, [("a", stored(1, 0, 0)), ("b", stored(0, 1, 0))])
    await index.put(ONE, [("a", stored(0, 0, 1))])
    found = dict(await index.search(ONE, query(0, 0, 1), 5))
    assert found["a"] == pytest.approx(1.0, abs=0.01)
    assert await index.ids(ONE) == {"a", "b"}


async def test_pairs_never_see_each_other(index: VectorIndex) -> None:
    await index.put(ONE, [("a", stored(1, 0, 0))])
    await index.put(OTHER, [("b", stored(1, 0, 0))])
    assert [item for item, _ in await index.search(ONE, query(1, 0, 0), 5)] == ["a"]
    await index.forget(ONE)
    assert await index.ids(ONE) == set()
    assert await index.ids(OTHER) == {"b"}


async def test_what_is_dropped_is_not_found(index: VectorIndex) -> None:
    await index.put(ONE, [("a", stored(1, 0, 0)), ("b", stored(0, 1, 0))])
    await index.drop(ONE, ["a", "never there"])
    assert [item for item, _ in await index.search(ONE, query(1, 0, 0), 5)] == ["b"]
    await index.put(ONE, [("c", stored(1, 0, 0))])
    assert await index.ids(ONE) == {"b", "c"}


async def test_an_unknown_pair_has_nothing(index: VectorIndex) -> None:
    assert list(await index.search(ONE, query(1, 0, 0), 5)) == []
    assert await index.ids(ONE) == set()
    await index.drop(ONE, ["a"])
    await index.forget(ONE)
