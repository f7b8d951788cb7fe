"""The ranker (pure): a weighted sum of features. Weights are data, in ranker.json, made by scripts/train_recall.py.

Two sets: one for when memories are compared by meaning as well, one for words alone.
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
"""So many features are kept with each recollection."""

CLOSE = 0.24
"""Cosine from which a memory has something to do with what somebody tells..."""

CLOSE_ASKED = 0.12
"""...and with what somebody asks: a question is seldom worded as its answer..."""

COVERED = 0.3
"""...and share of the query's telling words from which it has, whatever its meaning."""

TELLING = 0.5
"""What it shares of the query's words must tell at least this much of what the rarest word tells."""


@dataclass(frozen=True, slots=True)
class RankerWeights:
    with_meaning: "Floats"
    words_only: "Floats"

    def of(self, by_meaning: bool) -> "Floats":
        return self.with_meaning if by_meaning else self.words_only


@cache
def shipped() -> RankerWeights:
    text = files("everkin.memory.recall").joinpath("ranker.json").read_text("utf-8")
    return parsed(json.loads(text))


def parsed(stored: Mapping[str, Mapping[str, float]]) -> RankerWeights:
    """A feature the file does not name weighs nothing; one that is not known any more is an error."""
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
    """Places among the candidates, best first, and the score of each candidate."""
    import numpy as np

    total: Floats = found.table @ weights
    return np.argsort(-total, kind="stable"), total


def passes(found: Candidates, rarest: float, *, asks: bool = False) -> "NDArray[np.bool_]":
    """Which candidates have anything to do with the query at all: small talk should call up nothing. `asks`: it is a question."""
    import numpy as np

    by_words = (found.covered >= COVERED) & (found.told >= TELLING * rarest)
    return np.asarray((found.closeness >= (CLOSE_ASKED if asks else CLOSE)) | by_words)


def reasons(found: Candidates, weights: "Floats", place: int) -> dict[str, float]:
    """The features that set this one apart most from the other candidates, in its favour or against it."""
    import numpy as np

    parts = (found.table[place] - found.table.mean(0)) * weights
    order = np.argsort(-np.abs(parts))[:REASONS]
    return {FEATURES[i]: round(float(parts[i]), 3) for i in order if abs(parts[i]) > 1e-3}
