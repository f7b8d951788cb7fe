"""Rules for what is going to happen or has happened on a day. Pure; clauses without their subject."""

import re
from collections.abc import Iterable

from everkin.memory.extraction.english.clauses import in_third_person
from everkin.memory.extraction.english.dates import MONTH, WHEN, resolved
from everkin.memory.extraction.english.rule import Draft, Make, Rule, Talk, rule

_EVENT = (
    r"(?:interview|appointment|exam|exams|test|driving test|wedding|gig|concert|operation|surgery|scan|date|meeting|presentation|"
    r"performance|recital|match|race|marathon|flight|trip|holiday|deadline|audition|hearing|party|lesson|graduation|viva|chemo)"
)


_NEXT_THOUGHT = re.compile(r" ?[,;(].*$| (?:because|which|who|but|so|and (?:I|we|my|he|she))\b.*$")
_VERY_SOON = re.compile(r"\bin (?:\w+ )?(?:minutes?|hours?|an hour|a bit|a sec)\b|\bnow\b")
_TO_PLACE = re.compile(r"(?:to (?:see |visit )?)?(.+)")
_CAPITAL = re.compile(r"\b[A-Z]")
_EVERYDAY = re.compile(r"to (?:bed|sleep|work|the (?:shop|loo|toilet))")


def _when_kept(phrase: str, talk: Talk) -> str:
    """Cut at the next thought, the day kept and dated."""
    phrase = _NEXT_THOUGHT.sub("", phrase).strip(" .!")
    return resolved(in_third_person(phrase), talk.at)


def _has_event(found: re.Match[str], talk: Talk) -> Iterable[Draft]:
    what = _when_kept(found[1], talk)
    if len(what) < 100 and not _VERY_SOON.search(what):
        yield Draft(f"has {what}", 0.86, 0.6)


def _dated(text: str, confidence: float = 0.82, *, needs_day: bool = False) -> Make:
    def make(found: re.Match[str], talk: Talk) -> Iterable[Draft]:
        what = _when_kept(found[1], talk)
        if what and (not needs_day or WHEN.search(what)) and len(what.split()) <= 16:
            yield Draft(text.format(what), confidence, 0.55)

    return make


def _travels(found: re.Match[str], talk: Talk) -> Iterable[Draft]:
    what = _when_kept(found[1], talk)
    place = _TO_PLACE.match(what)
    if place and (_CAPITAL.search(place[1]) or WHEN.search(what)) and not _EVERYDAY.match(what):
        yield Draft(f"is going {what}", 0.82, 0.55)


PLANS: tuple[Rule, ...] = (
    rule(
        rf"(?:have|have got|got) (an? (?:[\w'-]+ ){{0,3}}{_EVENT}\b.*|{_EVENT}\b.*|my (?:[\w'-]+ )?{_EVENT}\b.*)$",
        _has_event,
    ),
    rule(
        r"(?:(?:have )?got|am getting|are getting|get) married( (?:on|in|at|this|next)\b.*)$",
        lambda found, talk: [
            Draft(
                f"is getting married{_when_kept(found[1], talk)}"
                if found[0].startswith(("am", "are", "get"))
                else f"got married{_when_kept(found[1], talk)}",
                0.9,
                0.85,
            ),
            *([] if found[0].startswith(("am", "are", "get")) else [Draft("is married", 0.9, 0.8)]),
        ],
    ),
    rule(r"(?:have )?got married\b", lambda found, talk: [Draft("is married", 0.9, 0.8)]),
    rule(r"(?:am |are )?(?:going|off|flying|travelling|traveling|heading) (to .+)$", _travels),
    rule(r"(?:am|are) (?:planning|hoping) to (.+)$", _dated("plans to {}", 0.8)),
    rule(
        r"(?:am|are) going to (see .+|visit .+|run .+|move .+|start .+)$", _dated("is going to {}", 0.8, needs_day=True)
    ),
    rule(
        r"(?:am|are) expecting a baby\b(.*)$",
        lambda found, talk: [Draft(f"is expecting a baby{_when_kept(found[1], talk)}", 0.88, 0.85)],
    ),
    rule(r"ran (an? (?:half[- ])?marathon\b.*)$", _dated("ran {}", 0.8)),
    rule(r"went (to [A-Z].+)$", _dated("went {}", 0.8, needs_day=True), flags=0),
    rule(r"(?:am |are )?visiting (.+)$", _dated("is visiting {}", 0.76)),
    rule(
        r"(?:start|starts|am starting|begin) (?!my own\b)(?:my |a )?((?:new job|chemo|university|uni|college|school|work|course)\b.*)$",
        _dated("starts {}", 0.85),
    ),
    rule(r"(?:am|are) taking (.+)$", _dated("is taking {}", 0.8, needs_day=True)),
    rule(rf"(?:am|are|is) due (?:in|on) (.*(?:{MONTH}).*)$", _dated("is expecting a baby due in {}", 0.85)),
    rule(r"(?:move|are moving|am moving) in (?:on|in) (.+)$", _dated("moves in on {}", 0.8)),
    rule(
        r"(?:have )?(?:just )?(?:bought) (a (?:house|flat|cottage|narrowboat|boat|farm)\b.*)$",
        _dated("bought {}", 0.85),
    ),
)
