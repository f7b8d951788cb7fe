"""BM25 over a growing collection of texts (pure): postings in typed arrays, scores in numpy.

Robertson and Zaragoza, The Probabilistic Relevance Framework (2009), with k1 = 0.9 and b = 0.4, which suit short texts,
and the idf that is never negative, ln(1 + (N - n + 0.5) / (n + 0.5)).
"""

import math
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

K1, B = 0.9, 0.4
_POSTING_BYTES = 8
_TERM_BYTES = 260


class Lexicon:
    """An inverted index. Rows are numbered from 0 in the order in which texts were added."""

    def __init__(self) -> None:
        self._rows: dict[str, array[int]] = {}
        self._counts: dict[str, array[float]] = {}
        self._lengths: array[float] = array("f")
        self._total = 0
        self._postings = 0

    def __len__(self) -> int:
        return len(self._lengths)

    @property
    def size(self) -> int:
        """Approximate memory use in bytes."""
        return self._postings * _POSTING_BYTES + len(self._rows) * _TERM_BYTES + len(self._lengths) * 4

    def add(self, terms: Sequence[str]) -> None:
        """Add a text, given by its terms, as the next row."""
        row = len(self._lengths)
        for term, count in Counter(terms).items():
            if term not in self._rows:
                self._rows[term] = array("i")
                self._counts[term] = array("f")
            self._rows[term].append(row)
            self._counts[term].append(count)
            self._postings += 1
        self._lengths.append(len(terms))
        self._total += len(terms)

    def rows(self, term: str) -> "NDArray[np.int32]":
        """Return the rows that contain the term, ascending."""
        import numpy as np

        return np.array(self._rows.get(term, ()), np.int32)

    def idf(self, term: str) -> float:
        """Return the term's inverse document frequency; an unknown term has that of a term in no text."""
        n = len(self._rows.get(term, ()))
        return math.log(1 + (len(self) - n + 0.5) / (n + 0.5))

    def rarest(self) -> float:
        """Return the idf of a term that only one text contains."""
        return math.log(1 + (len(self) - 0.5) / 1.5)

    def score(self, weighted: Iterable[tuple[str, float]]) -> "tuple[Floats, Floats]":
        """Return for every row its BM25 score and the share (0..1) of the query's idf weight that it covers.

        `weighted` are terms with weights.
        """
        import numpy as np

        total, covered, whole = np.zeros(len(self), np.float32), np.zeros(len(self), np.float32), 0.0
        norm = self._norm()
        for term, weight in weighted:
            idf = self.idf(term) * weight
            whole += idf
            found = self._rows.get(term)
            if found is None:
                continue
            rows, counts = np.array(found), np.array(self._counts[term])
            total[rows] += idf * counts * (K1 + 1) / (counts + norm[rows])
            covered[rows] += idf
        return total, covered / max(whole, 1e-9)

    def _norm(self) -> "Floats":
        import numpy as np

        lengths = np.array(self._lengths)
        mean = self._total / max(1, len(self))
        scaled: Floats = (K1 * (1 - B + B * lengths / max(mean, 1e-9))).astype(np.float32)
        return scaled
