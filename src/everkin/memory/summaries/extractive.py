"""A rolling summary without a model (pure): the sentences that carry most, in the order they were said.

What counts: what a person tells of themselves, decides and plans, names and numbers, strong feeling; not questions,
courtesies, stage directions or what was said already. Half of the room may go to the summary that came before.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from everkin.memory.extraction.english.third_person import reported

LIMIT_CHARS = 900
EARLIER_SHARE = 0.5
MOST_SENTENCES = 400
"""Sentences of one sum; of more, those said last are read."""

READ_CHARS = 2000
SAME = 0.5
"""Share of common words from which a sentence says nothing new."""

FAINT = 0.5
"""What weighs no more than this is left out even where there is room."""


@dataclass(frozen=True, slots=True)
class SummaryLine:
    """One message."""

    seq: int
    speaker: str
    text: str
    by_character: bool = False
    facts: int = 0
    """Facts found in it."""
    intensity: float = 0.0
    """0..1 of its mood, both from what is stored beside it."""


class Sum(NamedTuple):
    text: str
    importance: int
    """1..10."""


@dataclass(frozen=True, slots=True)
class _Sentence:
    place: tuple[int, int]
    text: str
    weight: float
    words: frozenset[str]


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
    """At most `limit_chars` long; empty when nothing was said that is worth keeping. Deterministic."""
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
    """The earlier summary's sentences. They were chosen once, so each starts with some weight."""
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
    """The weightiest that fit and say something new, in the order they were said. Of equal weight, the later one."""
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
    """1 for small talk; a plan or two make 4 or 5, a death or a wedding with names 8 and more."""
    best = sorted((each.weight for each in kept), reverse=True)[:3]
    return max(1, min(10, round(1 + sum(best) * 0.6)))
