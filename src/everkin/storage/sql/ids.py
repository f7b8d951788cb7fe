"""Lists of ids in statements."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

MOST_IDS = 500
"""Ids in one statement."""


def chunks(items: Iterable[T]) -> Iterator[list[T]]:
    """Yield lists of at most MOST_IDS items."""
    rest = iter(items)
    while some := list(islice(rest, MOST_IDS)):
        yield some


def padded(items: Iterable[T]) -> list[T]:
    """Pad a list for `column.in_(...)` to a power of two by repeating the last item.

    Each length is a statement of its own, which every connection keeps prepared (1 MiB and more without padding, with
    no bound on their size); ten lengths serve every list of `chunks`.
    """
    found = list(items)
    size = 1 << max(len(found) - 1, 0).bit_length()
    return found + found[-1:] * (size - len(found))
