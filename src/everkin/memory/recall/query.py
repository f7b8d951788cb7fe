"""The recall query: the current message and the lines before it, analysed for search (pure).

`Query.said` is the message reworded in the direction of its likely answer: a question about a participant becomes the
start of a statement by that participant ("When did Anna paint the barn?" -> "I paint the barn"), because vectors are
compared with the statements of the participants, which do not contain their own names. Patterns are English; texts in
other languages are searched unchanged.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice

from everkin.domain.ids import Millis
from everkin.memory.recall.terms import stem, terms

WINDOW_LINES = 4
"""Lines before the message that are read for words; FADING applies to each further line back."""

FADING = 0.6
"""Factor by which the weight of words falls with each line further back."""
MOST_TERMS = 40
"""Words of a long message that are searched for."""
MOST_DATES = 60
"""Limit of the dates formed from the message's days, months and years."""


@dataclass(frozen=True, slots=True)
class RecallRequest:
    """A message for which memories are recalled, with its context."""

    text: str
    """The message text."""
    now: Millis
    """Unix milliseconds."""
    present: frozenset[str]
    """Ids of all participants, users and characters, who will receive the reply."""
    user_name: str = ""
    """Name of the user who wrote the message."""
    character: str = ""
    """Name of the character who answers."""
    others: tuple[str, ...] = ()
    """Names of further participants."""
    window: Sequence[str] = ()
    """The lines before the message, oldest first, without the message itself."""
    window_ids: Sequence[str] = ()
    """Message ids of the same lines where they are stored."""
    shown: frozenset[str] = frozenset()
    """Ids of messages that the prompt contains anyway; they are not recalled."""
    limit: int = 10
    """Most memories to return."""


@dataclass(frozen=True, slots=True)
class Span:
    """A period that the message refers to."""

    start: int
    """Unix milliseconds, included."""
    end: int
    """Unix milliseconds, excluded."""
    exact: bool
    """At most three days, rather than weeks, a month or a year."""


@dataclass(frozen=True, slots=True)
class Query:
    """The analysed message."""

    words: tuple[str, ...]
    """Stems to search for, without participants' names unless no other words remain."""
    all_words: tuple[str, ...]
    """The same with participants' names."""
    around: tuple[tuple[str, float], ...]
    """Words of the lines before the message with their weights."""
    said: str
    """Text whose vector is compared with memories."""
    context: str
    """The message with the lines before it, to compare as well where the message refers to them; else empty."""
    speakers: frozenset[str]
    """Case-folded name of the participant the message is about; empty when that is not exactly one."""
    months: frozenset[int] = frozenset()
    """1..12."""
    years: frozenset[int] = frozenset()
    """Years in four digits."""
    spans: tuple[Span, ...] = ()
    """Dates and periods such as "last week"."""
    when: bool = False
    """Asks for a time."""
    counts: bool = False
    """Asks for a number."""
    names: bool = False
    """Asks for a name or a place."""
    past: bool = False
    """Asks about a former state."""
    asks: bool = False
    """Is a question."""
    idle: bool = False
    """A greeting, thanks or small talk: recall returns no memories."""
    texts: tuple[str, ...] = field(default=())
    """Texts to embed: `said`, then `context` if there is one."""


def read(asked: RecallRequest) -> Query:
    """Analyse the message of a recall request."""
    text = _LEAD.sub("", asked.text.strip()) or asked.text.strip()
    talkers = [name for name in (asked.user_name, asked.character, *asked.others) if name]
    named = {term for name in talkers for term in terms(name)}
    all_words = _unique(terms(text))
    words = tuple(word for word in all_words if word not in named) or all_words
    said = _statement(text, talkers)
    context = _context(asked, text, words)
    months, years = _months(text), frozenset(int(year) for year in _YEAR.findall(text))
    return Query(
        words=words,
        all_words=all_words,
        around=_around(asked.window, named, set(words)),
        said=said,
        context=context,
        speakers=_about(text, asked),
        months=months,
        years=years,
        spans=_spans(text, months, years, asked.now),
        when=bool(_WHEN.match(text)),
        counts=bool(_COUNTS.search(text)),
        names=bool(_NAMES.match(text)),
        past=bool(_PAST.search(text)),
        asks="?" in text or bool(_QUESTION.match(text)),
        idle=not context and set(words) <= _IDLE,
        texts=(said, context) if context else (said,),
    )


def _unique(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))[:MOST_TERMS]


def _statement(text: str, talkers: Sequence[str]) -> str:
    said = text
    for name in talkers:
        of_them, them = _naming(name)
        said = them.sub("I", of_them.sub("my", said))
    if (_YOU.search(said) or _YOURS.search(said)) and not _ME.search(said):
        said = _YOURS.sub("my", _YOU.sub("I", said))
    said = _AUXILIARY.sub("", _ASKING.sub("", said)).rstrip(" ?!.")
    if said != text.rstrip(" ?!."):
        said = _THEY.sub("I", _THEIR.sub("my", said))
    return " ".join(said.split()) or text


@lru_cache(maxsize=1024)
def _naming(name: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return patterns for "Ana's" and for "Ana"."""
    return re.compile(rf"\b{re.escape(name)}['’]s\b", re.I), re.compile(rf"\b{re.escape(name)}\b", re.I)


def _context(asked: RecallRequest, text: str, words: Sequence[str]) -> str:
    """Return the last lines with the message if it is short or has a pronoun for something before it, else ""."""
    if not asked.window or (len(words) > 3 and not _LEANS.search(text)):
        return ""
    return " ".join([*asked.window[-2:], text])[-600:]


def _around(window: Sequence[str], named: set[str], known: set[str]) -> tuple[tuple[str, float], ...]:
    weights: dict[str, float] = {}
    weight = 1.0
    for line in reversed(window[-WINDOW_LINES:]):
        for term in terms(line):
            if term not in named and term not in known:
                weights.setdefault(term, weight)
        weight *= FADING
    return tuple(list(weights.items())[:MOST_TERMS])


def _about(text: str, asked: RecallRequest) -> frozenset[str]:
    named = {
        name for name in (asked.user_name, asked.character, *asked.others) if name and _naming(name)[1].search(text)
    }
    if not named and _ME.search(text) and asked.user_name:
        named.add(asked.user_name)
    elif not named and (_YOU.search(text) or _YOURS.search(text)) and asked.character:
        named.add(asked.character)
    return frozenset(name.casefold() for name in named) if len(named) == 1 else frozenset()


def _months(text: str) -> frozenset[int]:
    return frozenset(_MONTHS.index(month.lower()[:3]) + 1 for month in _MONTH.findall(text))


def _spans(text: str, months: frozenset[int], years: frozenset[int], now: Millis) -> tuple[Span, ...]:
    today = datetime.fromtimestamp(now / 1000, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    spans = [_days(today - timedelta(days=back), long) for words, back, long in _AGO if words.search(text)]
    if months:
        days = dict.fromkeys(int(day) for day in _DAY.findall(text) if 1 <= int(day) <= 31)
        dates = (
            _days(datetime(year, month, day, tzinfo=UTC), 1)
            for year in years or range(today.year - 4, today.year + 1)
            for month in months
            for day in days
            if day <= 28 or (month != 2 and (day <= 30 or month in _LONG))
        )
        spans += islice(dates, MOST_DATES)
    return tuple(spans)


def _days(first: datetime, number: int) -> Span:
    return Span(int(first.timestamp() * 1000), int((first + timedelta(days=number)).timestamp() * 1000), number <= 3)


_SMALL_TALK = (
    "good bye goodbye morning evening night afternoon day today tonight thanks thank please sorry love fine great nice well "
    "sleep feel going cool lol haha hahaha hehe yep nope sure welcome see later soon tomorrow take care sweet dreams right "
    "true exactly interesting hugs kiss x xx alright things weekend week new happy"
)
_IDLE = frozenset(stem(word) for word in _SMALL_TALK.split())
_LONG = frozenset((1, 3, 5, 7, 8, 10, 12))
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = re.compile(
    r"\b(january|february|march(?= \d|,|\?|$)|april|may(?= \d|,|\?|$)|june|july|august|september|october|november|december)\b",
    re.I,
)
_YEAR = re.compile(r"\b((?:19|20)\d\d)\b")
_DAY = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th)?\b(?!:)")
_AGO = tuple(
    (re.compile(words, re.I), back, long)
    for words, back, long in (
        (r"\btoday\b|\bthis morning\b", 0, 1),
        (r"\byesterday\b|\blast night\b", 1, 1),
        (r"\bday before yesterday\b", 2, 1),
        (r"\blast week\b", 10, 7),
        (r"\blast weekend\b", 9, 8),
        (r"\blast month\b", 60, 45),
        (r"\blast year\b", 700, 400),
    )
)
"""Pattern, days back at which the period begins, and its length in days."""

_LEAD = re.compile(
    r"^(?:(?:so|and|but|hey|hi|hello|oh|well|um+|ok(?:ay)?|please|by the way|btw|anyway)[,!. ]+)*"
    r"(?:(?:do|did|can|could|would) you (?:still |ever |even )?(?:remember|recall|know|tell me|remind me)(?: (?:again|that|if))?[, ]+"
    r"|(?:did|have) i (?:ever |already )?(?:tell|told|mention(?:ed)?)(?: (?:to )?you)?(?: about| that)? "
    r"|(?:please )?(?:remind|tell) me(?: again)?(?: about)?[, ]+|remember (?=when|what|how|the|my|your|that)"
    r"|what did i (?:tell|say to) you about )?",
    re.I,
)
_ASKING = re.compile(
    r"^(?:what|when|where|who|whom|whose|which|why|how)"
    r"(?: (?:kinds?|types?|sorts?|many|much|long|often|old|far)(?: of)?)?\b ?",
    re.I,
)
_AUXILIARY = re.compile(
    r"^(?:is|are|am|was|were|did|does|do|has|have|had|would|could|can|will|might|should)(?:n['’]?t)?\b ?", re.I
)
_QUESTION = re.compile(
    r"^(?:what|when|where|who|whom|whose|which|why|how|is|are|was|were|did|does|do|has|have|had|would|could|can|will)\b",
    re.I,
)
_THEY = re.compile(r"\b(?:she|he|they)\b", re.I)
_THEIR = re.compile(r"\b(?:her|his|their)\b", re.I)
_YOU = re.compile(r"\byou\b", re.I)
_YOURS = re.compile(r"\byours?\b", re.I)
_ME = re.compile(r"\b(?:i|me|my|mine|i['’](?:m|ve|d|ll))\b", re.I)
_LEANS = re.compile(
    r"\b(?:it|that|this|those|these|them|they|he|she|him|her|his|hers|their|there|one|another|else|too|again|then)\b",
    re.I,
)
_WHEN = re.compile(
    r"(?:when|since when|what (?:date|day|month|year|time)|which (?:date|day|month|year)|in (?:which|what) (?:month|year)|how long"
    r"|how many (?:days|weeks|months|years))\b",
    re.I,
)
_COUNTS = re.compile(r"\bhow (?:many|much|old|long|often|far|big|tall)\b", re.I)
_NAMES = re.compile(
    r"(?:where|who|whose|which|what(?: is|['’]s| was| are| were)? (?:the |\w+['’]s |my |your )?"
    r"(?:name|city|town|country|state|place|books?|movies?|films?|songs?|bands?|games?|company|school|called)\b)",
    re.I,
)
_PAST = re.compile(
    r"\b(?:before|used to|previous(?:ly)?|former(?:ly)?|earlier|originally|in the past|back then|at first|ex|old (?:job|flat|house|home"
    r"|address|boss|place|name|number|car|school)|last (?:job|flat|house|home|address|boss|place|car)|until|any ?more|no longer|changed?)\b",
    re.I,
)
