"""The rules of crisis.py, one text file per language, and their parser.

A file has lines `NAME = pattern` (used as `{NAME}`) and, below a heading such as `[plan]`, one pattern per rule; a line
that begins with two blanks continues the previous one, `#` begins a comment line. Patterns match the plain text of
crisis_text.py (lower case, no accents, no apostrophes): `( | )`, `?` and `*` as in regular expressions, `~3` for up to
three words within the sentence, `@` for any one word, `.` for the end of a sentence, `(?! )` for text that must not
follow. A doubled letter also matches a single one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files

from everkin.analysis.crisis_rules.needs import needs_of, once

_HEADING = re.compile(r"\[(\w+)\]")
_NAME = re.compile(r"([A-Z_]+) = (.+)")
_GAP = re.compile(r" ~(\d) ")
_DOUBLED = re.compile(r"([^\W\d_f])\1")
_USED = re.compile(r"\{([A-Z_]+)\}")


@dataclass(frozen=True)
class Rule:
    """One pattern."""

    section: str
    """The heading above it."""
    text: str
    """The pattern as written, with names replaced."""

    @cached_property
    def needs(self) -> tuple[frozenset[str], ...]:
        """Sets of words (doubled letters written once): every match has a word of each set. The rarest set comes
        first."""
        return needs_of(self.text)

    def may_match(self, words: set[str]) -> bool:
        """Return whether a text with these words may match."""
        return not any(words.isdisjoint(needed) for needed in self.needs)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The pattern, bounded by words."""
        return re.compile(rf"(?<!\w)(?:{_compiled(self.text)})(?!\w)")

    @cached_property
    def inside(self) -> re.Pattern[str]:
        """The pattern without word boundaries, for scripts without blanks between words or with prefixes."""
        return re.compile(_compiled(self.text))


def read_rules(language: str) -> tuple[Rule, ...]:
    """Return the rules in the order of the file `LANGUAGE.txt`. Raises KeyError for an undefined name."""
    names: dict[str, str] = {}
    rules = []
    section = ""
    for line in _lines((files(__name__) / f"{language}.txt").read_text("utf-8")):
        if heading := _HEADING.fullmatch(line):
            section = heading[1]
        elif named := _NAME.fullmatch(line):
            names[named[1]] = _USED.sub(lambda match: names[match[1]], named[2])
        else:
            rules.append(Rule(section, _USED.sub(lambda match: names[match[1]], line)))
    return tuple(rules)


def _lines(text: str) -> Iterator[str]:
    whole = ""
    for line in text.splitlines():
        if line.startswith("  "):
            whole += line[2:]
            continue
        if whole:
            yield whole
        whole = "" if line.startswith("#") else line
    if whole:
        yield whole


def _compiled(text: str) -> str:
    text = text.replace(".", r"\.").replace("(", "(?:").replace("(?:?!", "(?!").replace("@", r"\w+")
    text = _GAP.sub(lambda match: rf"(?: \w+){{0,{match[1]}}} ", text)
    return _DOUBLED.sub(r"\1{1,2}", text)


__all__ = ["Rule", "once", "read_rules"]
