"""Whether a person speaks of ending their life or of harming themselves. Pure, deterministic, tens of microseconds.

Made to miss little: a help line too many does no harm. It still leaves alone what is plainly a figure of speech ("this heat
is killing me"), what a story or a game tells, and what is said of strangers. Rules, not judgement: it cannot weigh what was
said before, and a language with few rules (crisis_rules/) is read less well than English.
"""

import re
from enum import StrEnum
from functools import cache

from everkin.analysis.crisis_rules import Rule, once, read_rules
from everkin.analysis.crisis_text import folded, parted, plain


class Crisis(StrEnum):
    """What the message says, the most pressing first."""

    PLAN = "plan"
    """Means, a place, a time or a farewell."""
    INTENT = "intent"
    """A wish to die or to kill oneself."""
    SELF_HARM = "self_harm"
    """Cutting, burning, starving oneself and the like, done or wished for."""
    DESPAIR = "despair"
    """No reason to live, a burden to all, not to wake up again: nothing said outright."""
    OTHER = "other"
    """Somebody close is about to kill themselves."""


FIGURES = "figures"
"""The section of what only sounds like it; it is taken out before a rule counts."""

LANGUAGES = ("en", "de", "es", "fr", "more")
"""Latin letters, blanks between words."""

_OTHER_LETTERS = re.compile(r"[\u0370-\u1dff\u3040-\ud7ff]")


def crisis(text: str) -> Crisis | None:
    """None for almost every message. Never raises; the work is bounded."""
    said = parted(plain(text))
    for rule in _candidates(said):
        if rule.pattern.search(said) and rule.pattern.search(_without_figures(said)):
            return Crisis(rule.section)
    if not text.isascii() and _OTHER_LETTERS.search(text):
        bare = folded(text)
        return next((Crisis(rule.section) for rule in _scripts() if rule.inside.search(bare)), None)
    return None


def _candidates(said: str) -> list[Rule]:
    """The rules that may match, the most pressing first."""
    rules, by_word = _index()
    words = set(once(said).split())
    places = {place for word in words & by_word.keys() for place in by_word[word]}
    return [rules[place] for place in sorted(places) if rules[place].may_match(words)]


@cache
def _index() -> tuple[list[Rule], dict[str, list[int]]]:
    order = {kind.value: place for place, kind in enumerate(Crisis)}
    every = [rule for language in LANGUAGES for rule in read_rules(language) if rule.section != FIGURES]
    rules = sorted(every, key=lambda rule: order[rule.section])
    by_word: dict[str, list[int]] = {}
    for place, rule in enumerate(rules):
        for word in rule.needs[0]:
            by_word.setdefault(word, []).append(place)
    return rules, by_word


def _without_figures(said: str) -> str:
    for rule in _figures():
        said = rule.pattern.sub(" ", said)
    return said


@cache
def _figures() -> list[Rule]:
    return [rule for language in LANGUAGES for rule in read_rules(language) if rule.section == FIGURES]


@cache
def _scripts() -> tuple[Rule, ...]:
    """Of languages written in other letters, some without blanks."""
    return read_rules("scripts")
