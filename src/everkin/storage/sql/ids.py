"""Lists of ids in statements."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

MOST_IDS = 500
"""In one statement."""


def chunks(items: Iterable[T]) -> Iterator[list[T]]:
    """Lists of at most MOST_IDS."""
    rest = iter(items)
    while some := list(islice(rest, MOST_IDS)):
        yield some


def padded(items: Iterable[T]) -> list[T]:
    """For `column.in_(...)`: filled up to a power of two by repeating the last item. Each length is a statement of its own
    that every connection keeps prepared (1 MiB and more of them, without a bound in their size, before this): ten lengths
    serve every list of `chunks`."""
    found = list(items)
    size = 1 << max(len(found) - 1, 0).bit_length()
    return found + found[-1:] * (size - len(found))
