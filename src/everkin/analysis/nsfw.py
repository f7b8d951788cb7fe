"""The sexual level of a message and of a conversation, 0 to 10. It only measures; policy and age are decided elsewhere.

0 not sexual; 1 affection; 2 romance ("I love you", a kiss); 3 innuendo, or sex as a topic of medicine or news; 4
nudity; 5 suggestive; 6 sex named; 7 sex asked for or described; 8 explicit; 9 explicit at length; 10 sexual together
with a child, force or an animal, regardless of the context.
"""

import re
import unicodedata
from collections.abc import Iterable

from everkin.analysis.features import clip
from everkin.analysis.nsfw_terms import (
    COERCED,
    FACTUAL,
    HARMLESS,
    LEVELS,
    MINORS,
    TOPIC_AT_MOST,
    UNSPACED,
    UNSPACED_LEVEL,
)

EXPLICIT = 6
"""From this level a message is sexual; below it may be tender, playful or about the human body."""

READ_AT_MOST = 8000
"""Characters; of a longer message the first and the last half of this number. More than other analyses read, so that
long text cannot hide content."""

FADES = 0.85
"""Factor by which a harmless message lowers a conversation's level: four of them halve it."""

_SEXUAL_WITH_OTHERS = 5
"""From this level, a child or force in the same message makes it 10."""

_NEAR = 120
"""Characters between a child and sexual content that count as connected."""

_PATTERNS = tuple((level, plain, re.compile(rf"\b(?:{words})\b")) for level, plain, words in LEVELS)
_DISGUISE = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "@": "a", "$": "s", "’": "'", "*": "u"})
_SPELLED = re.compile(r"[a-z0-9@$*]+")
_DISGUISED = re.compile(r"[a-z]+(?:[013-5@$*]+[a-z]+)+")
_TELLING_EMOJI = re.compile("[🍆🍑💦👅🔞]")


def level(text: str) -> int:
    """Return the level of a message, 0 to 10. Deterministic, never raises."""
    plain = HARMLESS.sub(" ", _undisguised(clip(text, READ_AT_MOST)))
    found = _found(plain)
    highest = max((each for each, _, _ in found), default=0)
    if highest >= _SEXUAL_WITH_OTHERS and (COERCED.search(plain) or _involves_minors(plain)):
        return 10
    if all(vocabulary or each <= 2 for each, vocabulary, _ in found) and FACTUAL.search(plain):
        return min(highest, TOPIC_AT_MOST)
    explicit = len({word for each, _, word in found if each >= EXPLICIT})
    return min(9, highest + (explicit >= 3) + (explicit >= 6))


def after(before: float, level: float) -> float:
    """Return a conversation's level after a message of `level`: the higher of it and the faded level `before`."""
    return max(float(level), before * FADES)


def of_conversation(levels: Iterable[int]) -> int:
    """Return the level of a conversation, 0 to 10, rounded; `levels` are its messages' in order. Never below the last
    one."""
    reached = 0.0
    for each in levels:
        reached = after(reached, each)
    return round(reached)


def _found(text: str) -> list[tuple[int, bool, str]]:
    """Return (level, whether it is plain vocabulary, word) of every match."""
    found = [(each, vocabulary, word) for each, vocabulary, words in _PATTERNS for word in words.findall(text)]
    found += [(UNSPACED_LEVEL, False, word) for word in UNSPACED.findall(text)]
    pictures = len(set(_TELLING_EMOJI.findall(text)))
    return [*found, (min(7, 3 + 2 * (pictures - 1)), False, "")] if pictures else found


def _involves_minors(text: str) -> bool:
    """Return whether a child is mentioned close to sexual content. In a factual context (a doctor, a court, a school)
    plain vocabulary near a child is a topic, not a scene."""
    topic = FACTUAL.search(text) is not None
    for child in MINORS.finditer(text):
        near = _found(text[max(0, child.start() - _NEAR) : child.end() + _NEAR])
        if any(each >= _SEXUAL_WITH_OTHERS and not (vocabulary and topic) for each, vocabulary, _ in near):
            return True
    return False


def _undisguised(text: str) -> str:
    """Return the text in lower case, with compatibility characters folded and substituted digits and signs replaced by
    letters."""
    folded = clip(
        unicodedata.normalize("NFKC", text).lower().replace("’", "'"), READ_AT_MOST
    )  # one character may become 18
    return _SPELLED.sub(_plainly_spelled, folded)


def _plainly_spelled(match: re.Match[str]) -> str:
    spelled = match.group()
    if spelled.isalpha() or not _DISGUISED.fullmatch(spelled):
        return spelled
    return spelled.translate(_DISGUISE)
