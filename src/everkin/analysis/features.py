"""Features for the emotion classifier: words, then hashed features of words, pairs of words and word parts.

Training (scripts/train_emotion.py) and classification call the same functions. Any change of their results needs new
weights and a new FEATURES number.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple
from zlib import crc32

FEATURES = 1
"""Version of all results of this file; weights trained for another version are refused."""

READ_AT_MOST = 2000
"""Characters; of a longer message the first and the last half of this number are read."""

LONGEST_WORD = 24
"""Characters of a word that count."""

NEGATION_REACHES = 3
"""Words after a "not" that are negated, unless a stop comes first."""

REMEMBERED = 8192
"""Words, and pairs of words, of which the weights are cached; a few MB when full."""

EDGE = "<"
"""Stands for the position before the first and after the last word in a pair."""

_TOKEN = re.compile(r"\[\w{1,20}\]|[^\W\d_]+(?:['’][^\W\d_]+)?|\d+|[!?]+|\.\.+|[^\w\s\u200d\ufe0e\ufe0f]")
_NEGATION = re.compile(
    r"^(?:not|no|never|none|nothing|nobody|without|cannot|nor|neither|hardly|barely|scarcely|isnt|arent|wasnt|werent|dont"
    r"|doesnt|didnt|cant|couldnt|wont|wouldnt|shouldnt|havent|hasnt|aint|.*n't|nicht|kein|keine|keinen|pas|non|não|nunca)$"
)
_STOPS = frozenset(".,;:!?…")
_DRAWN_OUT = re.compile(r"(.)\1{2,}")


class Word(NamedTuple):
    """A word, number or sign of a message."""

    text: str
    """Lower case, runs of the same letter cut to two."""
    negated: bool
    """Whether a negation before it reaches it."""
    is_word: bool
    """False for a number or sign."""
    written: str
    """The text as it was written."""


def clip(text: str, limit: int = READ_AT_MOST) -> str:
    """Return the part of `text` that is read, so that the work is bounded."""
    return text if len(text) <= limit else f"{text[: limit // 2]} {text[-limit // 2 :]}"


def words(text: str) -> list[Word]:
    """Return the words, numbers, runs of "!?" and single signs of a text, in order."""
    found: list[Word] = []
    reach = 0
    for written in _TOKEN.findall(text):
        plain, is_word, negates, stops = _known(written)
        found.append(Word(plain, is_word and reach > 0, is_word, written))
        reach = NEGATION_REACHES if negates else 0 if stops else reach - 1
    return found


def of_word(word: str, negated: bool) -> Iterator[str]:
    """Yield the features a word has in any position: itself, itself negated, and its parts of 2 to 5 letters."""
    yield f"w{word}"
    if negated:
        yield f"n{word}"
    if word[0].isalpha():
        padded = f" {word} "
        for size in range(2, 6):
            for start in range(max(1, len(padded) - size + 1)):
                yield f"c{padded[start : start + size]}"


def of_pair(first: str, second: str) -> str:
    """Return the feature of two adjacent words."""
    return f"b{first} {second}"


def bucket(feature: str, bits: int) -> int:
    """Return a feature's place among 2 ** bits. Whole words have the lower half to themselves, so that parts do not
    collide with them."""
    half = 1 << (bits - 1)
    place = crc32(feature.encode("utf-8", "surrogatepass")) & (half - 1)
    return place if feature[0] in "wn" else half + place


@lru_cache(maxsize=REMEMBERED)
def _known(written: str) -> tuple[str, bool, bool, bool]:
    """Return (text, whether it is a word, whether it negates the next words, whether it ends the reach of a
    negation)."""
    text = _plain(written)
    is_word = text[0].isalpha()
    return text, is_word, is_word and _NEGATION.match(text) is not None, text[0] in _STOPS


def _plain(written: str) -> str:
    if written[0] in "!?":
        return ("!" if "!" in written else "") + ("?" if "?" in written else "") + ("+" if len(written) > 2 else "")
    return _DRAWN_OUT.sub(r"\1\1", written[:LONGEST_WORD].lower().replace("’", "'"))
