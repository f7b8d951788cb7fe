"""Cues of a text (pure): a question, a time, a number, a name."""

import re

_TIME = re.compile(
    r"\b(?:yesterday|today|tonight|tomorrow|last|next|ago|weekends?|weeks?|months?|years?|days?|morning|evening|recently|since|soon"
    r"|monday|tuesday|wednesday|thursday|friday|saturday|sunday|january|february|march|april|june|july|august|september|october"
    r"|november|december|(?:19|20)\d\d|birthday|anniversary|christmas|easter)\b",
    re.I,
)
_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|once|twice|few|couple|dozen)\b", re.I
)
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]+")


def is_question(text: str) -> bool:
    """Return whether the text contains a question mark."""
    return "?" in text


def names_time(text: str) -> bool:
    """Return whether the text contains an English word for a time, or a year."""
    return _TIME.search(text) is not None


def names_number(text: str) -> bool:
    """Return whether the text contains digits or an English number word."""
    return _NUMBER.search(text) is not None


def names_somebody(text: str) -> bool:
    """Return whether the text has a capital inside a sentence: a person, a place, a title."""
    return _NAME.search(text) is not None
