"""Whether a fact that a model tells was said at all, by whom, of whom and in earnest. Pure: words only, no model.

A small model repeats what it was shown as an example, takes a sister's trade for the person's own and believes jokes. What it says counts
only where the person's own words carry it.
"""

import re
from dataclasses import dataclass

from everkin.memory.extraction.english.clauses import sentences
from everkin.memory.extraction.english.slots import KIN, PETS
from everkin.memory.extraction.english.word_lists import listed
from everkin.memory.facts.similarity import stem

COVERED = 0.7
"""Share of a fact's own words that have to occur in the message, or in the question it answers."""

_FREE = listed(
    "a an the is are was were be been being has have had having do does did lives live living works work working "
    "as at in on of for to with and or from by about into their they them person user speaker called named name "
    "likes like loves love hates hate dislikes enjoys enjoy used no longer not never old years year age birthday "
    "job home currently now owns own goes go going got get plays play studies study studying who whose which that "
    "it its her his she he will would wants want plan plans planning employed located married recently new former "
    "formerly previously since also very really identifies himself herself prefers speaks said says this these "
    "there out up can cannot allergic afraid scared pet pets moved started quit stopped doing makes making feels "
    "favourite favorite"
)
_KINS = frozenset(stem(word) for word in (*KIN, *PETS)) - frozenset({"child", "kid"})
_WORD = re.compile(r"[\w'-]+")
_PROPER = re.compile(r"(?<!^)\b[A-ZÀ-Þ][\w'-]+")
_NUMBER = re.compile(r"\d+")
_OWN = re.compile(r"\b(?:I|me|my|we|our|us|mine)\b")
_SUBJECT_OTHER = re.compile(
    rf"^(?:(?:my|our) (?:\w+ )?(?:{'|'.join(sorted(map(re.escape, KIN)))})\b|he\b|she\b|they\b|his\b|her\b|you\b|your\b)",
    re.I,
)
_UNEARNEST = re.compile(
    r"\b(?:if|wish|imagine|pretend|would|might|could|maybe|perhaps|suppose|thinking (?:about|of))\b", re.I
)
_DENIES = re.compile(
    r"\b(?:not|never|no|don't|doesn't|isn't|without|cannot|can't|hates?|dislikes?|allergic|quit|stopped|gave up|longer|any more)\b",
    re.I,
)
_AVERSE = re.compile(r"\b(?:hates?|dislikes?|stand|allergic|allergy|detests?|loathes?|not|never|no)\b", re.I)


@dataclass(frozen=True, slots=True)
class Ground:
    """`clause`: the part of the message that carries the fact."""

    clause: str


class Clauses:
    """Messages cut into clauses, each once however many facts are told of it."""

    def __init__(self) -> None:
        self._of: dict[str, list[tuple[str, bool, frozenset[str]]]] = {}

    def of(self, said: str) -> list[tuple[str, bool, frozenset[str]]]:
        """(the clause, whether it is asked, the stems of its words)"""
        if said not in self._of:
            self._of[said] = [
                (clause, one.question, frozenset(_stems(clause))) for one in sentences(said) for clause in one.clauses
            ]
        return self._of[said]


def grounded(fact: str, said: str, asked: str, clauses: Clauses | None = None) -> Ground | str:
    """Or why it is dropped: `unsaid`, `question`, `unearnest`, `other_subject`, `denied`. `asked`: the line before, whose words may
    carry a short answer. `clauses`: the same for all facts of a message."""
    own = own_words(fact)
    heard = {*_stems(said), *(_stems(asked) if "?" in asked else ())}
    if not own or not own & set(_stems(said)) or _numbers(fact) - _numbers(f"{said} {asked}"):
        return "unsaid"
    if len(own & heard) / len(own) < COVERED or (_names(fact) - set(_stems(f"{said} {asked}"))):
        return "unsaid"
    return _in_earnest(fact, own, (clauses or Clauses()).of(said))


def _in_earnest(fact: str, own: frozenset[str], parts: list[tuple[str, bool, frozenset[str]]]) -> Ground | str:
    """By the clause with the most of the fact's words."""
    best, question, _ = max(parts, key=lambda part: len(own & part[2]), default=("", False, None))
    if question:
        return "question"
    if _UNEARNEST.search(best):
        return "unearnest"
    if _SUBJECT_OTHER.match(best) and not (_KINS & set(_stems(fact))) and not (_names(best) & _names(fact)):
        return "other_subject"
    if bool(_DENIES.search(best)) and not (_DENIES.search(fact) or "used to" in fact):
        return "denied"
    return Ground(best)


def own_words(fact: str) -> frozenset[str]:
    """The words of a fact that somebody must have said."""
    return frozenset(stem(word) for word in _low(fact) if word not in _FREE)


def _low(text: str) -> list[str]:
    return _WORD.findall(text.casefold().replace("’", "'").removesuffix("."))


def _stems(text: str) -> list[str]:
    return [stem(word) for word in _low(text)]


def _names(text: str) -> frozenset[str]:
    return frozenset(stem(word.casefold()) for word in _PROPER.findall(text) if word.casefold() not in _FREE)


def _numbers(text: str) -> frozenset[str]:
    return frozenset(_NUMBER.findall(text))
