"""Rules that need a sentence whole: names, corrections, favourites, birthdays, what is asked to be remembered. Pure."""

import re
from collections.abc import Iterable

from everkin.memory.extraction.english.clauses import in_third_person, tidy
from everkin.memory.extraction.english.dates import MONTH, WHEN, resolved
from everkin.memory.extraction.english.rule import Draft, Rule, Talk, good, rule
from everkin.memory.extraction.english.vocabulary import LANGUAGES, is_name, is_trade

_CAP = r"[A-ZÀ-Þ][\w'-]+"


_TWO_THINGS = re.compile(r" and my | but ")
_ABOUT_THEM = re.compile(r"(?:my|our) (?P<thing>.+?) (?:is|are) (?P<rest>.+)$", re.I)
_SAID_OTHERWISE = re.compile(r"(?:name|favou?rite|birthday)\b")
_ASIDE = re.compile(r" ?[,(].*$")


def _name(found: re.Match[str], talk: Talk) -> Iterable[Draft]:
    name = found["name"]
    if is_name(name.split()[0]):
        yield Draft(f"is called {name if not name.islower() else name.title()}", 0.95, 0.95)


def _favourite(found: re.Match[str], talk: Talk) -> Iterable[Draft]:
    thing = tidy(_TWO_THINGS.split(found["thing"])[0])
    if good(thing) and len(thing.split()) <= 6:
        yield Draft(f"favourite {found['what'].lower()} is {thing}", 0.9, 0.5)


def _birthday(found: re.Match[str], talk: Talk) -> Iterable[Draft]:
    yield Draft(f"birthday is {tidy(found['when'])}", 0.92, 0.75)


def _remembered(found: re.Match[str], talk: Talk) -> Iterable[Draft]:
    """Only a statement about the person: "remember that my anniversary is 9 September"."""
    what = found["what"].strip()
    if about := _ABOUT_THEM.match(what):
        if _SAID_OTHERWISE.match(about["thing"]):
            return
        yield Draft(f"their {in_third_person(about['thing'])} is {resolved(tidy(about['rest']), talk.at)}", 0.9, 0.8)


def _trade_at(found: re.Match[str], talk: Talk) -> Iterable[Draft]:
    """ "start on monday as a data analyst at Ocado"."""
    if is_trade(tidy(found["job"])):
        yield Draft(f"works as {tidy(found['job'])}", 0.85, 0.7)
        if found["at"]:
            yield Draft(f"works at {tidy(found['at'])}", 0.85, 0.65)


def _promoted(found: re.Match[str], talk: Talk) -> Iterable[Draft]:
    if is_trade(tidy(found["job"])):
        yield Draft(f"works as {tidy(found['job'])}", 0.88, 0.75)


def _broke(found: re.Match[str], talk: Talk) -> Iterable[Draft]:
    name = next((value for value in found.groupdict().values() if value and is_name(value)), "")
    yield Draft(
        f"used to be in a relationship with {name}" if name else f"used to have a {found.groupdict().get('kin') or 'partner'}",
        0.9, 0.85, ended=True, slot="partner", value=name.casefold(),
    )  # fmt: skip


def _dead(found: re.Match[str], talk: Talk) -> Iterable[Draft]:
    name = found["name"]
    if is_name(name):
        yield Draft(f"{name} died", 0.85, 0.75)
        yield Draft(f"used to have {name}", 0.85, 0.5, ended=True, slot=f"pet:{name.casefold()}", value="")


def _older(found: re.Match[str], talk: Talk) -> Iterable[Draft]:
    """ "Bruno turned 9 today", "Otis is 5 now": the kind is known from before."""
    name = found["name"]
    if is_name(name) and name not in {"She", "He", "They", "It"}:
        yield Draft(f"{name} is {found['age']}", 0.84, 0.5, slot=f"kin:{name.casefold()}:age", value=found["age"])


def _put_down(found: re.Match[str], talk: Talk) -> Iterable[Draft]:
    name = found["name"] or ""
    yield Draft(
        f"used to have a {found['kin']}{', ' + name if name else ''}",
        0.88,
        0.7,
        ended=True,
        slot=f"pet:{name.casefold()}" if name else "",
        value=found["kin"],
    )


def _kids(found: re.Match[str], talk: Talk) -> Iterable[Draft]:
    yield Draft(f"has {found['n'].lower()} {found['kin'].lower()}", 0.85, 0.7)


def _dated_thing(found: re.Match[str], talk: Talk) -> Iterable[Draft]:
    when = _ASIDE.sub("", found["when"])
    if WHEN.search(when) and len(when.split()) <= 8:
        yield Draft(f"their {found['what']} is {resolved(when, talk.at)}", 0.86, 0.65)


_WORKPLACE = r"(?P<job>an? [\w' -]+?)(?: (?:at|with|for) (?P<at>[A-Z][\w'& -]*))?$"
_MINE = r"(?:wife|husband|boyfriend|girlfriend|partner|fianc[eé]e?|ex)"

WHOLE: tuple[Rule, ...] = (
    rule(
        r"(?:my|our) (?P<what>(?:[\w-]+ ){0,2}(?:exam|test|interview|wedding|operation|surgery|appointment|graduation|flight|anniversary|deadline|audition|viva)) (?:is|will be) (?P<when>(?:on |in |at |next |this )?.*)$",
        _dated_thing,
    ),
    rule(
        rf"(?:[Pp]eople call me|I (?:have )?(?:legally )?changed my name to|I go by) (?P<name>{_CAP})(?: now)?$",
        _name,
        flags=0,
    ),
    rule(
        r"(?:my|our) new address is in (?P<place>[A-Z][\w-]+)",
        lambda found, talk: [Draft(f"lives in {found['place']}", 0.86, 0.75)],
        flags=re.I,
    ),
    rule(rf".*\b[Mm]y (?:full |real |first )?name is (?:actually )?(?P<name>{_CAP}(?: {_CAP})?)", _name, flags=0),
    rule(r".*\b[Mm]y name is (?P<name>[a-z]{3,14})$", _name, flags=0),
    rule(
        rf"(?:[Ii]t is|[Tt]hat is|[Ii]ts|[Cc]all me|[Tt]hey call me|[Ff]riends call me|[Nn]ame is|[Nn]ames|[Nn]ame) (?P<name>{_CAP})(?:,? not {_CAP}.*)$",
        _name,
        flags=0,
    ),
    rule(rf"(?:[Ii]t is|[Ii]ts) (?:spelled |spelt )(?P<name>{_CAP})", _name, flags=0),
    rule(rf"(?:[Ii]t is|[Ii]ts) (?P<name>{_CAP}),? with an? \w\b", _name, flags=0),
    rule(
        rf"(?:[Cc]all me|[Tt]hey call me|[Ff]riends call me|[Pp]eople call me|[Cc]hanged my name to|[Ee]veryone calls me|[Nn]ame is|[Nn]ame['’]s) (?P<name>{_CAP})$",
        _name,
        flags=0,
    ),
    rule(rf"(?:fine,? )?(?:it is|this is) (?P<name>{_CAP})$", _name, flags=0),
    rule(
        r"(?:my|our) (?:new )?(?:all[- ]time )?favou?rite (?P<what>[\w ]+?) (?:is|are|has always been) (?P<thing>.+)$",
        _favourite,
    ),
    rule(r"new favou?rite (?P<what>\w+)[:,]? (?P<thing>.+)$", _favourite),
    rule(
        rf".*\b(?:my )?birthday(?: is|,)?(?: on)? (?P<when>(?:the )?(?:\d{{1,2}}(?:st|nd|rd|th)?(?: of)? (?:{MONTH})|(?:{MONTH}) \d{{1,2}}(?:st|nd|rd|th)?))\b.*",
        _birthday,
    ),
    rule(
        rf".*\bturning \d+ on (?P<when>(?:the )?(?:\d{{1,2}}(?:st|nd|rd|th)?(?: of)? (?:{MONTH})|(?:{MONTH}) \d{{1,2}}(?:st|nd|rd|th)?))",
        _birthday,
    ),
    rule(
        r"(?:please )?(?:remember|don't forget|do not forget|note|bear in mind|keep in mind)(?: that)?,? (?P<what>.+)$",
        _remembered,
    ),
    rule(rf".*\b(?:start|starting|started)\b.* as {_WORKPLACE}", _trade_at),
    rule(
        r".*\b(?:got promoted|they made me|I (?:have been|was|got) made|promoted to)\b,? ?(?:I am )?(?P<job>(?:an? |the )?[\w ]+)$",
        _promoted,
    ),
    rule(rf".*\b(?:my )?(?P<kin>{_MINE}) and I (?:have )?(?:broke|broken|split) up", _broke),
    rule(rf"(?P<name>{_CAP}) and I (?:have )?(?:broke|broken|split)\b.*", _broke, flags=0),
    rule(rf"(?:[Ww]e|I) (?:have )?(?:broke|broken|split) up,? (?:me and|with) (?P<name>{_CAP})", _broke, flags=0),
    rule(rf"(?P<name>{_CAP}) (?:dumped me|left me|broke up with me)", _broke, flags=0),
    rule(rf"(?P<name>{_CAP}) (?:died|passed away|has died|is dead)\b.*", _dead, flags=0),
    rule(
        rf"(?P<name>{_CAP}) (?:turned|is|just turned|turns) (?P<age>\d{{1,2}})(?: now| today| already| years old)?$",
        _older,
        flags=0,
    ),
    rule(rf".*\bput (?:our|my) (?:old |poor |little )*(?P<kin>[a-z]+) (?P<name>{_CAP})? ?down\b.*", _put_down, flags=0),
    rule(r".*\b(?P<n>one|two|three|four|five|six|\d) (?P<kin>kids|children|daughters|sons)\b.*$", _kids),
    rule(
        rf"(?:me and|I am with) (?P<name>{_CAP}) now\b",
        lambda found, talk: [Draft(f"is in a relationship with {found['name']}", 0.85, 0.8)],
        flags=0,
    ),
    rule(
        r".*\bno (?P<what>\w+) for me\b",
        lambda found, talk: (
            [Draft(f"does not eat {found['what']}", 0.8, 0.5)]
            if found["what"] not in {"way", "sleep", "rest", "thanks", "more", "such", "good", "time", "need"}
            else []
        ),
    ),
    rule(rf"I am (?:German|English|a)? ?(?:native )?({LANGUAGES}) speaker", "speaks {1}", 0.85, flags=0),
)


def whole(sentence: str, talk: Talk) -> list[Draft]:
    """Of every rule that fits."""
    drafts: list[Draft] = []
    for pattern, make in WHOLE:
        if found := pattern.match(sentence):
            drafts.extend(make(found, talk))
    return drafts


_HELLO = re.compile(
    r"^\W*(?:hi|hey|heya|hello|hiya)(?: there)?\W+(?:i['’]?m|my name['’]?s|i am) (?P<name>[a-z]{3,12})(?=\s*(?:$|[,.!\n]|and (?:i['’]?m|i am|i)\b))",
    re.I,
)
_MOODS = re.compile(
    r"\w+(?:ing|ed|less|ful)|sad|happy|back|new|here|home|sick|okay|fine|good|great|lonely|angry|late|early|done|ready|sorry|busy|free|"
    r"well|not|just|drunk|high|cold|hot|hungry|single|curious|nervous|anxious|down|off|out|awake|alone|old|young|lost|broke|scared|"
    r"hurt|upset|excited|glad|ill|all|still|sure|afraid|trying|vegan|mad|shy|weak|stuck|from|gay|about|human|real|alive|dying",
    re.I,
)


def introduced(text: str) -> list[Draft]:
    """ "hey, im jess": only after a greeting is a small word a name."""
    found = _HELLO.match(text)
    if not found or _MOODS.fullmatch(found["name"]) or not is_name(found["name"]) or is_trade(found["name"]):
        return []
    return [Draft(f"is called {found['name'].title()}", 0.85, 0.9)]
