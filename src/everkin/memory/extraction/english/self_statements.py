"""Rules for what a person says of themselves: who they are, what they do, have and like. Pure.

Each pattern meets a clause without its subject ("I", "we") and without adverbs: "live in Leeds", "am a nurse".
"""

import re
from collections.abc import Iterable

from everkin.memory.extraction.english.clauses import tidy, without_start
from everkin.memory.extraction.english.rule import Draft, Make, Rule, Talk, good, rule
from everkin.memory.extraction.english.slots import PETS
from everkin.memory.extraction.english.vocabulary import BELIEFS, ILLNESSES, LANGUAGES, NATIONS, is_name, is_trade
from everkin.memory.extraction.english.word_lists import listed

_MONTH = "january|february|march|april|may|june|july|august|september|october|november|december"
_COMMA = re.compile(r" ?, ?")
_TWO_DIGITS = re.compile(r"\d{2}")
_ARTICLE = re.compile(r"(?:an?|the|one of)\b", re.I)
_SECOND_TRADE = re.compile(r" and (?=part|an? )")
_STUDENT = re.compile(r"(?:an? )?([\w ]+?) student(?: at (.+))?")
_A_THE = re.compile(r"(?:an?|the) ")
_AT_AGE = re.compile(r"\bat (\d{2})$")
_BESIDE_PLACE = re.compile(
    r" (?:with|for|since|to|and|in \d{4}|on|near|as|at the moment|from|over|about|a couple|\d+)\b(?! [A-Z])"
)
_AFTER_PLACE = re.compile(
    rf" (?:in (?:{_MONTH})|all|in the|by the|my|after|before|during|last|this|next|every|is|was|a|three|two)\b.*$"
)
_LOWER_WORD = re.compile(r"[a-zà-ÿ]{4,}")
_BESIDE_SUBJECT = re.compile(r" (?:in|on|with|from)\b")
_NO_SUBJECTS = listed("mature phd university college exchange good bad foreign master's")
_NO_SUBJECT = re.compile(r"(?:for|hard|at|all|in|a lot|together|english to)\b")
_NO_THING = re.compile(
    r"(?:that|it|how|when|this|what|you|your|him|her|them|being|to (?:be|know|see|hear)|having to|the (?:way|idea|sound))\b",
    re.I,
)
_BETWEEN_THINGS = re.compile(r" ?, ?(?:and )?| and ")
_SEVERAL = re.compile(r",| and ")
_LANGUAGE = re.compile(rf"\b({LANGUAGES})\b")
_ILLNESS = re.compile(rf"\b({ILLNESSES})\b", re.I)
_IS_ILLNESS = re.compile(r"(?:ic|blind|deaf|ant|coeliac|celiac)$", re.I)
_NAME = r"([A-ZÀ-Þ][\w'-]+(?: (?:Mc|O')?[A-ZÀ-Þ][\w'-]+)?)"


def _named(found: re.Match[str], talk: Talk) -> Iterable[Draft]:
    if is_name(found[1].split()[0]):
        yield Draft(f"is called {found[1].title() if found[1].islower() else found[1]}", 0.95, 0.9)


def _introduced(found: re.Match[str], talk: Talk) -> Iterable[Draft]:
    """ "am Tomasz, 34, electrician"."""
    name, *more = _COMMA.split(found[0].removeprefix("am ").strip())
    if not is_name(name.split()[0]) or is_trade(name):
        return
    yield Draft(f"is called {name}", 0.85 if not more else 0.9, 0.9)
    for part in more:
        yield from _short(part)


def _short(part: str) -> Iterable[Draft]:
    if _TWO_DIGITS.fullmatch(part):
        yield Draft(f"is {part}", 0.85, 0.6)
    elif is_trade(part):
        yield Draft(f"works as {_a(tidy(part))}", 0.85, 0.7)


def _a(phrase: str) -> str:
    if _ARTICLE.match(phrase):
        return phrase
    return f"{'an' if phrase[:1].lower() in 'aeiou' else 'a'} {phrase}"


def _trade(found: re.Match[str], talk: Talk) -> Iterable[Draft]:
    said, _, origin = _SECOND_TRADE.split(found[1])[0].partition(" from ")
    if student := _STUDENT.fullmatch(tidy(said)):
        if student[1] not in _NO_SUBJECTS:
            yield Draft(f"studies {student[1]}{' at ' + student[2] if student[2] else ''}", 0.86, 0.65)
        return
    trade = tidy(said)
    if is_trade(trade) and without_start(_A_THE, trade) != "student":
        yield Draft(f"works as {_a(trade)}", 0.88, 0.7)
        if good(tidy(origin)) and tidy(origin)[:1].isupper():
            yield Draft(f"is from {tidy(origin)}", 0.8, 0.6)


def _aged(found: re.Match[str], talk: Talk) -> Iterable[Draft]:
    if 10 <= int(found[1]) <= 110:
        yield Draft(f"is {int(found[1])}", 0.9, 0.6)


def _at_age(said: str) -> Iterable[Draft]:
    if age := _AT_AGE.search(said):
        yield Draft(f"is {age[1]}", 0.8, 0.5)


def _place(text: str, confidence: float = 0.88, importance: float = 0.75) -> Make:
    def make(found: re.Match[str], talk: Talk) -> Iterable[Draft]:
        place = _where(found[1])
        if place:
            yield Draft(text.format(place), confidence, importance)

    return make


def _where(said: str) -> str:
    """A place by name; empty when it is not one ("a flat", "the past")."""
    place = tidy(_AFTER_PLACE.sub("", _BESIDE_PLACE.split(said)[0]))
    return (
        place
        if place and (place[:1].isupper() or place.split()[-1][:1].isupper()) and is_name(place)
        else place
        if _lower_place(place, said)
        else ""
    )


def _lower_place(place: str, said: str) -> bool:
    """Who writes no capitals means a place by one bare word."""
    return bool(_LOWER_WORD.fullmatch(place)) and said.islower() and place not in _NO_PLACES


_NO_PLACES = listed(
    "fear hope peace town there here sin denial pain chaos the work school bed home college university trouble "
    "charge love london's hospital prison jail court silence poverty"
)


def _studied(found: re.Match[str], talk: Talk) -> Iterable[Draft]:
    subject = tidy(_BESIDE_SUBJECT.split(found[1])[0])
    if good(subject) and not _NO_SUBJECT.match(subject):
        yield Draft(f"studies {subject}", 0.85, 0.65)


def _tasted(verb: str, confidence: float = 0.82) -> Make:
    def make(found: re.Match[str], talk: Talk) -> Iterable[Draft]:
        for thing in _each(found[1]):
            yield Draft(f"{verb} {thing}", confidence, 0.45)

    return make


def _each(said: str) -> list[str]:
    """The things of an enumeration: "hiking, gardening and terrible puns"."""
    if _NO_THING.match(said):
        return []
    parts = _BETWEEN_THINGS.split(said) if _SEVERAL.search(said) else [said]
    things = [tidy(part) for part in parts]
    return [thing for thing in things if good(thing) and len(thing.split()) <= 5 and not _MOOD.search(thing)]


_MOOD = re.compile(
    r"\b(?:mondays?|you|your|this|that|today|myself|themselves|them|it|one|someone|she|he|when|sitting in traffic|job|life)\b",
    re.I,
)


def _spoke(found: re.Match[str], talk: Talk) -> Iterable[Draft]:
    for language in _LANGUAGE.findall(found[1]):
        yield Draft(f"speaks {language}", 0.9, 0.5)


def _believed(found: re.Match[str], talk: Talk) -> Iterable[Draft]:
    belief = found[1]
    yield Draft(
        f"is {belief if belief.lower() in {'muslim', 'jewish', 'agnostic', 'orthodox'} else _a(belief)}", 0.88, 0.6
    )


def _nation(found: re.Match[str], talk: Talk) -> Iterable[Draft]:
    if (named := NATIONS.match(tidy(found[1]))) and not BELIEFS.match(named[1]):
        yield Draft(f"is {named[1]}", 0.85, 0.55)


def _ill(found: re.Match[str], talk: Talk) -> Iterable[Draft]:
    for illness in _ILLNESS.findall(found[0]):
        is_so = _IS_ILLNESS.search(illness)
        yield Draft(f"{'is' if is_so else 'has'} {illness}", 0.85, 0.8)


_HAS_ILLNESS = (
    rf"(?:have|suffer from|was diagnosed with|have been diagnosed with|am|got|live with)\b.*?\b(?:{ILLNESSES})\b"
)

SELF: tuple[Rule, ...] = (
    rule(
        r"(?:have )?(?:got|found|landed|took|taken|accepted) (?:an?|my) (?:new )?job as (an? .+?)(?: (?:at|for|with) .+)?$",
        _trade,
    ),
    rule(
        r"(?:have )?(?:took|taken|accepted) (?:an?|my) (?:new )?(?:job|position|post) (?:at|with|for) (.+)$",
        "works at {1}",
        0.85,
        0.7,
    ),
    rule(r"(?:(?:have )?(?:got|been)|was|got) hired (?:by|at) (.+)$", "works at {1}", 0.85, 0.7),
    rule(r"am (a stay[- ]at[- ]home (?:dad|mum|mom|parent|father|mother))", "is {1}", 0.85, 0.65),
    rule(r"serve in (the (?:navy|army|air force|military|marines|coast guard))", "serves in {1}", 0.85, 0.65),
    rule(
        r"own (an? (?:café|cafe|shop|restaurant|bar|pub|farm|business|company|bakery|salon|studio|gym|hotel|bookshop)\b.*)$",
        "owns {1}",
        0.84,
        0.6,
    ),
    rule(
        r"am doing (?:a|my) (?:phd|doctorate|masters?|master's|degree|ba|bsc|msc|mba) in (.+)$",
        "studies {1}",
        0.86,
        0.65,
    ),
    rule(
        r"am in (?:my )?(?:first|second|third|fourth|final|last|1st|2nd|3rd|4th) year (?:of|doing|studying) (.+)$",
        "studies {1}",
        0.85,
        0.6,
    ),
    rule(r"am living with .+? in ([A-Z].+)$", _place("lives in {}", 0.86), flags=0),
    rule(r"am based out of (.+)$", _place("lives in {}", 0.85)),
    rule(rf"am {_NAME}(?:,.*)?$", _introduced, flags=0),
    rule(rf"(?:am called|am named|go by|call myself|prefer to be called) {_NAME}", _named, flags=0),
    rule(
        r"(?:am|turned|turn|have turned|am turning)(?: (?:just|only|now))? (\d{1,3})(?! ?(?:foot|feet|ft|cm|kg|lbs?|stone|minutes?|hours?|days?|weeks?|months?|miles?|%|km|inches|met\w+|percent|of)\b)(?: years? old)?(?:[ ,].*)?$",
        _aged,
    ),
    rule(r"am an? (\d{2})[- ]year[- ]old", _aged),
    rule(
        r"am in (?:my)? ?((?:early |mid |late |mid-|early-|late-)?(?:twenties|thirties|forties|fifties|sixties|seventies|\d0s))",
        "is in their {1}",
    ),
    rule(r"am \w+ing? .{0,40} at (\d{2})$", _aged),
    rule(r"was born on (.+)$", "was born on {1}", 0.9, 0.6),
    rule(r"was born in ((?:19|20)\d\d)", "was born in {1}", 0.9, 0.6),
    rule(r"was born (?:and raised )?in ((?:a \w+ in )?[A-Z].+)$", "was born in {1}", 0.9, 0.6, 0),
    rule(r"was born in a \w+ in ([A-Z]\w+)$", "was born in {1}", 0.85, 0.6, 0),
    rule(r"grew up in (.+)$", _place("grew up in {}", 0.9, 0.6)),
    rule(r"was (?:raised|brought up) in (.+)$", _place("grew up in {}", 0.9, 0.6)),
    rule(
        r"(?:live|am living|have been living|am based|reside)(?: alone| together| out| up| down| over)? (?:in|near|on|at) (.+)$",
        _place("lives in {}", 0.9),
    ),
    rule(
        r"live with (?:my|our|an?|the|two|three) .+? in (.+)$",
        lambda found, talk: [*_place("lives in {}", 0.88)(found, talk), *_at_age(found[1])],
    ),
    rule(r"living (?:in|near) (.+)$", _place("lives in {}", 0.9)),
    rule(r"have lived (?:in|near) (.+?)(?: for| all| since| my|$)", _place("lives in {}", 0.9)),
    rule(r"am in ([A-Z].+) now$", _place("lives in {}", 0.85), flags=0),
    rule(r"(?:have )?been in ([A-Z]\w+(?: [A-Z]\w+)?) (?:for|since)\b", _place("lives in {}", 0.85), flags=0),
    rule(r"in ([A-Z]\w+(?: [A-Z]\w+)?) since (?:19|20)\d\d", _place("lives in {}", 0.85), flags=0),
    rule(r"still in ([A-Z]\w+(?: [A-Z]\w+)?)$", _place("lives in {}", 0.8), flags=0),
    rule(r"(?:am |come )?(?:originally )?from (?!here\b|there\b|home\b|work\b)(.+)$", _place("is from {}", 0.88, 0.6)),
    rule(r"(?:am |work )?(?:working )?as (an? .+)$", _trade),
    rule(r"(?:am working|have been working) as (.+)$", "works as {1}", 0.88, 0.7),
    rule(r"work as (.+)$", "works as {1}", 0.9, 0.7),
    rule(r"work nights as (.+)$", "works as {1}", 0.88, 0.7),
    rule(
        r"(?:am|am just|became|have become) (?:an?|the|one of the) (?:humble |proud |professional |self[- ]employed |part[- ]time |full[- ]time )?(.+)$",
        _trade,
    ),
    rule(r"am self[- ]employed, an? (.+)$", _trade),
    rule(r"start (?:on |next |this )?\w* ?as (an? .+?)(?: at (.+))?$", _trade),
    rule(r"work (?:for|at|with) (?!home\b|night|hospital job)(.+)$", "works at {1}", 0.88, 0.65),
    rule(r"am working (?:for|at) (?!home\b|the moment)(.+)$", "works at {1}", 0.88, 0.65),
    rule(
        r"(?:(?:have )?(?:started|got|found|landed)|start) (?:an?|my) (?:new )?job (?:at|with|for) (.+?)(?: on .+)?$",
        "works at {1}",
        0.85,
        0.7,
    ),
    rule(r"(?:have )?joined (?!a |the gym|my )([A-Z].+)$", "works at {1}", 0.75, 0.65, 0),
    rule(r"work in (?!the (?:morning|evening)|shifts|silence|peace)(.+)$", "works in {1}", 0.85, 0.6, 0),
    rule(
        r"work [\w -]*?(?:shifts?|nights|days|part[- ]time|full[- ]time|hours) (?:at|for|in) (an? .+|the .+|[A-Z].+)$",
        "works at {1}",
        0.82,
        0.6,
    ),
    rule(
        r"am (gay|bi|bisexual|lesbian|trans|transgender|non[- ]?binary|straight|asexual|pansexual|queer|left[- ]handed|right[- ]handed)\b",
        "is {1}",
        0.85,
        0.6,
    ),
    rule(
        r"have ((?:long |short |curly )?(?:brown|black|blonde?|red|ginger|grey|gray|blue|green|hazel|dark|curly|white) (?:hair|eyes)\b.*)$",
        "has {1}",
        0.82,
        0.45,
    ),
    rule(r"(?:have )?always wanted to (.+)$", "wants to {1}", 0.8, 0.5),
    rule(r"am getting (?:a divorce|divorced)$", lambda found, talk: [Draft("is getting divorced", 0.85, 0.8)]),
    rule(
        r"(?:have )?(?:started|been in) (therapy|physio|rehab|chemo|counselling|counseling)\b", "started {1}", 0.82, 0.6
    ),
    rule(r"(?:have )?passed my (.+)$", "passed their {1}", 0.8, 0.5),
    rule(r"(?:have )?got(?:ten)? into ([A-Z]\w+(?: [A-Z]\w+)*)$", "got into {1}", 0.76, 0.55, 0),
    rule(r"sing (in .+|with .+)$", "sings {1}", 0.8, 0.45),
    rule(r"work from home$", "works from home", 0.85, 0.5),
    rule(r"run (?:an?|my own) (.+)$", "runs a {1}", 0.8, 0.6),
    rule(r"(?:starting|am starting|have started|started) (?:my|our) own (.+)$", "is starting their own {1}", 0.85, 0.7),
    rule(r"teach (.+)$", "teaches {1}", 0.85, 0.65),
    rule(r"am an? .*student\b.*$", lambda found, talk: [Draft("is a student", 0.8, 0.6)]),
    rule(
        r"(?:study|am studying|studying|am doing a degree in|major in|am majoring in) (.+?)(?: (?:at|@) (.+))?$",
        lambda found, talk: [
            *_studied(found, talk),
            *([Draft(f"studies at {tidy(found[2])}", 0.8, 0.5)] if found[2] else []),
        ],
    ),
    rule(r"am (?:training|studying|learning) (?:to be|as|to become) (.+)$", "is training as {1}", 0.85, 0.65),
    rule(r"training as (.+)$", "is training as {1}", 0.85, 0.65),
    rule(r"am (vegan|vegetarian|pescatarian|teetotal)\b", "is {1}", 0.9, 0.7),
    rule(r"have been (vegan|vegetarian|pescatarian|teetotal|sober)\b", "is {1}", 0.9, 0.7),
    rule(r"am an? (?:strict |lifelong )?(vegan|vegetarian|pescatarian)\b", "is {1}", 0.9, 0.7),
    rule(r"am allergic to (.+)$", "is allergic to {1}", 0.92, 0.9),
    rule(r"have an? (\w+) allergy", "is allergic to {1}", 0.92, 0.9),
    rule(_HAS_ILLNESS, _ill),
    rule(rf"am {BELIEFS.pattern}", _believed),
    rule(r"am (.+)$", _nation, flags=0),
    rule(rf"(?:can )?speak ((?:.*?\b)?(?:{LANGUAGES})\b.*)$", _spoke, flags=0),
    rule(rf"am (?:trying to learn|learning|studying) ({LANGUAGES})\b", "is learning {1}", 0.88, 0.55),
    rule(
        r"(?:am|have started|started)(?: trying)? (?:learning|to learn)(?: to play)? (?:the )?(.+?)(?: at \d+)?$",
        "is learning {1}",
        0.85,
        0.5,
    ),
    rule(r"(?:drive|am driving) (?:an? )(.+)$", "drives a {1}", 0.88, 0.5),
    rule(r"play (?:the )?(.+)$", "plays {1}", 0.82, 0.5),
    rule(r"have been playing (?:the )?(.+)$", "plays {1}", 0.82, 0.5),
    rule(r"support ([A-Z]\w+(?: [A-Z]\w+)?)$", "supports {1}", 0.82, 0.5, 0),
    rule(
        r"am an? (?:huge|big|massive|lifelong|die-?hard|proud)? ?([A-Z][\w' ]+?) (?:fan|supporter)",
        "is a fan of {1}",
        0.85,
        0.5,
        0,
    ),
    rule(r"am an? (?:huge|big|massive) fan of (.+)$", "is a fan of {1}", 0.85, 0.5),
    rule(r"am (?:really |very |so )?(?:into|mad about|obsessed with|keen on|fond of) (.+)$", _tasted("likes")),
    rule(r"(?:love|adore) (.+)$", _tasted("loves")),
    rule(r"(?:like|enjoy) (.+)$", _tasted("likes", 0.8)),
    rule(r"(?:hate|detest|loathe|despise) (?!to\b|my life)(.+)$", _tasted("hates")),
    rule(r"prefer (.+)$", "prefers {1}", 0.8),
    rule(r"am (?:scared|terrified|afraid|frightened) of (.+)$", "is afraid of {1}", 0.85, 0.55),
    rule(r"have a (?:phobia|fear) of (.+)$", "is afraid of {1}", 0.85, 0.55),
    rule(r"(smoke|vape)(?: (?:like a chimney|a lot|too much|\d+ a day))?$", "{1}s", 0.82, 0.5),
    rule(
        r"(?:do|make) (ceramics|pottery|stand-?up|yoga|pilates|karate|judo|boxing|crossfit|photography|woodwork|knitting|parkour|ballet)\b",
        "does {1}",
        0.85,
        0.5,
    ),
    rule(
        r"(draw|bake|paint|knit|sew|crochet|write|collect|volunteer|brew|garden|climb|surf|swim|cycle|box) ((?:at |on |in |a )?(?!every|when|to\b)[\w' -]+)$",
        "{1}s {2}",
        0.78,
        0.5,
    ),
    rule(r"go to the gym\b(.*)$", lambda found, talk: [Draft(f"goes to the gym{found[1].split(',')[0]}", 0.82, 0.45)]),
    rule(r"(?:get|wake) up at (\d.*|five.*|six.*)$", "gets up at {1}", 0.82, 0.4),
    rule(r"read (.+) every (?:night|day|evening)", "reads {1} every day", 0.75, 0.4),
    rule(r"(bike|cycle|walk) everywhere$", "{1}s everywhere", 0.8, 0.4),
    rule(r"take the (bus|train|tram|tube)$", "takes the {1}", 0.8, 0.4),
    rule(r"take sugar in (.+)$", "takes sugar in {1}", 0.8, 0.4),
    rule(
        r"am (single|divorced|widowed|married|engaged)(?: to ([A-Z]\w+))?(?:.*)?$",
        lambda found, talk: [Draft(f"is {found[1].lower()}{' to ' + found[2] if found[2] else ''}", 0.9, 0.8)],
    ),
    rule(
        r"am (?:seeing|dating|with) (?:a (?:guy|girl|man|woman) (?:called|named) )?([A-Z]\w+)\b",
        "is in a relationship with {1}",
        0.85,
        0.8,
        0,
    ),
    rule(r"(?:have )?(?:got|gotten|became) (?:engaged|married) (?:to )([A-Z]\w+)", "is engaged to {1}", 0.9, 0.85, 0),
    rule(
        r"(?:want|would like|hope|dream of|am hoping) to (?!know|ask|see|tell|kill|die|cry|scream|be alone|bite|go home|sleep|talk|hear|say|hug|kiss)(.+)$",
        "wants to {1}",
        0.76,
        0.5,
    ),
    rule(r"am saving(?: up)? (?:for|to buy) (.+)$", "is saving up for {1}", 0.85, 0.55),
    rule(
        rf"(?:have|have got|got|own|keep) (an? (?:[\w-]+ ){{0,2}}?(?:{'|'.join(sorted(PETS))})(?: and an? (?:[\w-]+ )?(?:{'|'.join(sorted(PETS))}))?)(?:,| and| who| that|$)(?! called| named)",
        "has {1}",
        0.84,
        0.6,
    ),
    rule(r"volunteer (?:at|for|with) (.+)$", "volunteers at {1}", 0.85, 0.5),
    rule(r"have been to (.+)$", "has been to {1}", 0.75, 0.4),
    rule(
        r"(?:have )?(?:just )?bought (?:an?) (house|flat|apartment|cottage|narrowboat|boat|car|motorbike|farm|van)\b(?: in ([A-Z]\w+))?",
        "bought a {1} in {2}",
        0.85,
        0.6,
    ),
)
