"""The adapters of VectorIndex that are held to the same promises. One more: a function that opens it, and a line in OPENERS."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from everkin.memory.ports import VectorIndex
from everkin.memory.recall.exact import ExactIndex

Opener = Callable[[Path], AbstractAsyncContextManager[VectorIndex]]
"""Gets a folder of its own."""


@asynccontextmanager
async def exact(_: Path) -> AsyncIterator[VectorIndex]:
    index = ExactIndex()
    yield index
    await index.close()


OPENERS: dict[str, Opener] = {"exact": exact}
