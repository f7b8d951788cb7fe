"""Rules for what is not so, is no longer so, or has changed. Pure; like rules_self, of clauses without their subject."""

import re
from collections.abc import Iterable

from everkin.memory.extraction.english.clauses import tidy, without_start
from everkin.memory.extraction.english.rule import Draft, Make, Other, Rule, Talk, good, rule
from everkin.memory.extraction.english.self_statements import _tasted, _trade, _where

_FROM = re.compile(r"from ([A-Z]\w+(?: [A-Z]\w+)?)")
_WHERE_WHEN = re.compile(r" in (?:[A-Z]\w+|\d{4})$")
_ANY_MORE = re.compile(r",? any more.*$")
_WORKING_AT = re.compile(r"(?:at|with|working (?:at|for)) ")
_WHOSE = re.compile(r"(?:my|our|the|his|her) ")
_HOME_IN = re.compile(r"(?:house|flat|apartment|place) in (.+)")


def _moved(found: re.Match[str], talk: Talk) -> Iterable[Draft]:
    if new := _where(found["to"]):
        yield Draft(f"lives in {new}", 0.9, 0.8)
    old = _FROM.search(found[0])
    if old:
        yield Draft(f"used to live in {old[1]}", 0.85, 0.6)


def _out_of(found: re.Match[str], talk: Talk) -> Iterable[Draft]:
    yield Draft(f"used to live with {tidy(found[1])}", 0.8, 0.4)
    if found[2] and (place := _where(found[2])):
        yield Draft(f"lives in {place}", 0.85, 0.75)


def _lived(found: re.Match[str], talk: Talk) -> Iterable[Draft]:
    if place := _where(found[1]):
        yield Draft(f"used to live in {place}", 0.9, 0.6)


def _was_trade(found: re.Match[str], talk: Talk) -> Iterable[Draft]:
    for draft in _trade(found, talk):
        if draft.text.startswith("works as "):
            yield Draft(f"used to work {draft.text.removeprefix('works ')}", 0.88, 0.55)


def _left(found: re.Match[str], talk: Talk) -> Iterable[Draft]:
    employer = tidy(found[1])
    if good(employer) and employer[:1].isupper():
        yield Draft(f"used to work at {employer}", 0.85, 0.7)


def _quit_job(found: re.Match[str], talk: Talk) -> Iterable[Draft]:
    """Without a name it closes whatever job there was."""
    at = tidy(found["at"] or "")
    if at:
        yield Draft(f"used to work at {at}", 0.9, 0.7)
    yield Draft(
        f"used to have a job{' at ' + at if at else ''}" if not at else f"quit their job at {at}",
        0.85,
        0.7,
        ended=True,
        slot="job",
        value="",
    )


def _quit(found: re.Match[str], talk: Talk) -> Iterable[Draft]:
    thing = _WHERE_WHEN.sub("", tidy(found[1]))
    base = _ING.get(thing.split()[0], "") if thing else ""
    if base:
        yield Draft(f"used to {base} {' '.join(thing.split()[1:])}".strip(), 0.9, 0.6)
    elif thing.startswith("being "):
        yield Draft(f"used to be {thing.removeprefix('being ')}", 0.88, 0.6)
    elif thing.split()[-1:] and thing.endswith("ing") and len(thing.split()) == 1:
        yield Draft(f"used to do {thing}", 0.8, 0.5)


_ING = {
    "smoking": "smoke", "vaping": "vape", "drinking": "drink alcohol", "playing": "play", "eating": "eat", "running": "run",
    "working": "work", "studying": "study", "bartending": "work as a bartender", "teaching": "teach",
}  # fmt: skip


def _no_longer(found: re.Match[str], talk: Talk) -> Iterable[Draft]:
    """ "do not like tea any more", "am not vegetarian any more", "no longer work at the library"."""
    verb, rest = found[1].lower(), tidy(_ANY_MORE.sub("", found[2] or ""))
    verb = {"am": "be", "are": "be", "can": ""}.get(verb, verb)
    if verb == "be" and _WORKING_AT.match(rest):
        verb, rest = "work", f"at {rest.split(' ', 1)[1].removeprefix('at ').removeprefix('for ')}"
    if verb == "be" and rest.startswith("in "):
        verb, rest = "live", rest
    if verb == "work" and rest in {"there", ""}:
        return
    if verb and verb not in {"know", "think", "want", "care", "feel", "believe", "see", "remember"}:
        yield Draft(f"used to {verb} {rest}".strip(), 0.88, 0.6)


def _switched(found: re.Match[str], talk: Talk) -> Iterable[Draft]:
    old, new = tidy(found["old"] or ""), tidy(found["new"])
    if found["what"]:
        if (good(new) and "course" in found["what"]) or "degree" in found["what"] or "major" in found["what"]:
            yield Draft(f"studies {new}", 0.88, 0.7)
    elif good(new) and old:
        yield Draft(f"likes {new}", 0.8, 0.45)
        yield Draft(f"used to like {old}", 0.8, 0.4)
    elif good(new):
        yield Draft(f"switched to {new}", 0.78, 0.5)


def _sold(found: re.Match[str], talk: Talk) -> Iterable[Draft]:
    """A car by its kind or its make."""
    thing = tidy(without_start(_WHOSE, found[1]))
    where = _HOME_IN.match(thing)
    if where:
        yield Draft(f"used to live in {where[1]}", 0.8, 0.5)
    elif good(thing):
        yield Draft(f"used to have {'an' if thing[:1].lower() in 'aeiou' else 'a'} {thing}", 0.82, 0.5)
        yield Draft(f"used to drive a {thing}", 0.8, 0.3, slot="car") if _CARS.search(thing) else Draft("", 0)
    if found.re.groups > 1 and found[2] and good(new := tidy(found[2])):
        yield Draft(f"{'drives' if _CARS.search(thing) or _CARS.search(new) else 'has'} a {new}", 0.85, 0.5)


_CARS = re.compile(
    r"\b(?:skoda|tesla|civic|honda|mini|ford|fiesta|focus|toyota|yaris|corolla|volvo|bmw|audi|golf|polo|vw|volkswagen|kia|hyundai|"
    r"nissan|micra|mazda|fiat|panda|renault|clio|peugeot|seat|dacia|mercedes|jeep|subaru|lexus|saab|astra|corsa|vauxhall|opel|"
    r"prius|beetle|camry|chevy|pickup|truck|van|car|land rover|jaguar|porsche|citroen|suzuki|chevrolet|buick|dodge|cadillac)\b",
    re.I,
)


def _broke_up(found: re.Match[str], talk: Talk) -> Iterable[Draft]:
    name = next((group for group in found.groups() if group and group[:1].isupper()), "")
    yield Draft(f"used to be in a relationship with {name}" if name else "broke up with their partner", 0.9, 0.85,
                ended=True, slot="partner", value=name.casefold())  # fmt: skip


def _lost(found: re.Match[str], talk: Talk) -> Iterable[Draft]:
    """Somebody, not something."""
    kin = found[1].lower()
    talk.other = Other(kin, "")
    yield Draft(f"their {kin} died", 0.88, 0.85)


def _now(text: str, slot: str, value: str, *, ended: bool = False, importance: float = 0.7) -> Make:
    """A turn of life with a slot its words do not show."""

    def make(found: re.Match[str], talk: Talk) -> Iterable[Draft]:
        yield Draft(text, 0.85, importance, ended=ended, slot=slot, value=value)

    return make


def _met(found: re.Match[str], talk: Talk) -> Iterable[Draft]:
    """The name may follow: "his name is Paolo"."""
    talk.other = Other("partner", found[1] or "")
    if found[1]:
        yield Draft(f"is in a relationship with {found[1]}", 0.85, 0.8)


def _owned_car(found: re.Match[str], talk: Talk) -> Iterable[Draft]:
    if _CARS.search(found[1]):
        yield Draft(f"drives a {tidy(found[1])}", 0.84, 0.5)


NOT: tuple[Rule, ...] = (
    rule(r"(?:have )?(?:just )?retired\b|am retired\b", _now("is retired", "job", "retired")),
    rule(r"(?:have )?dropped out(?: of .+)?$", _now("dropped out of their studies", "studies", "", ended=True)),
    rule(
        r"(?:have )?(?:met|am seeing|am dating|started (?:seeing|dating)) someone(?: new)?(?:,? ([A-Z][\w'-]+))?",
        _met,
        flags=0,
    ),
    rule(r"(?:have )?married ([A-Z][\w'-]+)", "is married to {1}", 0.88, 0.85, 0),
    rule(r"(?:have )?(?:got|am) divorced\b", lambda found, talk: [Draft("is divorced", 0.88, 0.8)]),
    rule(
        r"(?:have )?(?:bought|got|own)(?: myself)? (?:a new car, )?an? (?:new |used |second[- ]hand )?([\w ]+)$",
        _owned_car,
    ),
    rule(
        r"(?:have )?(?:just )?(?:got|found|rented) a (?:place|flat|room|house|apartment) in ([A-Z].+)$",
        "lives in {1}",
        0.82,
        0.7,
        0,
    ),
    rule(r"do not live in .+ any more, I am in (?P<to>[A-Z]\w+)", _moved, flags=0),
    rule(
        r"(?:have )?(?:just |recently |finally )?(?:moved|relocated) (?:back |out |house |over |here )?(?:from [A-Z]\w+ )?(?:up |down |back )?to (?P<to>[A-Za-zÀ-ÿ].+)$",
        _moved,
    ),
    rule(r"moved from [A-Z]\w+(?P<to>)", _moved, flags=0),
    rule(r"(?:have )?moved in with (?:my )?.+? in (?P<to>[A-Z].+)$", _moved, flags=0),
    rule(
        r"do not want (?:any |to have )?(kids|children|pets|to (?:marry|get married))", "does not want {1}", 0.82, 0.55
    ),
    rule(r"(?:have )?moved out of (.+?)(?: and am in (.+))?$", _out_of),
    rule(r"(?:used to|formerly|previously) live (?:in|near) (.+)$", _lived),
    rule(r"was in ([A-Z]\w+)\b", _lived, flags=0),
    rule(r"lived in (.+)$", _lived),
    rule(
        r"used to be married to ([A-Z]\w+)",
        lambda found, talk: [
            Draft(f"used to be married to {found[1]}", 0.9, 0.7, ended=True, slot="partner", value=found[1].casefold())
        ],
        flags=0,
    ),
    rule(r"used to be an? (.+)$", _was_trade),
    rule(
        r"used to (?!be\b|think\b|say\b|want\b)(\w+) (.+)$",
        lambda found, talk: [Draft(f"used to {found[1]} {tidy(found[2])}", 0.85, 0.5)] if good(tidy(found[2])) else [],
    ),
    rule(
        r"(?:have )?lost my (mum|mom|mother|dad|father|gran|nan|grandma|grandmother|grandad|grandfather|husband|wife|son|daughter|brother|sister|dog|cat)\b",
        _lost,
    ),
    rule(
        r"(?:have )?(?:quit|left|lost|leave) my (?:old )?(?:job|work)(?: (?:at|with) (?P<at>.+?))?(?: and .*)?$",
        _quit_job,
    ),
    rule(r"(?:got|was|have been) (?:fired|sacked|laid off|made redundant)(?: (?:from|by|at) (?P<at>.+))?", _quit_job),
    rule(r"(?:have )?(?:left|quit) ([A-Z].+?)(?: and .*)?$", _left, flags=0),
    rule(r"(?:have )?(?:quit|given up|gave up|stopped|packed in) (.+)$", _quit),
    rule(r"(am|do not|can not|are) not (.+?),? any more", _no_longer),
    rule(r"do not (\w+)( .+?)?,? any more", _no_longer),
    rule(r"no longer (\w+)( .+)?$", _no_longer),
    rule(
        r"(?:have )?(?:switched|changed) (?:(?P<what>(?:my )?(?:course|degree|major)s?) )?(?:from (?P<old>.+?) )?to (?P<new>.+)$",
        _switched,
    ),
    rule(
        r"(?:have )?(?:sold|traded|got rid of|crashed|scrapped) ((?:my |our |the )?[\w ]+?)(?:(?: for| and bought|,? (?:and )?got) (an? .+))?$",
        _sold,
    ),
    rule(
        r"(?:have )?(?:broke|broken|split) up(?: with (?:my \w+,? ?)?([A-Z]\w+)?)?(?:,? me and ([A-Z]\w+))?",
        _broke_up,
        flags=0,
    ),
    rule(r"(?:have )?(?:divorced|left|dumped) ([A-Z]\w+)$", _broke_up, flags=0),
    rule(r"am not (?:really |much of )?(?:an?|the) (?:big |huge |great )?fan of (.+)$", _tasted("dislikes", 0.85)),
    rule(r"not (?:really )?a (?:big |huge )?fan of (.+)$", _tasted("dislikes", 0.85)),
    rule(
        r"am not (?:an? |really an? )?((?:morning|night|dog|cat|people|beach|city) person)", "is not a {1}", 0.85, 0.5
    ),
    rule(r"(?:do not|never) (?:really )?(?:like|enjoy|care for) (.+)$", _tasted("dislikes", 0.85)),
    rule(r"can not (?:stand|bear|abide) (.+)$", _tasted("can not stand", 0.88)),
    rule(r"can not (?:eat|have|drink|touch) (.+)$", "can not eat {1}", 0.85, 0.8),
    rule(
        r"(?:do not|never) (eat|drink|smoke|vape|drive|cook|own)\b ?(.*)$",
        lambda found, talk: [Draft(f"does not {found[1].lower()} {tidy(found[2])}".strip(), 0.88, 0.65)],
    ),
    rule(
        r"do not (?:even )?(have|own) (?:an?|any) (?!idea|clue|choice|time|energy|doubt|problem|reason|plan|chance|point)(.+)$",
        lambda found, talk: [Draft(f"does not have any {tidy(found[2])}", 0.82, 0.55)] if good(tidy(found[2])) else [],
    ),
    rule(r"(?:have )?never (learned|learnt) to (.+)$", "never {1} to {2}", 0.82, 0.5),
    rule(r"have never been to (.+)$", "has never been to {1}", 0.85, 0.45),
)
