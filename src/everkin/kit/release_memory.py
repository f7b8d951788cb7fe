"""Memory that was freed, given back to the operating system."""

import asyncio
import ctypes
from functools import cache
from typing import Any

ARENAS = 2
MAPPED_BYTES = 2**20
TRIMMED_BYTES = 2 * 2**20

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8


async def release_freed_memory() -> bool:
    """glibc keeps freed memory between what is still used, sometimes more than all of that; this hands it over. A few
    milliseconds, off the event loop. False where the C library has no such call."""
    trim = _function("malloc_trim")
    if trim is None:
        return False
    await asyncio.to_thread(trim, 0)
    return True


def limit_malloc() -> bool:
    """Keeps glibc from holding on to freed memory, in place of what its own variables (MALLOC_ARENA_MAX and kin) say. To be
    called before other threads start; False where the C library has no such call.

    By default glibc gives each thread a heap of its own, each as large as the largest piece of work ever done there; two
    are enough for threads that share Python's lock. Blocks from MAPPED_BYTES on are mapped one by one and gone when they
    are freed; by default glibc raises that bound to 32 MiB once such a block was freed.
    """
    mallopt = _function("mallopt")
    if mallopt is None:
        return False
    limits = {_M_ARENA_MAX: ARENAS, _M_MMAP_THRESHOLD: MAPPED_BYTES, _M_TRIM_THRESHOLD: TRIMMED_BYTES}
    applied = [mallopt(parameter, value) == 1 for parameter, value in limits.items()]
    return all(applied)


@cache
def _function(name: str) -> Any:
    """Of the C library; None where it has none of that name."""
    try:
        return getattr(ctypes.CDLL(None), name)
    except (AttributeError, OSError, TypeError):
        return None
