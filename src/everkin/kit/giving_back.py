"""Memory that was freed, given back to the operating system."""

import asyncio
import ctypes
from functools import cache
from typing import Any


async def give_back_freed_memory() -> bool:
    """glibc keeps freed memory between what is still used, sometimes more than all of that; this hands it over. A few
    milliseconds, off the event loop. False where the C library has no such call."""
    trim = _trim()
    if trim is None:
        return False
    await asyncio.to_thread(trim, 0)
    return True


@cache
def _trim() -> Any:
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return None
