"""The feeling of a message by a few keywords, as most companions do it. Written before anything was measured."""

import re

from everkin.analysis.signs import Feeling

_KEYWORDS = (
    (Feeling.ANGRY, r"\b(angry|mad|furious|annoyed|annoying|hate|pissed|rage|upset)\b"),
    (Feeling.SAD, r"\b(sad|unhappy|depressed|lonely|cry|crying|miss|hurt|sorry|tears|heartbroken)\b"),
    (Feeling.FLIRTY, r"\b(flirt|sexy|hot|cute|kiss|babe|gorgeous|handsome|beautiful|date|love you)\b"),
    (Feeling.HAPPY, r"\b(happy|glad|great|awesome|amazing|excited|yay|wonderful|love|haha|lol|thanks)\b"),
)
_PATTERNS = tuple((feeling, re.compile(pattern)) for feeling, pattern in _KEYWORDS)


def feel(text: str) -> Feeling:
    lowered = text.lower()
    return next((feeling for feeling, pattern in _PATTERNS if pattern.search(lowered)), Feeling.NEUTRAL)
