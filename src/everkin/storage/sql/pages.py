"""Where in a page of a SQLite file bytes may stand that belong to nothing: https://www.sqlite.org/fileformat2.html#b_tree_pages

With secure_delete SQLite zeroes a cell that is deleted, and a page that is freed. What it leaves are copies of cells that were
moved: in the gap between the list of cells and the cells themselves, when a page was rebuilt while its tree was balanced.
"""

import struct
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from everkin.domain.errors import StorageUnavailable

Range = tuple[int, int]
"""First byte, and the one behind the last, within the page."""

HEADER = 100
"""Bytes of the file's own header, at the beginning of page 1."""

MAGIC = b"SQLite format 3\0"

MOST_PAGES = 2 << 24
"""Above, a page of another kind (overflow, freelist: they begin with a page's number) could look like one of a tree."""

_TREES = {2: 12, 5: 12, 10: 8, 13: 8}
"""Kind of page to bytes of its header: interior index, interior table, leaf index, leaf table."""

_HEAD = struct.Struct(">HHH")
_BLOCK = struct.Struct(">HH")
_ZEROES = bytes(65536)


class OddPageError(Exception):
    """It says of itself what cannot be; nothing in it is touched."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What the file's header says."""

    size: int
    usable: int
    """Bytes of a page that SQLite uses."""

    @classmethod
    def of(cls, header: bytes, file_bytes: int) -> "Layout":
        """StorageUnavailable for a file whose pages cannot be told apart."""
        size = struct.unpack_from(">H", header, 16)[0]
        size = 65536 if size == 1 else size
        maps = struct.unpack_from(">I", header, 52)[0]
        if header[:16] != MAGIC or size < 512 or maps or file_bytes >= MOST_PAGES * size:
            raise StorageUnavailable("The record's file is of a kind that cannot be cleaned page by page.")
        return cls(size, size - header[20])


def is_dirty(content: bytes, start: int, layout: Layout, first: bool) -> bool:
    """Whether the page at `start` of `content` has something to clean, or contradicts itself. Quick, and wrong about pages that are no trees' or
    half-written: whoever cleans looks again with `leftovers`. `first`: it is page 1."""
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
    """What may be zeroed, as far as it is not zero. Empty for pages that are none of a tree. OddPageError."""
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
    """Free blocks as (offset, bytes), each behind the one before."""
    least = top
    while block:
        if not least <= block <= layout.usable - 4:
            raise OddPageError
        following, size = _BLOCK.unpack_from(content, start + block)
        if size < 4 or block + size > layout.usable:
            raise OddPageError
        yield block, size
        block, least = following, block + size
