"""Rules for the people and animals of a person's life, and what is said of them: always attributed, never theirs. Pure."""

import re

from everkin.memory.extraction.english.clauses import tidy
from everkin.memory.extraction.english.rule import Draft, Other, Talk, good
from everkin.memory.extraction.english.slots import KIN, PARTNERS, PETS

_WHO = "|".join(sorted(map(re.escape, {*KIN, *PETS}), key=lambda word: (-len(word), word)))
_ADJECTIVE = r"(?:(?:best|older|younger|elder|big|little|twin|eldest|middle|new|old|rescue|baby|pet|late) )*"
_CAP = r"[A-ZÀ-Þ][\w'-]+"

_MENTION = re.compile(
    rf"\b(?:[Mm]y|[Oo]ur) (?P<adj>{_ADJECTIVE})(?P<kin>{_WHO})(?: is)?,? (?:called |named )?(?P<name>{_CAP})(?!['’]s? \w+ing)\b"
)
_AFTER = re.compile(
    rf"\b(?:[Mm]y|[Oo]ur) (?P<adj>{_ADJECTIVE})(?P<kin>{_WHO})['’]?s? (?:name is|is (?:called|named)) (?P<name>{_CAP})"
)
_HAS = re.compile(
    rf"\b(?:have|had|got|adopted|have got|is|a|one|yes|bought|rescued|named)\b,? ?(?:an? |one )?(?P<adj>{_ADJECTIVE})(?:[a-z]+ )?(?P<kin>{_WHO}),? (?:(?:he|she|it) is )?(?:called|named|, ?|)(?:her name is|his name is)? ?(?P<name>{_CAP})"
)
_SEVERAL = re.compile(
    rf"\b(?:have|got|have got|with|and)(?: just)? (?P<n>two|three|four|five|six|seven|\d) (?P<adj>{_ADJECTIVE})(?P<kin>\w+?)(?P<s>s|ren|ves)\b(?:(?:,| called| named|:) (?P<names>{_CAP}(?:(?:,| and|, and) {_CAP})+))?"
)
_CALLED_BOTH = re.compile(rf"\ba (?P<kin>{_WHO}) (?:called|named) (?P<name>{_CAP})")
_IS = re.compile(rf"^(?P<name>{_CAP}) is (?:my|our) (?P<adj>{_ADJECTIVE})(?P<kin>{_WHO})\b")

_VERB = (
    r"(?:is|was|has|had|are|were|lives?|works?|loves?|hates?|likes?|adores?|plays?|drives?|speaks?|studies|teaches|runs?|owns?|turns?|turned|"
    r"moved|died|passed|got|gets|started|starts|stud(?:y|ied)|retired|proposed|works|eats|smokes|suffers|coaches|sings|cooks|dumped|swims|left|broke)"
)
_SAID = re.compile(
    rf"^(?:(?:my|our) |(?=(?:mum|mom|dad|gran|nan|grandma|grandpa|grandad|granddad)\b))(?P<adj>{_ADJECTIVE})(?P<kin>{_WHO})(?: (?P<name>{_CAP}))?(?: and I)? (?P<adv>(?:just|still|also|now|always|recently|actually|only|finally|absolutely) )*(?P<rest>{_VERB}\b.*)$",
    re.I,
)
_THEY = re.compile(
    rf"^(?:he|she|they|it|(?P<name>{_CAP})) (?P<adv>(?:just|still|also|now|always|recently|actually|only|finally) )*(?P<rest>{_VERB}\b.*)$"
)
_FLEETING = re.compile(
    r"^(?:(?:is|was|are|has been|have been|were) (?:so |very |just |really |a bit |being |too |still |all |absolutely )*"
    r"(?:jealous|asleep|sleeping|crying|ok|okay|fine|here|there|right|wrong|mad at|angry|upset|happy|sad|sick|late|home|out|away|sure|"
    r"coming|going|staying|visiting|over|back|great|lovely|nice|sweet|cute|brilliant|amazing|awful|annoying|obsessed|the (?:best|worst)|"
    r"so\b|good|bad|kidding|joking|it|that|tired|hungry|bored|a (?:monster|nightmare|legend|star|saint|hero|mess|pain|darling|angel|good)|"
    r"my \w+|not|using|doing|eating|making|saying|telling|trying|looking|keep)|"
    r"(?:is|are) (?!living|working|studying|training|getting|retiring|moving|expecting|starting|turning|learning|dying)\w+ing\b|(?:is|was|are) one\b|"
    r"(?:got|gets|had|has|have) (?:to|me|us|a (?:bit|lot|go|laugh)|it|no idea|just|his|her|been (?!diagnosed|promoted|married|in|a)|lost|gone)|"
    r"(?:loves?|likes?|hates?) (?:me|it|that|this|us|you|them|him|her)\b|was (?:it|that|there)|plays? (?:up|with))",
    re.I,
)


def mentioned(sentence: str, talk: Talk) -> list[Draft]:
    """Who is named, wherever in the sentence; sets whom a pronoun means from here on."""
    found: list[Draft] = []
    for pattern in (_AFTER, _MENTION, _HAS, _CALLED_BOTH, _IS):
        for one in pattern.finditer(sentence):
            found.extend(_has(one["adj"] if "adj" in pattern.groupindex else "", one["kin"], one["name"], talk))
    found.extend(_several(sentence, talk))
    unique = {draft.text: draft for draft in found}
    return list(unique.values())


def _has(adjective: str, kin: str, name: str, talk: Talk) -> list[Draft]:
    kin = kin.lower()
    if kin in {"ex", "parents", "kids", "children"} or name.lower() in {"i", "day", "christmas"}:
        return []
    talk.other = Other(kin, name)
    adjective = "twin " if "twin" in adjective else "best " if adjective.startswith("best") else ""
    return [
        Draft(
            f"has a{'n' if (adjective + kin)[0] in 'aeiou' else ''} {adjective}{kin}, {name}",
            0.9,
            0.75 if kin in PARTNERS else 0.65,
        )
    ]


def _several(sentence: str, talk: Talk) -> list[Draft]:
    drafts = []
    for one in _SEVERAL.finditer(sentence):
        kin = {"li": "life", "wi": "wife", "child": "child"}.get(one["kin"], one["kin"])
        if kin not in KIN and kin not in PETS:
            continue
        names = _PROPER.findall(one["names"] or "")
        several = f"{one['kin']}{one['s']}"
        drafts.append(Draft(f"has {one['n']} {several}{': ' + ' and '.join(names) if names else ''}", 0.88, 0.65))
        drafts.extend(Draft(f"has a {kin}, {name}", 0.85, 0.6) for name in names)
        talk.other = Other(kin, "")
    return drafts


def _died(who: Other, adjective: str = "") -> list[Draft]:
    """An end, and what happened."""
    called = who.called
    slot = f"pet:{who.name.casefold()}" if who.kin in PETS else f"kin:{who.name.casefold()}" if who.name else ""
    drafts = [Draft(f"{called} died", 0.9, 0.8)]
    if who.kin in PETS:
        drafts.append(
            Draft(
                f"used to have a {who.kin}, {who.name}" if who.name else f"used to have a {who.kin}",
                0.9,
                0.6,
                ended=True,
                slot=slot,
                value=who.kin,
            )
        )
    return drafts


_PROPER = re.compile(_CAP)
_IS_CALLED = re.compile(rf"(?:is|was) (?:called|named) ({_CAP})")
_UNSURE = re.compile(r"\b(?:would|could|might|if|reckons?|thinks?)\b")
_AGED = re.compile(
    r"(?:is|turns?|turned|just turned) (?:only |now |nearly |almost )?(\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b(?! (?:minutes|hours|days))"
)
_ON_DAY = re.compile(r"(?: years old)?(?: (on .+|in .+|next .+))?")
_NAME_GIVEN = re.compile(
    rf"(?:we|I) (?:have )?(?:called|named|are calling|are naming) (?:him|her|it|them) ({_CAP})", re.I
)
_NAME_TOLD = re.compile(
    rf"^(?:(?:his|her|its|their) name (?:is|was)|(?:he|she|it) (?:is|was) (?:called|named)) ({_CAP})", re.I
)
_DEAD = re.compile(r"^(?:died|(?:has |had )?passed(?: away)?|is dead|was put down|was put to sleep)\b")
_LEFT = re.compile(r"^(?:dumped|left) me\b|.*\bbroke up with me\b")


def said_of(clause: str, talk: Talk) -> list[Draft]:
    """ "my sister is a vet in Dundee", "she is four", "Fig died this morning"."""
    if found := _SAID.match(clause):
        name = found["name"] or ""
        who = Other(found["kin"].lower(), name if name[:1].isupper() else "")
        if not who.name and talk.other.kin == who.kin:
            who.name = talk.other.name
    elif (found := _THEY.match(clause)) and talk.other.kin:
        named = found["name"]
        if named and named not in {talk.other.name, "He", "She", "They", "It"}:
            return []
        if clause.startswith("it ") and talk.other.kin not in PETS:
            return []
        who = talk.other
    else:
        return _named_later(clause, talk)
    talk.other = who
    return _fact_of(who, found["rest"], found["adj"] if "adj" in found.re.groupindex else "")


def _fact_of(who: Other, rest: str, adjective: str = "") -> list[Draft]:
    if _DEAD.match(rest):
        return _died(who)
    if _LEFT.match(rest):
        return [
            Draft(
                f"used to be in a relationship with {who.name or 'their ' + who.kin}",
                0.88,
                0.8,
                ended=True,
                slot="partner",
                value=who.name.casefold(),
            )
        ]
    if called := _IS_CALLED.match(rest):
        return [Draft(f"has a {who.kin}, {called[1]}", 0.9, 0.65)]
    if _FLEETING.match(rest) or _UNSURE.search(rest):
        return []
    if age := _AGED.match(rest):
        on = _ON_DAY.match(rest[age.end() :])
        when = tidy(on[1]) if on and on[1] else ""
        return [Draft(f"{who.called} {'turns ' + age[1] + ' ' + when if when else 'is ' + age[1]}", 0.88, 0.55)]
    rest = tidy(rest)
    if not good(rest) or len(rest.split()) < (3 if rest.startswith(("was ", "were ")) else 2):
        return []
    sentence = f"{_best(adjective, who)} {rest}"
    return [Draft(sentence, 0.84, 0.55)]


_OF_WHOM = re.compile(
    rf"\b(?:my|our) (?P<adj>{_ADJECTIVE})(?P<kin>{_WHO})(?:,? (?P<name>{_CAP}))?,? who (?P<rest>(?:is|was|has|lives?|works?|loves|hates|runs?|teaches|plays?)\b[^,]*)"
)


def of_whom(sentence: str, talk: Talk) -> list[Draft]:
    """ "my wife Claire, who is a sculptor"."""
    drafts = []
    for found in _OF_WHOM.finditer(sentence):
        drafts += _fact_of(Other(found["kin"].lower(), found["name"] or ""), found["rest"], found["adj"])
    return drafts


def _best(adjective: str, who: Other) -> str:
    return (
        who.called.replace("their ", "their best ", 1) if (adjective or "").lower().startswith("best") else who.called
    )


def _named_later(clause: str, talk: Talk) -> list[Draft]:
    """ "her name is Miso" after a kitten; "his name was Kieran" after a boyfriend who was."""
    if given := _NAME_GIVEN.match(clause):
        talk.other = Other(talk.other.kin, given[1]) if given[1][:1].isupper() else talk.other
        return (
            [Draft(f"has a {talk.other.kin}, {given[1]}", 0.88, 0.65)]
            if talk.other.kin and given[1][:1].isupper()
            else []
        )
    found = _NAME_TOLD.match(clause)
    if not found or not talk.other.kin or not found[1][:1].isupper():
        return []
    talk.other = Other(talk.other.kin, found[1])
    if " was " in found[0]:
        return [Draft(f"used to have a {talk.other.kin}, {found[1]}", 0.85, 0.5)]
    return [Draft(f"has a {talk.other.kin}, {found[1]}", 0.9, 0.65)]


_UNNAMED = re.compile(rf"\b(?:[Mm]y|[Oo]ur|an?|adopted a) (?P<adj>{_ADJECTIVE})(?:[a-z]+ )?(?P<kin>{_WHO})\b")


def noticed(text: str, talk: Talk) -> None:
    """Whom a pronoun may mean next: the last one of theirs spoken of, named or not."""
    for one in _UNNAMED.finditer(text):
        if one["kin"] != talk.other.kin:
            talk.other = Other(one["kin"].lower(), "")
