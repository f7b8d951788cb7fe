"""Long work in short parts, which leaves most of the time to others."""

import asyncio
import time
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")

SHARE = 0.3
"""Of the time that such work takes for itself."""


async def paced(part: Awaitable[T]) -> T:
    """Returns when the part is done, and others had their share."""
    begun = time.monotonic()
    result = await part
    await asyncio.sleep((time.monotonic() - begun) * (1 / SHARE - 1))
    return result
