"""The emotion of a message: a linear classifier over words and word parts, a small network over words in their order,
and signs (emoji, negation, phrases).

The weights are trained by scripts/train_emotion.py. The mapping of the training labels to emotions, and the accuracy:
docs/senses.md.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from everkin.analysis import phrase_network, signs
from everkin.analysis.features import EDGE, REMEMBERED, Word, bucket, clip, of_pair, of_word, words
from everkin.analysis.loudness import hedges, marks
from everkin.analysis.signs import KINDS, Feeling
from everkin.analysis.weights import Weights, shipped

FAINT = 0.3
"""A weaker emotion should not influence a reply."""


_LONG = 700
"""Features of a message longer than any in training, about 45 words. Beyond it scores are averages, so that length
alone does not add up to certainty."""


PHRASED = 0.6
"""Share of the network in the trained scores; the rest is the linear classifier's. Best on dev."""


@dataclass(frozen=True, slots=True)
class Emotion:
    """The emotion of a message."""

    kind: Feeling
    """The emotion with the highest score."""
    intensity: float
    """0 to 1: 0 for neutral, about 0.5 for a plain "I'm happy", over 0.75 for "I'm SO happy!!!", less where hedged."""


NO_EMOTION = Emotion(Feeling.NEUTRAL, 0.0)


MOST_WORDS = 700
"""Words and signs of a message that are weighed; a message of ordinary sentences has fewer."""


ENDING = 400
"""Characters at the end of a long message that are classified separately."""


def feel(text: str, *, english: bool = True) -> Emotion:
    """Return the emotion of a message. Deterministic, never raises.

    `english` False leaves out the trained weights, which cover English only. A long message that is neutral as a whole
    is classified by its ending, since people come to the point last.
    """
    text = clip(text)
    whole = _felt_in(text, english)
    if whole is NO_EMOTION and len(text) > 2 * ENDING:
        return _felt_in(text[-ENDING:], english)
    return whole


def _felt_in(text: str, english: bool) -> Emotion:
    said = words(text)[:MOST_WORDS]
    if not said:
        return NO_EMOTION
    scores = scored(text, said, english=english)
    kind = chosen(scores, weights().tilt)
    if KINDS[kind] is Feeling.FLIRTY and not signs.is_aimed(text):
        kind = KINDS.index(Feeling.HAPPY)
    if KINDS[kind] is Feeling.NEUTRAL:
        return NO_EMOTION
    return Emotion(KINDS[kind], _intensity(_felt(scores), marks(said), hedges(text)))


def scored(text: str, said: Sequence[Word], *, english: bool = True) -> list[float]:
    """Return the scores in the order of KINDS, before the tilt is added."""
    known = trained(said) if english else list(weights().bias)
    return [a + b for a, b in zip(known, signs.evidence(text, said), strict=True)]


def trained(said: Sequence[Word]) -> list[float]:
    """Return the scores by training, without tilt and signs: log-odds of both classifiers, weighted by their accuracy
    on dev."""
    both = zip(_linear(said), phrase_network.shipped().scores(said), strict=True)
    return [(1 - PHRASED) * linear + PHRASED * phrased for linear, phrased in both]


def _linear(said: Sequence[Word]) -> list[float]:
    model = weights()
    total, before = 0, EDGE
    for word in said:
        total += _of_word(word.text, word.negated) + _of_pair(before, word.text)
        before = word.text
    *sums, count = _lanes(total + _of_pair(before, EDGE), model.kinds + 1)
    root = max(math.sqrt(count), count / math.sqrt(_LONG))
    return [bias + scale * each / root for bias, scale, each in zip(model.bias, model.scale, sums, strict=True)]


def chosen(scores: Sequence[float], tilt: Sequence[float]) -> int:
    """Return the index of the highest score after adding the tilt."""
    tilted = [score + lift for score, lift in zip(scores, tilt, strict=True)]
    return tilted.index(max(tilted))


@cache
def weights() -> Weights:
    return shipped("emotion.weights")


def _felt(scores: Sequence[float]) -> float:
    """Return the probability that the message is not neutral."""
    temperature = weights().temperature
    top = max(scores)
    shares = [math.exp((score - top) / temperature) for score in scores]
    return 1.0 - shares[KINDS.index(Feeling.NEUTRAL)] / sum(shares)


def _intensity(felt: float, marks: int, hedges: int) -> float:
    """Return 0.2 to 0.6 by the probability of an emotion; each mark adds a quarter of the distance to 1; each hedge
    (two at most) cuts a third."""
    plain = 0.2 + 0.4 * felt
    raised = 1.0 - (1.0 - plain) * 0.75 ** max(0, min(marks, 6))
    return round(raised * 0.67 ** min(hedges, 2), 3)


@lru_cache(maxsize=REMEMBERED)
def _of_word(word: str, negated: bool) -> int:
    return _summed(of_word(word, negated))


@lru_cache(maxsize=REMEMBERED)
def _of_pair(first: str, second: str) -> int:
    return _summed((of_pair(first, second),))


_LANE = 32
"""Bits of one sum. All sums of a feature are packed into one integer, so that adding two features is one addition."""


def _summed(features: Iterable[str]) -> int:
    """Return packed sums, from the lowest bits: the sum of the weights for each kind, then the number of features."""
    model = weights()
    rows = [model.row(bucket(feature, model.bits)) for feature in features]
    total = len(rows)
    for kind in reversed(range(model.kinds)):
        total = (total << _LANE) + sum([row[kind] * abs(row[kind]) for row in rows])
    return total


def _lanes(total: int, number: int) -> list[int]:
    """Unpack the sums in `total`; each may be negative, in which case it has borrowed one from the next."""
    half = 1 << (_LANE - 1)
    sums = []
    for _ in range(number):
        low = ((total + half) & ((1 << _LANE) - 1)) - half
        sums.append(low)
        total = (total - low) >> _LANE
    return sums
