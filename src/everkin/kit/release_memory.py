"""Returns freed memory to the operating system (glibc)."""

import asyncio
import ctypes
from functools import cache
from typing import Any

ARENAS = 2
"""Most malloc arenas of the process."""
MAPPED_BYTES = 2**20
"""Blocks of this size and larger are mapped individually."""
TRIMMED_BYTES = 2 * 2**20
"""Free bytes at the top of the heap from which they are returned."""

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8


async def release_freed_memory() -> bool:
    """Return freed memory to the operating system; False where the C library has no such function.

    glibc keeps freed memory between blocks in use, sometimes more than these themselves. Takes a few milliseconds, in a
    thread.
    """
    trim = _function("malloc_trim")
    if trim is None:
        return False
    await asyncio.to_thread(trim, 0)
    return True


def limit_malloc() -> bool:
    """Limit the freed memory that glibc keeps; overrides its environment variables (MALLOC_ARENA_MAX and others).

    Call before other threads start. Returns False where the C library has no such function.

    By default each thread gets an arena of its own, as large as the largest task ever run there; two are enough for
    threads that share Python's lock. Blocks of MAPPED_BYTES or more are mapped individually and returned when freed; by
    default glibc raises that bound to 32 MiB after the first such block was freed.
    """
    mallopt = _function("mallopt")
    if mallopt is None:
        return False
    limits = {_M_ARENA_MAX: ARENAS, _M_MMAP_THRESHOLD: MAPPED_BYTES, _M_TRIM_THRESHOLD: TRIMMED_BYTES}
    applied = [mallopt(parameter, value) == 1 for parameter, value in limits.items()]
    return all(applied)


@cache
def _function(name: str) -> Any:
    """Return a function of the C library; None if it has no function of that name."""
    try:
        return getattr(ctypes.CDLL(None), name)
    except (AttributeError, OSError, TypeError):
        return None
