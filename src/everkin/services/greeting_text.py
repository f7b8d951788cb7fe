"""Greeting texts built by rules. Pure.

For a user who is new to a character the greeting is its first message, unchanged. A known user is greeted by name with
the time since the last conversation, followed by one of the alternate greetings. Without alternate greetings, only the
stage direction at the beginning of the first message is kept and precedes it, since the rest addresses a new user. A
character that does not write English uses its own texts only. docs/concepts.md shows examples.
"""

import re
from dataclasses import dataclass

from everkin.analysis.language import language
from everkin.context.persona import fill_macros
from everkin.domain.character import Persona

HOUR = 3_600_000
"""Milliseconds."""
DAY = 24 * HOUR
"""Milliseconds."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """The facts about a user and a character that a greeting depends on."""

    person: str
    """The name by which the character addresses the user."""
    away_ms: int | None = None
    """Milliseconds since the two last talked; None: they never did."""
    count: int = 0
    """Number of their conversations so far; selects the greeting, so that greetings alternate."""


def greet(persona: Persona, meeting: Meeting) -> str:
    """Return the first message of a new conversation; empty for a character without greetings."""
    first = fill_macros(persona.first_message, persona, meeting.person).strip()
    others = [text for each in persona.alternate_greetings if (text := each.strip())]
    if meeting.away_ms is None or not (first or others):
        return first
    if not _speaks_english(persona):
        return fill_macros(others[meeting.count % len(others)], persona, meeting.person) if others else first
    welcome = _welcome(persona, meeting, _AGAIN)
    if not others:
        stage = _STAGE.match(first)
        return f"{stage.group()} {welcome}" if stage else welcome
    chosen = fill_macros(others[meeting.count % len(others)], persona, meeting.person)
    rest = _without_introduction(chosen, persona.name)
    return f"{welcome}\n\n{rest}" if rest else welcome


def welcome_back(persona: Persona, meeting: Meeting) -> str:
    """Return a greeting for a conversation that is reopened after a long time; empty when the rules have none."""
    if meeting.away_ms is None or not _speaks_english(persona):
        return ""
    return _welcome(persona, meeting, _BACK)


def how_long(milliseconds: int) -> str:
    """Return a duration in words, such as `a few hours`, `three days` or `a year`."""
    for unit, size in (("year", 365 * DAY), ("month", 30 * DAY), ("week", 7 * DAY), ("day", DAY)):
        number = milliseconds // size
        if number:
            return f"a {unit}" if number == 1 else f"{_NUMBERS.get(number, str(number))} {unit}s"
    hours = milliseconds // HOUR
    return "a few hours" if hours > 1 else "an hour" if hours else "a moment"


_NUMBERS = {
    2: "two",
    3: "three",
    4: "four",
    5: "five",
    6: "six",
    7: "seven",
    8: "eight",
    9: "nine",
    10: "ten",
    11: "eleven",
}

_AGAIN = (
    ("{name}. Back already, I see.", "There you are again, {name}.", "{name}! I had hoped it would be you."),
    ("{name}! It has been {time}.", "Good to see you again, {name}. It has been {time}.", "{Time}, {name}. I noticed."),
)
_BACK = (
    ("{name}. There you are. Where were we?",),
    (
        "{name}! It has been {time}. Tell me what I missed.",
        "There you are, {name}. {Time}, if I count right. How have you been?",
        "{Time}, {name}. I wondered how you were. Where shall we go on?",
    ),
)
"""Greetings after less than half a day, and after longer."""

_STAGE = re.compile(r"\*[^*\n]+\*")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_HELLO = re.compile(r"(?:hi|hello|hey)\W*", re.IGNORECASE)


def _welcome(persona: Persona, meeting: Meeting, lines: tuple[tuple[str, ...], tuple[str, ...]]) -> str:
    away = meeting.away_ms or 0
    several = lines[away >= DAY // 2]
    time = how_long(away)
    line = several[meeting.count % len(several)]
    if persona.first_message and persona.first_message == persona.first_message.lower():
        line, time = line.lower(), time.lower()
    return line.format(name=meeting.person, time=time, Time=time[:1].upper() + time[1:])


def _without_introduction(text: str, name: str) -> str:
    """Return the text without sentences in which the character introduces itself by name."""
    own = re.escape(name)
    introduces = re.compile(rf"\b(?:i'm|i am|my name is|this is|call me)\s+{own}\b|\b{own} here\b", re.IGNORECASE)
    kept = [sentence for sentence in _SENTENCE.split(text.strip()) if not introduces.search(sentence)]
    if kept and introduces.search(text) and _HELLO.fullmatch(kept[0]):
        kept = kept[1:]
    return " ".join(kept)


def _speaks_english(persona: Persona) -> bool:
    return language(persona.first_message or persona.description) in ("en", "")
