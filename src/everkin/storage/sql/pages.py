"""Unused bytes in pages of a SQLite file: https://www.sqlite.org/fileformat2.html#b_tree_pages

With secure_delete SQLite zeroes deleted cells and freed pages. Copies of moved cells remain in the gap between the list
of cells and the cells, when a page was rebuilt while its tree was balanced.
"""

import struct
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from everkin.domain.errors import StorageUnavailable

Range = tuple[int, int]
"""First byte and the one after the last, within the page."""

HEADER = 100
"""Bytes of the file header at the beginning of page 1."""

MAGIC = b"SQLite format 3\0"

MOST_PAGES = 2 << 24
"""With more pages, a page of another kind (overflow, freelist: they begin with a page number) could look like one of a
tree.
"""

_TREES = {2: 12, 5: 12, 10: 8, 13: 8}
"""Page kind to bytes of its header: interior index, interior table, leaf index, leaf table."""

_HEAD = struct.Struct(">HHH")
_BLOCK = struct.Struct(">HH")
_ZEROES = bytes(65536)


class OddPageError(Exception):
    """Raised for a page that contradicts itself. It is left unchanged."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The page layout, as the file header states it."""

    size: int
    """Bytes of a page."""
    usable: int
    """Bytes of a page that SQLite uses."""

    @classmethod
    def of(cls, header: bytes, file_bytes: int) -> "Layout":
        """Read the layout. Raises StorageUnavailable for a file whose page kinds cannot be distinguished."""
        size = struct.unpack_from(">H", header, 16)[0]
        size = 65536 if size == 1 else size
        maps = struct.unpack_from(">I", header, 52)[0]
        if header[:16] != MAGIC or size < 512 or maps or file_bytes >= MOST_PAGES * size:
            raise StorageUnavailable("The record's file is of a kind that cannot be cleaned page by page.")
        return cls(size, size - header[20])


def is_dirty(content: bytes, start: int, layout: Layout, first: bool) -> bool:
    """Return whether the page at `start` of `content` has bytes to clean or contradicts itself.

    This check is quick, and wrong about pages that belong to no tree or are half-written, so `leftovers` must be called
    before cleaning. `first` means page 1.
    """
    begin = start + HEADER if first else start
    header = _TREES.get(content[begin])
    if header is None:
        return False
    block, cells, top = _HEAD.unpack_from(content, begin + 1)
    gap, end = begin + header + 2 * cells, start + (top or 65536)
    if gap > end or content[gap:end] != _ZEROES[: end - gap]:
        return True
    return block != 0 and _blocks_dirty(content, start, block, layout)


def leftovers(page: bytes, layout: Layout, first: bool) -> list[Range]:
    """Return the ranges that may be zeroed and are not zero; empty for pages that belong to no tree.

    Raises OddPageError.
    """
    begin = HEADER if first else 0
    header = _TREES.get(page[begin])
    if header is None:
        return []
    block, cells, top = _HEAD.unpack_from(page, begin + 1)
    gap, top = begin + header + 2 * cells, top or 65536
    pointers = struct.unpack_from(f">{cells}H", page, begin + header) if gap <= layout.usable else ()
    if not gap <= top <= layout.usable or any(not top <= each <= layout.usable - 4 for each in pointers):
        raise OddPageError
    blocks = list(_blocks(page, 0, block, top, layout))
    _check_apart(sorted(pointers), blocks)
    ranges = [(gap, top), *((at + 4, at + size) for at, size in blocks)]
    return [(start, end) for start, end in ranges if page[start:end] != _ZEROES[: end - start]]


def _check_apart(cells: list[int], blocks: list[Range]) -> None:
    for at, size in blocks:
        behind = bisect_left(cells, at)
        if behind < len(cells) and cells[behind] < at + size:
            raise OddPageError


def _blocks_dirty(content: bytes, start: int, block: int, layout: Layout) -> bool:
    try:
        blocks = list(_blocks(content, start, block, 0, layout))
    except OddPageError:
        return True
    return any(content[start + at + 4 : start + at + size] != _ZEROES[: size - 4] for at, size in blocks)


def _blocks(content: bytes, start: int, block: int, top: int, layout: Layout) -> Iterator[Range]:
    """Yield free blocks as (offset, bytes) in ascending order. Raises OddPageError."""
    least = top
    while block:
        if not least <= block <= layout.usable - 4:
            raise OddPageError
        following, size = _BLOCK.unpack_from(content, start + block)
        if size < 4 or block + size > layout.usable:
            raise OddPageError
        yield block, size
        block, least = following, block + size
