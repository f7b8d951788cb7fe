"""What a text shows at a glance, beyond its words (pure): that it asks, names a time, a number, somebody or some place."""

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
    return "?" in text


def names_time(text: str) -> bool:
    return _TIME.search(text) is not None


def names_number(text: str) -> bool:
    return _NUMBER.search(text) is not None


def names_somebody(text: str) -> bool:
    """A capital inside a sentence: a person, a place, a title."""
    return _NAME.search(text) is not None
