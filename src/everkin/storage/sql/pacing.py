"""Pacing: splits long work into short parts that leave most of the time to other work."""

import asyncio
import time
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")

SHARE = 0.3
"""Share of the time that paced work takes for itself."""


async def paced(part: Awaitable[T]) -> T:
    """Await one part, then sleep so that the part took at most SHARE of the time."""
    begun = time.monotonic()
    result = await part
    await asyncio.sleep((time.monotonic() - begun) * (1 / SHARE - 1))
    return result
