"""Extractive summaries without a model (pure): the sentences with the highest weight, in their original order.

Weight comes from statements of users about themselves, decisions and plans, names and numbers, and strong feelings; not
from questions, courtesies, stage directions or repetitions. At most half of the length may come from the earlier
summary.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from everkin.memory.extraction.english.third_person import reported

LIMIT_CHARS = 900
"""Characters of a summary."""
EARLIER_SHARE = 0.5
"""Share of the length that may come from the earlier summary."""
MOST_SENTENCES = 400
"""Sentences read for one summary; of more, the last ones are read."""

READ_CHARS = 2000
"""Characters of a message that are read."""
SAME = 0.5
"""Share of common words from which a sentence counts as a repetition."""

FAINT = 0.5
"""Sentences up to this weight are left out even if there is room."""


@dataclass(frozen=True, slots=True)
class SummaryLine:
    """One message."""

    seq: int
    """Its number in the conversation."""
    speaker: str
    """Name of its author."""
    text: str
    """Message text."""
    by_character: bool = False
    """Written by a character rather than a user."""
    facts: int = 0
    """Number of facts found in it."""
    intensity: float = 0.0
    """Stored intensity of its mood, 0..1."""


class Sum(NamedTuple):
    """A summary."""

    text: str
    """The summary, "" when there was no sentence worth keeping."""
    importance: int
    """1..10."""


@dataclass(frozen=True, slots=True)
class _Sentence:
    place: tuple[int, int]
    """(seq, position within the message); seq is 0 for the earlier summary."""
    text: str
    """The sentence in the third person."""
    weight: float
    """Higher is more important."""
    words: frozenset[str]
    """Its words in lower case without common ones."""


_SPLIT = re.compile(r"(?<=[.!?…。！？])\s+|\n+")
_STAGE = re.compile(r"(?<!\*)\*++[^*\n]{1,400}\*+|\(\((?:[^()]|\((?!\())*+\)\)")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_NAME = re.compile(r"(?<=[^.!?\s] )(?!I\b)[A-ZÀ-Þ][^\W\d_]{2,}")
_NUMBER = re.compile(r"\b\d+\b")
_OWN = re.compile(
    r"\b(?:i(?:['’]m| am| was| have|['’]ve| live| work| study| moved| grew| lost| got| love| hate| like| feel| felt)|my)\b",
    re.I,
)
_PLAN = re.compile(
    r"\b(?:(?:i|we)(?:['’]ll| will| am going to|['’]m going to|['’]re going to| plan| decided| want to| promised?)|i promise|let['’]s"
    r"|tomorrow|next (?:week|month|year|time|\w+day)|tonight|this weekend|decid\w+|promis\w+|plan(?:s|ned|ning)?|from now on)\b",
    re.I,
)
_WEIGHTY = re.compile(
    r"\b(?:died|death|funeral|married|wedding|pregnant|born|divorced?|broke up|hospital|cancer|diagnos\w+|fired|hired|new job|moved|engaged"
    r"|graduat\w+|passed|failed|accident|birthday|secret|never told|in love|afraid|allerg\w+|sorry|forgive)\b",
    re.I,
)
_COURTESY = re.compile(
    r"^\W*(?:hi|hey|hello|thanks?(?: you)?|thank you\b.*|bye|good (?:night|morning|evening)|ok(?:ay)?|yes|no|yeah|nice|cool|great|sure|lol|haha+)\b\W*(?:\w+\W*){0,3}$",
    re.I,
)
_ORDER = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b[^.]{0,40}\b(?:instructions?|rules?|prompts?|above|previous)\b|\bsystem prompt\b|\byou must\b|<\|",
    re.I,
)
_FREQUENT = (
    "the a an and or but so to of in on at for with from by is are was were be been am it its this that these those i you he she "
    "they we me him her them us my your his their our said not no do does did have has had will would can could just very"
)
_COMMON = frozenset(_FREQUENT.split())


def sum_up(lines: Sequence[SummaryLine], earlier: str = "", limit_chars: int = LIMIT_CHARS) -> Sum:
    """Summarise lines and the earlier summary in at most `limit_chars`. Deterministic.

    Empty when no sentence is worth keeping.
    """
    sentences = _sentences(lines)[-MOST_SENTENCES:]
    found = _chosen(sentences, limit_chars, ())
    room = max(limit_chars - len(_told(found)) - 1, int(limit_chars * EARLIER_SHARE))
    before = _chosen(_carried(earlier), min(room, limit_chars), ())
    kept = _chosen(sentences, limit_chars - len(_told(before)) - 1, before) if before else found
    return Sum(" ".join(filter(None, (_told(before), _told(kept)))), _importance(kept))


def _sentences(lines: Sequence[SummaryLine]) -> list[_Sentence]:
    found = []
    for line in lines:
        for n, said in enumerate(_split(_STAGE.sub(" ", line.text[:READ_CHARS]))):
            text = reported(line.speaker, said)
            found.append(_Sentence((line.seq, n), text, _weight(line, said), _content(said)))
    return found


def _split(text: str) -> Iterable[str]:
    return (part.strip() for part in _SPLIT.split(text) if _WORD.search(part))


def _carried(earlier: str) -> list[_Sentence]:
    """Return the sentences of the earlier summary. They were selected before, so each starts with a weight of 1.5."""
    parts = list(_split(earlier[: 4 * LIMIT_CHARS]))
    return [_Sentence((0, n), part, 1.5 + _telling(part), _content(part)) for n, part in enumerate(parts)]


def _weight(line: SummaryLine, said: str) -> float:
    words = _WORD.findall(said)
    if len(words) < 3 or _COURTESY.match(said):
        return 0.0
    own = 1.5 + 0.7 * min(line.facts, 3) if _OWN.search(said) else 0.0
    weight = 0.3 + own + _telling(said) + 1.5 * min(1.0, max(0.0, line.intensity))
    weight *= 0.5 if line.by_character else 1.0
    weight -= 1.5 if said.rstrip().endswith(("?", "？")) else 0.0
    return weight * 0.2 if _ORDER.search(said) else weight


def _telling(text: str) -> float:
    named = min(3, len(_NAME.findall(text)) + len(_NUMBER.findall(text)))
    return 0.6 * named + (1.5 if _PLAN.search(text) else 0.0) + (2.0 if _WEIGHTY.search(text) else 0.0)


def _content(text: str) -> frozenset[str]:
    return frozenset(word for word in _WORD.findall(text.lower()) if word not in _COMMON)


def _chosen(sentences: Sequence[_Sentence], room: int, beside: Sequence[_Sentence]) -> list[_Sentence]:
    """Return the heaviest sentences that fit and are no repetitions, in their original order.

    Of equal weights, the later one is taken.
    """
    kept: list[_Sentence] = []
    for each in sorted(sentences, key=lambda each: (-each.weight, [-n for n in each.place])):
        if each.weight <= FAINT:
            break
        if len(each.text) + 1 <= room and not any(_same(each, other) for other in (*beside, *kept)):
            kept.append(each)
            room -= len(each.text) + 1
    return sorted(kept, key=lambda each: each.place)


def _same(one: _Sentence, other: _Sentence) -> bool:
    smaller = min(len(one.words), len(other.words))
    return one.text == other.text or (smaller > 0 and len(one.words & other.words) / smaller > SAME)


def _told(sentences: Sequence[_Sentence]) -> str:
    return " ".join(each.text for each in sentences)


def _importance(kept: Sequence[_Sentence]) -> int:
    """Return 1 for small talk, 4 or 5 for a plan or two, at least 8 for a death or a wedding with names."""
    best = sorted((each.weight for each in kept), reverse=True)[:3]
    return max(1, min(10, round(1 + sum(best) * 0.6)))
