"""Embedding off the loop: batches, what is kept, what is forgotten, what fails."""

import asyncio
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from everkin.domain.errors import Unavailable
from everkin.memory.embedders.minilm import MiniLm
from everkin.memory.embedders.worker import Worker


class Lengths(Worker):
    """A vector is a text's length; `broken` raises."""

    def __init__(self) -> None:
        super().__init__(remembered=2)
        self.batches: list[list[str]] = []

    def work(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.batches.append(list(texts))
        if "broken" in texts:
            raise Unavailable
        return np.array([[len(text)] for text in texts], np.float32)


async def test_rows_come_in_the_order_asked_and_repeats_cost_nothing() -> None:
    worker = Lengths()
    assert (await worker.embed(["aaa", "b", "aaa"])).ravel().tolist() == [3, 1, 3]
    await worker.embed(["b"])
    assert len(worker.batches) == 1
    worker.forget()
    await worker.embed(["b"])
    assert len(worker.batches) == 2
    await worker.close()


async def test_requests_that_arrive_together_go_together() -> None:
    worker = Lengths()
    async with asyncio.timeout(10):
        rows = await asyncio.gather(*(worker.embed([f"text {n}"]) for n in range(10)))
    assert len(rows) == 10
    assert len(worker.batches) < 10
    await worker.close()


async def test_a_failure_reaches_who_asked_and_the_next_is_served() -> None:
    worker = Lengths()
    with pytest.raises(Unavailable):
        await worker.embed(["broken"])
    assert (await worker.embed(["fine"])).tolist() == [[4]]
    await worker.close()


@pytest.mark.skipif(not MiniLm.is_installed(), reason="the small embedding model is not installed")
async def test_the_shipped_model_knows_what_is_alike() -> None:
    pytest.importorskip("onnxruntime")
    model = MiniLm()
    dog, whippet, tax = await model.embed(["My dog is ill.", "The whippet has a fever.", "The tax return is due."])
    assert dog @ whippet > dog @ tax
    assert float(np.linalg.norm(dog)) == pytest.approx(1.0, abs=1e-3)
    await model.close()
