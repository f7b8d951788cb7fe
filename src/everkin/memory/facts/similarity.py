"""Similarity of two short texts by their words: the same statement, or the opposite. Pure.

Numbers, names and negation must agree before words are compared: "has two cats" is not "has three cats".
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from everkin.memory.extraction.english.word_lists import listed

SAME = 0.75
"""Jaccard similarity of content words from which two texts have the same meaning."""
WITHIN = 3
"""A text with at least this many content words, all contained in the other text, has the same meaning."""

_STOP = listed(
    "a an the their they them is are was were be been has have had does do did and or of in on at to for with as "
    "by from that this it its his her he she very really just also so who called named"
)
_NEGATIONS = listed("not no never without nobody nothing n't cannot")
_NUMBERS = {
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
    "seven": "7",
    "eight": "8",
    "nine": "9",
    "ten": "10",
}
_OPPOSITE = {
    "hate": "like",
    "dislike": "like",
    "detest": "like",
    "love": "like",
    "adore": "like",
    "enjoy": "like",
    "single": "partnered",
}
_BAD = frozenset(["hate", "dislike", "detest", "loathe"])


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text in comparable form."""

    content: frozenset[str]
    """Stems of content words; verbs of liking and disliking are one word."""
    numbers: frozenset[str]
    """Numbers in digits, also those written as words up to ten."""
    names: frozenset[str]
    """Stems of capitalised words."""
    negative: bool
    """The negations, including verbs such as "hate", are odd in number."""


_WORD = re.compile(r"[\w'-]+")


def without_brackets(text: str) -> str:
    """Return the text with each part in round brackets replaced by a blank."""
    kept: list[str] = []
    at = 0
    while (begin := text.find("(", at)) >= 0 and (end := text.find(")", begin)) >= 0:
        kept += text[at:begin], " "
        at = end + 1
    return "".join((*kept, text[at:]))


@lru_cache(maxsize=8192)
def words(text: str) -> Words:
    """Return the words of a text. The latest 8192 results are cached."""
    said = _WORD.findall(without_brackets(text.replace("n't", " not")))
    low = [_NUMBERS.get(word.lower(), word.lower()) for word in said]
    stems = [stem(word) for word in low if word not in _STOP and word not in _NEGATIONS]
    negative = (sum(word in _NEGATIONS for word in low) + sum(word in _BAD for word in stems)) % 2 == 1
    return Words(
        frozenset(_OPPOSITE.get(word, word) for word in stems if not word.isdigit()),
        frozenset(word for word in low if word[:1].isdigit()),
        frozenset(stem(word.lower()) for word in said if word[:1].isupper()),
        negative,
    )


def stem(word: str) -> str:
    """Remove plurals and verb endings, sufficient for comparison."""
    word = word.removesuffix("'s")
    for ending, least in (("ing", 5), ("ies", 4), ("ed", 5), ("es", 5), ("s", 4)):
        if word.endswith(ending) and len(word) >= least + len(ending) - 2 and not word.endswith("ss"):
            return word.removesuffix(ending) + ("y" if ending == "ies" else "")
    return word.removesuffix("e") if len(word) > 4 else word


def alike(one: Words, other: Words) -> bool:
    """Return whether both texts make the same statement."""
    return one.negative == other.negative and _same_matter(one, other)


def opposed(one: Words, other: Words) -> bool:
    """Return whether one text negates the other: with and without "not", "hates" for "loves"."""
    return one.negative != other.negative and one.content == other.content and one.numbers == other.numbers


def _same_matter(one: Words, other: Words) -> bool:
    if one.numbers != other.numbers or not (one.names <= other.names or other.names <= one.names):
        return False
    shared, whole = len(one.content & other.content), len(one.content | other.content)
    smaller = min(len(one.content), len(other.content))
    return bool(whole) and (shared / whole >= SAME or (smaller >= WITHIN and shared == smaller))


def same_value(one: str, other: str) -> bool:
    """Return whether two values of a slot are equal or one refines the other ("nurse", "children's nurse").

    Numbers must be equal.
    """
    if one == other:
        return True
    first, second = frozenset(one.split()), frozenset(other.split())
    if {word for word in first | second if word[:1].isdigit()} - (first & second):
        return False
    return bool(first and second) and (first <= second or second <= first)
