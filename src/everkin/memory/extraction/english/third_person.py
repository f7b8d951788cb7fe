"""From a person's own words to words about them: "I live in Leeds" said by Ana becomes "Ana lives in Leeds" (pure, English).

Only what can be turned with certainty is turned: one clause that begins with "I" or "my", a known verb, and nobody
addressed. Anything else is quoted as it was said.
"""

import re

QUOTED_CHARS = 160

_VERBS = (
    "live work study want need like love hate think feel know believe hope plan play read write speak drive run walk go eat "
    "drink cook sleep wake dream miss prefer enjoy teach learn sing paint draw own keep try help wish remember forget make "
    "take give get see hear say tell mean come stay start stop finish use wear travel visit collect train swim dance worry"
)
_PRESENT = frozenset(_VERBS.split())
_PAST_VERBS = (
    "was had went did got took saw met felt told said thought bought made came gave lost found left kept began became broke "
    "fell slept ran wrote grew knew spoke drove ate drank woke taught sang drew forgot heard meant won chose sold built spent"
)
_PAST = frozenset(_PAST_VERBS.split())
_UNCHANGED = (
    "will would can could should must may might won't wouldn't can't couldn't shouldn't didn't wasn't hadn't never"
)
_HELPERS = {
    "am": "is",
    "'m": "is",
    "have": "has",
    "'ve": "has",
    "'ll": "will",
    "'d": "would",
    "do": "does",
    "don't": "doesn't",
    "haven't": "hasn't",
} | {same: same for same in _UNCHANGED.split()}
_ADVERB = r"(?:really|also|just|still|always|often|usually|sometimes|actually|only|even|recently|finally|once|already|probably)"
_CLAUSE = re.compile(rf"i(?P<short>'(?:m|ve|ll|d))?\s+(?P<adverbs>(?:{_ADVERB}\s+)*)(?P<rest>.+)", re.I | re.S)
_MY = re.compile(r"my\s+(?P<rest>.+)", re.I | re.S)
_OPENING = re.compile(
    r"^(?:(?:well|so|and|but|oh|yes|yeah|ok|okay|hey|anyway|actually|honestly|haha)\b[,.!]*\s+)+", re.I
)
_HARD = re.compile(
    r"[\"“”?;:]|\b(?:you|your|yours|u|we|us|our|ours|let's)\b|\b(?:and|but|or|then|because|so)\s+(?!i\b|it\b|the\b|my\b|a\b|she\b|he\b|they\b)"
    r"(?:" + "|".join(sorted(_PRESENT)) + r"|am|have|do)\b",
    re.I,
)
_INNER = (
    (re.compile(r"\bI'm\b|\bI am\b", re.I), "they are"),
    (re.compile(r"\bI've\b", re.I), "they have"),
    (re.compile(r"\bI'll\b", re.I), "they will"),
    (re.compile(r"\bI was\b", re.I), "they were"),
    (re.compile(r"\bI'd\b", re.I), "they would"),
    (re.compile(r"\bI\b"), "they"),
    (re.compile(r"\bmy\b", re.I), "their"),
    (re.compile(r"\bmine\b", re.I), "theirs"),
    (re.compile(r"\bme\b", re.I), "them"),
    (re.compile(r"\bmyself\b", re.I), "themself"),
)


def reported(speaker: str, sentence: str) -> str:
    """One sentence with a full stop: in the third person, or as a brief quotation."""
    said = _OPENING.sub("", " ".join(sentence.replace("’", "'").split())).rstrip(" .!…")
    told = None if _HARD.search(said) or len(said) > QUOTED_CHARS else _turned(speaker, said)
    return f"{told}." if told else _quoted(speaker, sentence)


def _turned(speaker: str, said: str) -> str | None:
    if mine := _MY.match(said):
        return f"{speaker}'s {_inner(mine['rest'])}"
    clause = _CLAUSE.match(said)
    if clause is None:
        return None
    first, _, rest = clause["rest"].partition(" ")
    verb = _HELPERS.get(clause["short"].lower()) if clause["short"] else _third_person(first.lower())
    if verb is None:
        return None
    after = clause["rest"] if clause["short"] else rest
    words = (
        [speaker, verb, clause["adverbs"].strip(), _inner(after)]
        if clause["short"] or _is_helper(first)
        else [speaker, clause["adverbs"].strip(), verb, _inner(after)]
    )
    return " ".join(filter(None, words))


def _is_helper(verb: str) -> bool:
    return verb.lower() in _HELPERS


def _third_person(verb: str) -> str | None:
    if verb in _HELPERS:
        return _HELPERS[verb]
    if verb in _PAST or (len(verb) > 4 and verb.endswith("ed")):
        return verb
    if verb not in _PRESENT:
        return None
    if verb.endswith(("s", "sh", "ch", "x", "o")):
        return f"{verb}es"
    return f"{verb[:-1]}ies" if (verb.endswith("y") and verb[-2:-1] not in "aeiou") else f"{verb}s"


def _inner(text: str) -> str:
    for pattern, word in _INNER:
        text = pattern.sub(word, text)
    return text


def _quoted(speaker: str, sentence: str) -> str:
    """Without the marks that could end the quotation early."""
    words = " ".join(sentence.replace('"', "'").replace("“", "'").replace("”", "'").split())
    if len(words) > QUOTED_CHARS:
        words = words[: QUOTED_CHARS - 1].rsplit(" ", 1)[0] + "…"
    return f'{speaker} said: "{words}"'
