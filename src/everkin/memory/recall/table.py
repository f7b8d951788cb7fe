"""Table: all memories of one pair in searchable form, one row for each memory, columns in numpy.

Rows are only added. A row that changed or was removed is marked dead and, if it changed, added again.
"""

from array import array
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from everkin.domain.memory import Embedded, Memory, MemoryKind
from everkin.memory.recall.bm25 import Lexicon
from everkin.memory.recall.marks import is_question, names_number, names_somebody, names_time
from everkin.memory.recall.terms import terms
from everkin.memory.recall.vectors import Matrix

if TYPE_CHECKING:
    from numpy.typing import NDArray

NOBODY = -1
"""Row number that stands for no row."""
_ROW_BYTES = 640
"""Approximate size of a Memory and its columns, without its text, words and vector."""

_SEALED = (MemoryKind.FACT, MemoryKind.SUMMARY)


class Table:
    """A pair's memories. `dimension` 0: without vectors."""

    def __init__(self, dimension: int) -> None:
        self.memories: list[Memory] = []
        self.row_of: dict[str, int] = {}
        self.lexicon = Lexicon()
        self.matrix = Matrix(dimension) if dimension else None
        self.without_vector: set[int] = set()
        self.known: dict[str, Memory] = {}
        self.dead = 0
        self.speakers: dict[str, int] = {}
        self.witness_sets: list[frozenset[str]] = []
        self._columns: dict[str, Any] = {name: array(code) for name, code in _COLUMNS.items()}
        self._sessions: dict[tuple[str, str], int] = {}
        self._last_row: dict[int, int] = {}
        self._witness_number: dict[frozenset[str], int] = {}
        self._text_bytes = 0
        self._frozen: dict[str, Any] = {}

    def __len__(self) -> int:
        return len(self.memories)

    @property
    def sessions(self) -> int:
        """Number of sessions; a fact or summary counts as one."""
        return len(self._sessions)

    @property
    def size(self) -> int:
        """Approximate memory use in bytes."""
        vectors = self.matrix.size if self.matrix else 0
        return vectors + self.lexicon.size + self._text_bytes + len(self) * _ROW_BYTES

    def column(self, name: str) -> "NDArray[Any]":
        """Return a column as an array with one value for each row.

        These are `at`, `session`, `before`, `after` (rows of the same session, or -1), `speaker`, `witnesses`,
        `length`, `importance`, `reinforcements`, and the flags `alive`, `asks`, `time`, `number`, `name`, `pinned`,
        `ended`, `fact`, `summary`.
        """
        import numpy as np

        if name not in self._frozen:
            self._frozen[name] = np.array(self._columns[name])
        column: NDArray[Any] = self._frozen[name]
        return column

    def merge(self, memories: Sequence[Memory]) -> list[int]:
        """Add new messages, replace all facts and summaries by the given ones, and return the rows that were added."""
        sealed = {memory.id for memory in memories if memory.kind in _SEALED}
        gone = [row for item, row in self.row_of.items() if self.memories[row].kind in _SEALED and item not in sealed]
        for row in gone:
            self._bury(row)
        added = (self._add(memory) for memory in memories)
        return [row for row in added if row is not None]

    def fill(self, found: Iterable[Embedded]) -> None:
        """Store vectors. A vector of another dimension is ignored."""
        if self.matrix is None:
            return
        self.matrix.grow(len(self))
        stored = self.matrix.rows.shape[1] * 2
        fitting = (each for each in found if each.item_id in self.row_of and len(each.vector) == stored)
        rows = [(self.row_of[each.item_id], each.vector) for each in fitting]
        self.matrix.fill(rows)
        self.without_vector.difference_update(row for row, _ in rows)

    def freeze(self) -> None:
        """Build all columns now, off the event loop, rather than at the first search."""
        for name in _COLUMNS:
            self.column(name)

    def _add(self, memory: Memory) -> int | None:
        there = self.row_of.get(memory.id)
        if there is not None:
            if self.memories[there] == memory:
                return None
            self._bury(there)
        row = len(self.memories)
        self.memories.append(memory)
        self.row_of[memory.id] = row
        if memory.kind is MemoryKind.MESSAGE:
            last = self.known.get(memory.conversation_id)
            self.known[memory.conversation_id] = memory if last is None or memory.seq > last.seq else last
        words = terms(memory.text)
        self.lexicon.add(words)
        self._note(row, memory, len(words))
        if self.matrix is not None:
            self.matrix.grow(row + 1)
            self.without_vector.add(row)
        self._text_bytes += len(memory.text)
        self._frozen.clear()
        return row

    def _note(self, row: int, memory: Memory, length: int) -> None:
        session = self._session(memory)
        before = self._last_row.get(session, NOBODY) if memory.kind is MemoryKind.MESSAGE else NOBODY
        if before != NOBODY:
            self._columns["after"][before] = row
        if memory.kind is MemoryKind.MESSAGE:
            self._last_row[session] = row
        values = {
            "at": memory.at,
            "session": session,
            "before": before,
            "after": NOBODY,
            "speaker": self.speakers.setdefault(memory.speaker.casefold(), len(self.speakers)),
            "witnesses": self._witnesses(memory.witnesses),
            "length": length,
            "importance": memory.importance,
            "reinforcements": memory.reinforcements,
            "alive": 1,
            "asks": is_question(memory.text),
            "time": names_time(memory.text),
            "number": names_number(memory.text),
            "name": names_somebody(memory.text),
            "pinned": memory.pinned,
            "ended": memory.valid_to is not None,
            "fact": memory.kind is MemoryKind.FACT,
            "summary": memory.kind is MemoryKind.SUMMARY,
        }
        for name, value in values.items():
            self._columns[name].append(value)

    def _session(self, memory: Memory) -> int:
        """Return the number of the memory's session. A fact or summary is a session of its own."""
        name = memory.session if memory.kind is MemoryKind.MESSAGE else f"{memory.kind}:{memory.id}"
        return self._sessions.setdefault((memory.conversation_id, name), len(self._sessions))

    def _witnesses(self, witnesses: frozenset[str]) -> int:
        if witnesses not in self._witness_number:
            self._witness_number[witnesses] = len(self.witness_sets)
            self.witness_sets.append(witnesses)
        return self._witness_number[witnesses]

    def _bury(self, row: int) -> None:
        self._columns["alive"][row] = 0
        self.row_of.pop(self.memories[row].id, None)
        self.without_vector.discard(row)
        self.dead += 1
        self._frozen.pop("alive", None)


_COLUMNS = {
    "at": "d", "session": "i", "before": "i", "after": "i", "speaker": "i", "witnesses": "i", "length": "f", "importance": "f",
    "reinforcements": "f", "alive": "b", "asks": "b", "time": "b", "number": "b", "name": "b", "pinned": "b", "ended": "b",
    "fact": "b", "summary": "b",
}  # fmt: skip
