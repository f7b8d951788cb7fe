"""Selection of recollections from ranked candidates (pure).

Duplicates are left out. Past facts are recalled only with the fact that superseded them, or when the past is asked
about.
"""

from typing import TYPE_CHECKING

from everkin.domain.memory import MemoryKind, Recollection
from everkin.memory.recall import ranker
from everkin.memory.recall.features import Candidates, Scores
from everkin.memory.recall.query import Query
from everkin.memory.recall.table import NOBODY, Table
from everkin.memory.recall.terms import terms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ALIKE = 0.9
"""Cosine from which two memories have the same meaning."""

SHARED = 0.75
"""Share of common words from which two memories have the same meaning."""

SHORT = 4
"""An answer with at most this many content words is not understood without its question."""


def chosen(
    table: Table, query: Query, scores: Scores, found: Candidates, weights: "NDArray[np.float32]", limit: int
) -> list[Recollection]:
    """Return at most `limit` recollections, best first, then those added for context."""
    order, total = ranker.ranked(found, weights)
    good = ranker.passes(found, scores.rarest, asks=query.asks)
    taken: list[int] = []
    for place in order:
        if len(taken) >= limit:
            break
        row = int(found.rows[place])
        if good[place] and _stands(table, query, row) and not any(_same(table, row, int(found.rows[t])) for t in taken):
            taken.append(int(place))
    _with_predecessors(table, query, found, order, taken, limit)
    _with_questions(table, found, taken, limit)
    return [
        Recollection(table.memories[found.rows[p]], round(float(total[p]), 4), ranker.reasons(found, weights, p))
        for p in taken
    ]


def _stands(table: Table, query: Query, row: int) -> bool:
    """Return whether the row may be recalled by itself: a fact of the past only when the past is asked about."""
    return query.past or not table.column("ended")[row]


def _same(table: Table, row: int, other: int) -> bool:
    """Return whether two memories are duplicates.

    These are a fact and a message with one meaning, or identical texts, but not two messages about one subject.
    """
    one, two = table.memories[row], table.memories[other]
    if one.text == two.text:
        return one.kind is not MemoryKind.MESSAGE or two.kind is not MemoryKind.MESSAGE or one.speaker == two.speaker
    if (
        one.kind is two.kind
        or MemoryKind.SUMMARY in (one.kind, two.kind)
        or (one.valid_to is None) != (two.valid_to is None)
    ):
        return False
    if table.matrix is not None and float(table.matrix.rows[row] @ table.matrix.rows[other]) >= ALIKE:
        return True
    words, others = set(terms(one.text)), set(terms(two.text))
    return bool(words) and len(words & others) >= SHARED * min(len(words), len(others)) >= 2 * SHARED


def _with_predecessors(
    table: Table, query: Query, found: Candidates, order: "NDArray[np.intp]", taken: list[int], limit: int
) -> None:
    """Add the facts that recalled facts superseded: those whose `valid_to` is the `at` of a recalled fact."""
    if query.past:
        return
    begun = {table.memories[found.rows[place]].at for place in taken if table.column("fact")[found.rows[place]]}
    for place in order if begun else ():
        if len(taken) >= limit:
            return
        memory = table.memories[found.rows[place]]
        if memory.valid_to is not None and memory.valid_to in begun:
            taken.append(int(place))


def _with_questions(table: Table, found: Candidates, taken: list[int], limit: int) -> None:
    """Add the question before each short answer, as long as `limit` permits."""
    place_of = {int(row): place for place, row in enumerate(found.rows)}
    for place in list(taken):
        row = int(found.rows[place])
        before = int(table.column("before")[row])
        if before == NOBODY or table.column("length")[row] > SHORT or not table.column("asks")[before]:
            continue
        question = place_of.get(before)
        if question is not None and question not in taken and len(taken) < limit:
            taken.append(question)
