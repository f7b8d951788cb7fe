"""Estimate of the tokens in a text, without a tokenizer. Pure.

The estimate goes by classes of script, by the behaviour of the usual byte-pair vocabularies (50 000 to 200 000
entries):

    Latin letters and blanks        4 characters a token
    digits, marks, line feeds       2
    accented Latin                  2
    Greek, Cyrillic, Hebrew, Arabic 2.5
    Thai, Devanagari and kin        1.5
    Han, Kana, Hangul               1
    emoji and the rest beyond       0.5

plus one for the text itself. It errs on the high side for English prose, which keeps a prompt within its budget.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

_MARKS = b"0123456789!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~\n"

_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")

_PER_TOKEN: tuple[tuple[int, float], ...] = (
    (0x0370, 2.0),
    (0x0900, 2.5),
    (0x1100, 1.5),
    (0x1200, 1.0),
    (0x2E80, 2.0),
    (0xD7B0, 1.0),
    (0xF900, 0.5),
    (0xFB00, 1.0),
    (0xFF00, 2.0),
    (0x10000, 1.0),
)
"""(first code point beyond the class, characters a token), ascending, from U+0080 on."""


@lru_cache(1024)
def estimate(text: str) -> int:
    """Return the estimated number of tokens of a text."""
    ascii_part = text.encode("ascii", "ignore")
    letters = len(ascii_part.translate(None, _MARKS))
    tokens = letters / 4 + (len(ascii_part) - letters) / 2
    if len(ascii_part) < len(text):
        tokens += sum(map(_weight, _BEYOND_ASCII.findall(text)))
    return 1 + round(tokens)


@lru_cache(4096)
def _weight(character: str) -> float:
    point = ord(character)
    return next((1 / per_token for beyond, per_token in _PER_TOKEN if point < beyond), 2.0)


def forget_texts() -> None:
    """Erase the cached texts and their counts."""
    estimate.cache_clear()


class EstimateCounter:
    """A token counter that estimates."""

    async def count(self, texts: Sequence[str]) -> list[int]:
        """Return the estimated number of tokens of each text, in order."""
        return [estimate(text) for text in texts]
