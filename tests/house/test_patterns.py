"""No text of a stranger holds the house up: every regular expression of the package meets hostile texts.

A single match cannot be interrupted and holds the interpreter lock, so it has to be short whatever it reads. Measured is CPU
time of the thread, the best of several tries, so that a busy machine fails nothing.
"""

import re
from collections.abc import Callable
from functools import partial

import pytest

from tests.cpu_time import cpu_ms
from tests.hostile_texts import MESSAGE, READ_BY_RULES, texts
from tests.house.package_patterns import (
    PACKAGE,
    PackagePattern,
    compiled_in_functions,
    inline_patterns,
    package_patterns,
)

MOST_MS = 5.0
GLANCE = 125
"""A text so short tells the worst patterns, before they take minutes over a long one."""
NOISE_MS = 1.5
MOST_GROWTH = 3.0
"""Twice the text may take so many times as long; a quadratic pattern takes four times."""

SOURCES = sorted(PACKAGE.rglob("*.py"))
OF_WHOLE_MESSAGES = ("memory/extraction/english/clauses.py", "memory/extraction/english/realm.py")
"""Rules that read a message whole; the others are given its sentences and clauses, which are cut."""
OF_SENTENCES = frozenset(("_CLAUSE", "_OPENERS", "_ASKS", "_TAIL", "_CUT", "_PERSON", "_TITLE"))
"""Those beside them that are not."""

MADE_WHILE_RUNNING = {
    "memory/recall/query.py": ["_naming", "_naming"],  # a name, escaped
    "memory/extraction/english/rule.py": ["rule"],  # called at import
    "memory/extraction/english/realm.py": ["_signs"],  # the same
    "memory/relationship/english_phrases.py": ["_any"],  # the same
    "evaluation/labelled.py": ["_wanted"],  # labels of ours
    "analysis/crisis_rules/__init__.py": [
        "inside",
        "pattern",
    ],  # rules of ours; tests/unit/senses/test_crisis.py times them
    "analysis/intent_phrases.py": ["_phrases"],  # called at import
    "analysis/signs.py": ["_phrases"],  # the same
    "storage/local/glob.py": ["matcher"],  # keys of the cache, by patterns of ours
    "services/greeting_text.py": ["_without_introduction"],  # a name, escaped
    "turn/responders.py": ["_calling"],  # the same
    "turn/multi_speaker.py": ["__init__"],  # the same
}


@pytest.fixture(scope="module")
def patterns() -> list[PackagePattern]:
    return package_patterns()


def test_the_texts_are_many_and_long() -> None:
    made = list(texts())
    assert len(made) >= 200
    assert {len(text) for _, text in made} == {MESSAGE}


def test_every_pattern_has_a_name_so_that_it_can_be_found() -> None:
    inline = {
        str(path.relative_to(PACKAGE)): lines for path in SOURCES if (lines := inline_patterns(path.read_text("utf-8")))
    }
    assert inline == {}


def test_patterns_are_made_at_import_but_for_those_of_names() -> None:
    made = {
        str(path.relative_to(PACKAGE)): names
        for path in SOURCES
        if (names := compiled_in_functions(path.read_text("utf-8")))
    }
    assert made == MADE_WHILE_RUNNING


def test_all_patterns_are_found(patterns: list[PackagePattern]) -> None:
    assert len(patterns) > 400
    assert {
        "memory/extraction/english/clauses.py",
        "memory/recall/query.py",
        "analysis/intent.py",
        "characters/service.py",
    } <= {each.where.partition(":")[0] for each in patterns}


def test_no_pattern_takes_long_over_a_hostile_text(patterns: list[PackagePattern]) -> None:
    glances, whole = dict(texts(GLANCE)), dict(texts(MESSAGE))
    assert [slow for each in patterns for how in each.asked if (slow := _slow(each, how, glances, whole))] == []


def test_what_reads_whole_messages_is_as_quick_for_the_longest(patterns: list[PackagePattern]) -> None:
    glances, whole = dict(texts(GLANCE)), dict(list(texts(READ_BY_RULES))[::2])
    rules = [each for each in patterns if each.where.startswith(OF_WHOLE_MESSAGES) and each.name not in OF_SENTENCES]
    assert [slow for each in rules for how in each.asked if (slow := _slow(each, how, glances, whole))] == []


def _slow(each: PackagePattern, how: str, glances: dict[str, str], whole: dict[str, str]) -> str:
    """What it is slow for; empty for a pattern that is quick. Of a slow one not everything is tried."""
    ask = _asking(re.compile(each.pattern, each.flags), how)
    for name, text in whole.items():
        for given in (glances[name], text):
            taken = cpu_ms(partial(ask, given), NOISE_MS)
            if taken > MOST_MS:
                return f"{each.where} {how}: {taken:.1f} ms for {len(given)} characters of {name}"
        if taken > NOISE_MS and not any(_grows_evenly(ask, text) for _ in range(3)):
            return f"{each.where} {how}: more than {MOST_GROWTH:g} times as long for twice the text of {name}"
    return ""


def _grows_evenly(ask: Callable[[str], object], text: str) -> bool:
    once = cpu_ms(partial(ask, text))
    return cpu_ms(partial(ask, text * 2), MOST_GROWTH * once) <= MOST_GROWTH * once


def _asking(pattern: re.Pattern[str], how: str) -> Callable[[str], object]:
    if how == "finditer":
        return lambda text: [None for _ in pattern.finditer(text)]
    asking: Callable[[str], object] = getattr(pattern, how)
    return asking
