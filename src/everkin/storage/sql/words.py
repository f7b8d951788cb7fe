"""Words as the search sees them, the same in both databases: letters and digits, without regard to case and accents."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST_WORD = 64
"""Characters of a word that are compared; the rest is ignored."""

READ_OF_A_WORD = 8 * LONGEST_WORD
"""Characters of a word that are read, which includes accents."""

_ALONE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
"""Scripts without spaces between words: each character counts as a word."""

_WORD = re.compile(f"[{_ALONE}]|(?:[^\\W_{_ALONE}]|[\u0300-\u036f])+")
_ACCENTS = re.compile("[\u0300-\u036f]+")


@dataclass(frozen=True, slots=True)
class Word:
    """A word and its position."""

    folded: str
    """The word in lower case, without accents."""
    start: int
    """Index of its first character in the text."""
    end: int
    """Index after its last character."""


def words_in(text: str) -> Iterator[Word]:
    for match in _WORD.finditer(text):
        folded = _folded(match.group())
        if folded:
            yield Word(folded, match.start(), match.end())


def words_of(text: str) -> tuple[str, ...]:
    """Return the folded words in the order of the text."""
    return tuple(word.folded for word in words_in(text))


def _folded(word: str) -> str:
    if word.isascii():
        return word.lower()[:LONGEST_WORD]
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", word[:READ_OF_A_WORD].casefold()))
    return "".join(character for character in plain if character.isalnum())[:LONGEST_WORD]
