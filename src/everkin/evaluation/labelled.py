"""Labelled dialogues with the facts expected from them. The file holds one JSON object per line.

    {"id": "h007", "at": "2026-03-07", "lines": ["u I used to live in Glasgow...", "c ..."],
     "facts": ["- glasgow", "= newcastle"], "ask": [{"slot": "home", "now": "newcastle", "before": "glasgow"}]}

A line begins with a tag for its speaker and manner: `u` the user, in earnest; `p` the user playing a role; `s` the user
telling a story; `h` the user joking or musing; `c` the character; `@` sets the day. Each line is one minute after the
previous one.

A label is a pattern of words that must all occur in the fact's text, in any order, as beginnings of words; alternatives
are separated by `|`; a word with `^` begins the text. Its sign is the expectation: `=` true now; `-` no longer true
(closed, or worded as past); `~` worded as a denial or aversion; `?` optional; `!` forbidden. An extracted fact that
matches no label is wrong. One that matches `!` is wrong and a contamination, since it comes from a fictional world.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any

from everkin.domain.ids import MessageId, Millis
from everkin.domain.memory import Fact, Realm
from everkin.memory.extraction.english.rules import Line
from everkin.memory.facts.fold import before, current

_PAST = re.compile(
    r"\b(?:used to|no longer|former|formerly|quit|left|ex|died|passed|broke|previously|sold|lost|gave up|stopped|divorced|was)\b",
    re.I,
)
_DENIED = re.compile(
    r"\b(?:not|no|never|n't|without|hates?|dislikes?|stand|allergic|afraid|scared|terrified|fears?|unable|can't|cannot|lost|died|intolerant)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Label:
    """An expected, optional or forbidden fact."""

    sign: str
    """One of `= - ~ ? !`; see the module's docstring."""
    pattern: str
    """Words that must all occur; see the module's docstring."""

    def fits(self, fact: Fact) -> bool:
        """Whether the fact matches the pattern and the sign."""
        text = f" {fact.text.casefold().replace('’', chr(39))}"
        return all(_occurs(group, text) for group in self.groups()) and self._as_signed(fact)

    def groups(self) -> list[str]:
        """Return the groups of alternatives, in lower case; `_` stands for a space."""
        before, begins, rest = self.pattern.partition("^")
        return f"{before}{begins}{rest.replace(' ', '_')}".casefold().split()

    def _as_signed(self, fact: Fact) -> bool:
        past = fact.valid_to is not None or bool(_PAST.search(fact.text))
        if self.sign == "-":
            return past
        if self.sign == "~":
            return bool(_DENIED.search(fact.text))
        return self.sign != "=" or not _NEGATED.search(fact.text)


_NEGATED = re.compile(r"\b(?:not|never|no longer|used to)\b", re.I)


def _occurs(group: str, text: str) -> bool:
    if group.startswith("^"):
        return _wanted(f" {group[1:].replace('_', ' ')}").match(text) is not None
    return any(_wanted(rf"(?<!\w){re.escape(word)}").search(text) for word in group.split("|"))


@lru_cache(maxsize=4096)
def _wanted(pattern: str) -> re.Pattern[str]:
    """Return the compiled pattern of a label. Labels are shipped data, so the pattern is trusted."""
    return re.compile(pattern)


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A labelled dialogue."""

    id: str
    """The dialogue's id."""
    lines: tuple[Line, ...]
    """The messages, oldest first."""
    labels: tuple[Label, ...]
    """The expectations about facts."""
    asks: tuple[tuple[str, str, str], ...]
    """Questions as (slot, current value, previous value); "" where a value is not asked for."""
    unreal: frozenset[str]
    """Ids of the messages that are not in earnest."""


def read(text: str) -> list[Dialogue]:
    """Return the dialogues of a file's text."""
    return [_dialogue(json.loads(row)) for row in text.splitlines()]


def sample() -> list[Dialogue]:
    """Return the shipped dialogues."""
    return read(files("everkin.evaluation").joinpath("facts.jsonl").read_text("utf-8"))


def _dialogue(row: dict[str, Any]) -> Dialogue:
    tagged = list(_lines(row))
    return Dialogue(
        id=str(row["id"]),
        lines=tuple(line for _, line in tagged),
        labels=tuple(Label(label[0], label[1:].strip()) for label in row["facts"]),
        asks=tuple((ask["slot"], ask["now"], ask["before"]) for ask in row.get("ask", ())),
        unreal=frozenset(line.message_id for tag, line in tagged if tag in "psh"),
    )


def _lines(row: dict[str, Any]) -> Iterator[tuple[str, Line]]:
    at, seq = _day(str(row["at"])), 0
    for said in row["lines"]:
        tag, text = said[0], said[2:]
        if tag == "@":
            at = _day(text)
            continue
        seq, at = seq + 1, at + 60_000
        yield tag, Line(MessageId(f"msg_{row['id']}_{seq:03}"), seq, Millis(at), text, tag != "c")


def _day(day: str) -> int:
    return int(datetime.fromisoformat(day.strip()).replace(hour=12, tzinfo=UTC).timestamp() * 1000)


def judged(dialogue: Dialogue, facts: Sequence[Fact]) -> tuple[Counter[str], list[str]]:
    """Return counts, to be summed over dialogues, and descriptions of the errors."""
    real = [fact for fact in facts if fact.realm is Realm.REAL]
    counts: Counter[str] = Counter()
    remarks: list[str] = []
    for fact in real:
        _judge_fact(dialogue, fact, counts, remarks)
    for label in dialogue.labels:
        if label.sign in "=-~":
            hits = [fact for fact in real if label.fits(fact)]
            counts.update(wanted=1, found=bool(hits))
            if not hits:
                remarks.append(f"missed: {label.sign} {label.pattern}")
            if hits and label.sign in "=~":
                retired = all(fact.valid_to is not None for fact in hits)
                counts.update(living=1, retired=retired)
                if retired:
                    remarks.append(f"retired: {label.pattern}")
    for ask in dialogue.asks:
        _judge_ask(ask, facts, counts, remarks)
    return counts, remarks


def _judge_fact(dialogue: Dialogue, fact: Fact, counts: Counter[str], remarks: list[str]) -> None:
    forbidden = any(label.sign == "!" and label.fits(fact) for label in dialogue.labels)
    right = not forbidden and (
        any(label.sign != "!" and label.fits(fact) for label in dialogue.labels) or _was_so(dialogue, fact)
    )
    unreal = not right and (forbidden or any(message in dialogue.unreal for message in fact.message_ids))
    counts.update(told=1, right=right, contaminated=unreal)
    if not right:
        remarks.append(
            f"wrong{' (other world)' if unreal else ''}: {fact.text} [{fact.slot}={fact.value}]{' closed' if fact.valid_to else ''}"
        )


def _was_so(dialogue: Dialogue, fact: Fact) -> bool:
    """Whether the fact is closed and is the previous value that a question asks for."""
    return fact.valid_to is not None and any(
        then and slot == fact.slot and _says(fact, then) for slot, _, then in dialogue.asks
    )


def _judge_ask(ask: tuple[str, str, str], facts: Sequence[Fact], counts: Counter[str], remarks: list[str]) -> None:
    slot, now, then = ask
    held, past = current(facts, slot), before(facts, slot)
    if now:
        right = held is not None and _says(held, now)
        counts.update(
            currents=1, current=right, current_answered=held is not None, current_wrong=held is not None and not right
        )
        if not right:
            remarks.append(f"now {slot}={now}, but {held.text if held else 'nothing'}")
    if then:
        right = past is not None and _says(past, then)
        counts.update(befores=1, before=right)
        if not right:
            remarks.append(f"before {slot}={then}, but {past.text if past else 'nothing'}")


def _says(fact: Fact, words: str) -> bool:
    return all(word in f"{fact.text} {fact.value}".casefold() for word in words.casefold().split())
