"""Detection of messages about suicide or self-harm. Pure, deterministic, tens of microseconds.

Tuned to miss few: a superfluous help line does no harm. Obvious figures of speech ("this heat is killing me"), stories,
games and remarks about strangers are still excluded. The rules do not consider earlier messages, and a language with
few rules (crisis_rules/) is covered less well than English.
"""

import re
from enum import StrEnum
from functools import cache

from everkin.analysis.crisis_rules import Rule, once, read_rules
from everkin.analysis.crisis_text import folded, parted, plain


class Crisis(StrEnum):
    """The content of a message, the most urgent kind first."""

    PLAN = "plan"
    """Means, a place, a time or a farewell."""
    INTENT = "intent"
    """A wish to die or to kill oneself."""
    SELF_HARM = "self_harm"
    """Cutting, burning, starving oneself and the like, done or wished for."""
    DESPAIR = "despair"
    """No reason to live, being a burden to all, not wanting to wake up again; no explicit wish to die."""
    OTHER = "other"
    """A person close to the user is about to kill themselves."""


FIGURES = "figures"
"""The section of figures of speech that only sound like a crisis; they are removed before a rule counts."""

LANGUAGES = ("en", "de", "es", "fr", "more")
"""Rule files of languages in Latin letters with blanks between words."""

_OTHER_LETTERS = re.compile(r"[\u0370-\u1dff\u3040-\ud7ff]")


def crisis(text: str) -> Crisis | None:
    """Return the most urgent kind found; None for almost every message. Never raises; the work is bounded."""
    said = parted(plain(text))
    for rule in _candidates(said):
        if rule.pattern.search(said) and rule.pattern.search(_without_figures(said)):
            return Crisis(rule.section)
    if not text.isascii() and _OTHER_LETTERS.search(text):
        bare = folded(text)
        return next((Crisis(rule.section) for rule in _scripts() if rule.inside.search(bare)), None)
    return None


def _candidates(said: str) -> list[Rule]:
    """Return the rules that may match, the most urgent first."""
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
    """Return the rules of languages in other scripts, some without blanks between words."""
    return read_rules("scripts")
