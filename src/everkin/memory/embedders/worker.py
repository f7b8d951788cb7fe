"""Worker: base of embedders that run in a thread, with batches and a cache of the latest results."""

import asyncio
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from everkin.kit.tasks import Tasks

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

BATCH = 64
"""Texts of one call in the thread; between the calls of a long request, short requests are served."""

KEPT_CHARS = 400
"""Results for longer texts are not cached, as they are rarely requested again."""


class Worker(ABC):
    """Runs `work` in one thread. `remembered`: number of texts whose vectors are cached.

    Short requests are served first, so that a message being answered does not wait for indexing.
    """

    def __init__(self, remembered: int) -> None:
        self._remembered = remembered
        self._kept: OrderedDict[str, Floats] = OrderedDict()
        self._thread: ThreadPoolExecutor | None = None
        self._waiting: list[tuple[list[str], asyncio.Future[Floats]]] = []
        self._running: asyncio.Task[None] | None = None
        self._generation = 0
        self._tasks = Tasks("embedder")

    @abstractmethod
    def work(self, texts: Sequence[str]) -> "Floats":
        """Return one unit row for each text. Called in the thread. Raises Unavailable."""

    async def embed(self, texts: Sequence[str]) -> "Floats":
        """Return one unit row for each text. Raises Unavailable."""
        import numpy as np

        rows = [self._kept.get(text) for text in texts]
        missing = list(dict.fromkeys(text for text, row in zip(texts, rows, strict=True) if row is None))
        fresh: dict[str, Floats] = {}
        generation = self._generation
        for start in range(0, len(missing), BATCH):
            part = missing[start : start + BATCH]
            fresh |= dict(zip(part, await self._queued(part), strict=True))
        if generation == self._generation:
            self._keep(fresh, texts)
        found = [fresh[text] if row is None else row for text, row in zip(texts, rows, strict=True)]
        return np.stack(found) if found else np.zeros((0, 0), np.float32)

    def forget(self) -> None:
        """Drop all cached texts and vectors, including results still being computed."""
        self._generation += 1
        self._kept.clear()

    async def close(self) -> None:
        """Wait for running work and end the thread."""
        self.forget()
        if self._running is not None:
            await asyncio.gather(self._running, return_exceptions=True)
        if self._thread is not None:
            await asyncio.to_thread(self._thread.shutdown)
            self._thread = None

    def _keep(self, fresh: "dict[str, Floats]", texts: Sequence[str]) -> None:
        for text in texts:
            if text in fresh and len(text) <= KEPT_CHARS:
                self._kept[text] = fresh[text]
            elif text in self._kept:
                self._kept.move_to_end(text)
        while len(self._kept) > self._remembered:
            self._kept.popitem(last=False)

    async def _queued(self, texts: list[str]) -> "Floats":
        future: asyncio.Future[Floats] = asyncio.get_running_loop().create_future()
        self._waiting.append((texts, future))
        if self._running is None or self._running.done():
            self._running = self._tasks.start(self._serve())
        return await future

    async def _serve(self) -> None:
        """Serve requests until none is left."""
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "everkin-embedder")
        while self._waiting:
            await asyncio.sleep(0)
            batch = self._next()
            texts = [text for part, _ in batch for text in part]
            try:
                rows = await asyncio.get_running_loop().run_in_executor(self._thread, self.work, texts)
            except Exception as error:  # noqa: BLE001  passed on to each caller
                _fail(batch, error)
                continue
            start = 0
            for part, future in batch:
                if not future.done():
                    future.set_result(rows[start : start + len(part)])
                start += len(part)

    def _next(self) -> "list[tuple[list[str], asyncio.Future[Floats]]]":
        """Return the shortest request and further ones as long as they fit into a quarter of BATCH together."""
        self._waiting = [each for each in self._waiting if not each[1].done()]
        self._waiting.sort(key=lambda each: len(each[0]))
        batch: list[tuple[list[str], asyncio.Future[Floats]]] = []
        while self._waiting:
            total = sum(len(part) for part, _ in batch)
            short = not batch or total + len(self._waiting[0][0]) <= BATCH // 4
            if not short:
                break
            batch.append(self._waiting.pop(0))
        return batch


def _fail(batch: "list[tuple[list[str], asyncio.Future[Floats]]]", error: Exception) -> None:
    for _, future in batch:
        if not future.done():
            future.set_exception(error)
