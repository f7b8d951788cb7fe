"""Emphasis of a message, independent of its emotion: intensifiers, capitals, "!!!", drawn-out words; and hedging."""

import re
from collections.abc import Sequence

from everkin.analysis.features import Word

_INTENSIFIERS = (
    "so really very extremely incredibly absolutely totally completely utterly super insanely deeply truly fucking freaking "
    "damn literally seriously soo omg too muy sehr très tellement molto muito"
)
_INTENSE = frozenset(_INTENSIFIERS.split())
_HEDGED = re.compile(
    r"\b(?:a (?:bit|little)|slightly|kind ?of|kinda|sort ?of|sorta|somewhat|mildly|i guess|not (?:too|that|so|very)"
    r"|ein bisschen|un peu|un poco)\b",
    re.I,
)


def marks(words: Sequence[Word]) -> int:
    """Return the number of emphases. "!" counts once and "!!!" twice; of emoji and the like all but the first."""
    loud = sum(_loudness(word) for word in words)
    signs = sum(_is_pictorial(word) for word in words)
    return loud + max(0, signs - 1)


def hedges(text: str) -> int:
    """Return the number of hedging phrases."""
    return len(_HEDGED.findall(text))


def _loudness(word: Word) -> int:
    if word.text[0] == "!":
        return 2 if word.text[-1] == "+" else 1
    if not word.is_word or (word.negated and word.text in _INTENSE):
        return 0
    shouted = len(word.written) > 2 and word.written.isupper()
    drawn_out = len(word.written) > len(word.text)
    return int(word.text in _INTENSE) + int(shouted or drawn_out)


def _is_pictorial(word: Word) -> bool:
    return ord(word.text[0]) > 0x2190 and not word.is_word
