"""The feeling in a message: a linear classifier over words and word parts, plus signs (emoji, negation, phrases).

The weights are trained by scripts/train_emotion.py. Which kind of comment counts as which feeling, and how often this is
right: docs/senses.md.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from everkin.senses import signs
from everkin.senses.features import EDGE, Word, bucket, clip, of_pair, of_word, words
from everkin.senses.loudness import hedges, marks
from everkin.senses.signs import KINDS, Feeling
from everkin.senses.weights import Weights, shipped

FAINT = 0.3
"""A feeling weaker than this should not colour a reply."""

_REMEMBERED = 8192
"""Words, and pairs of words, whose sums are kept; about 6 MB when full."""


@dataclass(frozen=True, slots=True)
class Emotion:
    """`intensity` is 0 for neutral, about 0.5 for a plain "I'm happy", over 0.75 for "I'm SO happy!!!", less where hedged."""

    kind: Feeling
    intensity: float


NO_EMOTION = Emotion(Feeling.NEUTRAL, 0.0)


def feel(text: str, *, english: bool = True) -> Emotion:
    """Deterministic, never raises. With `english` False the trained weights are left out: they know English only."""
    text = clip(text)
    said = words(text)
    if not said:
        return NO_EMOTION
    known = trained(said) if english else list(weights().bias)
    scores = [a + b for a, b in zip(known, signs.evidence(text, said), strict=True)]
    kind = chosen(scores, weights().tilt)
    if KINDS[kind] is Feeling.FLIRTY and not signs.is_aimed(text):
        kind = KINDS.index(Feeling.HAPPY)
    if KINDS[kind] is Feeling.NEUTRAL:
        return NO_EMOTION
    return Emotion(KINDS[kind], _intensity(_felt(scores), marks(said), hedges(text)))


def trained(said: Sequence[Word]) -> list[float]:
    """Scores of the classifier alone, in the order of KINDS; before training's tilt and any sign."""
    model = weights()
    sums, count, before = [0] * model.kinds, 0, EDGE
    for word in said:
        parts = (_of_word(word.text, word.negated), _of_pair(before, word.text))
        for part in parts:
            sums = [a + b for a, b in zip(sums, part[0], strict=True)]
            count += part[1]
        before = word.text
    last, one = _of_pair(before, EDGE)
    root = math.sqrt(count + one)
    return [
        bias + scale * (total + extra) / root
        for bias, scale, total, extra in zip(model.bias, model.scale, sums, last, strict=True)
    ]


def chosen(scores: Sequence[float], tilt: Sequence[float]) -> int:
    tilted = [score + lift for score, lift in zip(scores, tilt, strict=True)]
    return tilted.index(max(tilted))


@cache
def weights() -> Weights:
    return shipped("emotion.weights")


def _felt(scores: Sequence[float]) -> float:
    """The probability that the message is not neutral."""
    temperature = weights().temperature
    top = max(scores)
    shares = [math.exp((score - top) / temperature) for score in scores]
    return 1.0 - shares[KINDS.index(Feeling.NEUTRAL)] / sum(shares)


def _intensity(felt: float, marks: int, hedges: int) -> float:
    """0.2 to 0.6 by how surely anything is felt; each mark takes a quarter of what is missing to 1; hedges cut a third."""
    plain = 0.2 + 0.4 * felt
    raised = 1.0 - (1.0 - plain) * 0.75 ** max(0, min(marks, 6))
    return round(raised * 0.67 ** min(hedges, 2), 3)


@lru_cache(maxsize=_REMEMBERED)
def _of_word(word: str, negated: bool) -> tuple[tuple[int, ...], int]:
    return _sum(tuple(of_word(word, negated)))


@lru_cache(maxsize=_REMEMBERED)
def _of_pair(first: str, second: str) -> tuple[tuple[int, ...], int]:
    return _sum((of_pair(first, second),))


def _sum(features: tuple[str, ...]) -> tuple[tuple[int, ...], int]:
    """The five sums over some features, and their number."""
    model = weights()
    rows = [bucket(feature, model.bits) * model.kinds for feature in features]
    return tuple(sum(model.table[row + kind] for row in rows) for kind in range(model.kinds)), len(rows)
