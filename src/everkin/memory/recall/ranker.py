"""The ranker (pure): a weighted sum of features. Weights are in ranker.json, written by scripts/train_recall.py.

There are two sets: one for vectors and words, one for words alone.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from everkin.memory.recall.features import FEATURES, Candidates

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

REASONS = 4
"""Features reported with each recollection."""

CLOSE = 0.24
"""Cosine from which a memory is relevant to a statement."""

CLOSE_ASKED = 0.12
"""Cosine from which a memory is relevant to a question: a question is seldom worded like its answer."""

COVERED = 0.3
"""Share of the query's words, weighted by idf, from which a memory is relevant regardless of its cosine."""

TELLING = 0.5
"""For COVERED to apply, the idf of the shared words must be at least this share of the rarest word's."""


@dataclass(frozen=True, slots=True)
class RankerWeights:
    """One weight for each of FEATURES, in their order."""

    with_meaning: "Floats"
    """Used when vectors are compared."""
    words_only: "Floats"
    """Used when vectors are not compared."""

    def of(self, by_meaning: bool) -> "Floats":
        """Return the weights for search with or without vectors."""
        return self.with_meaning if by_meaning else self.words_only


@cache
def shipped() -> RankerWeights:
    """Return the weights of ranker.json."""
    text = files("everkin.memory.recall").joinpath("ranker.json").read_text("utf-8")
    return parsed(json.loads(text))


def parsed(stored: Mapping[str, Mapping[str, float]]) -> RankerWeights:
    """Return weights from JSON. A feature that is not named weighs 0. Raises ValueError for an unknown feature."""
    import numpy as np

    for name in {*stored["with_meaning"], *stored["words_only"]} - set(FEATURES):
        raise ValueError(
            f"ranker.json weighs {name!r}, which is no feature; train it anew with scripts/train_recall.py"
        )
    return RankerWeights(
        np.array([stored["with_meaning"].get(name, 0.0) for name in FEATURES], np.float32),
        np.array([stored["words_only"].get(name, 0.0) for name in FEATURES], np.float32),
    )


def ranked(found: Candidates, weights: "Floats") -> "tuple[NDArray[np.intp], Floats]":
    """Return the candidates' positions, best first, and the score of each candidate."""
    import numpy as np

    total: Floats = found.table @ weights
    return np.argsort(-total, kind="stable"), total


def passes(found: Candidates, rarest: float, *, asks: bool = False) -> "NDArray[np.bool_]":
    """Return a mask of the candidates that are relevant to the query, so that small talk recalls no memories.

    `asks`: the query is a question.
    """
    import numpy as np

    by_words = (found.covered >= COVERED) & (found.told >= TELLING * rarest)
    return np.asarray((found.closeness >= (CLOSE_ASKED if asks else CLOSE)) | by_words)


def reasons(found: Candidates, weights: "Floats", place: int) -> dict[str, float]:
    """Return the features in which this candidate differs most from the others, with their contributions."""
    import numpy as np

    parts = (found.table[place] - found.table.mean(0)) * weights
    order = np.argsort(-np.abs(parts))[:REASONS]
    return {FEATURES[i]: round(float(parts[i]), 3) for i in order if abs(parts[i]) > 1e-3}
