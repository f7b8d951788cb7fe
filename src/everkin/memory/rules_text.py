"""A message made plain for the rules: contractions written out, quotations and actions taken away, cut into clauses. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass

LONGEST = 6000
"""Characters of a message that are read; what follows is left to the model."""
LONGEST_SENTENCE, LONGEST_CLAUSE = 500, 200
"""Characters that rules look at, so that no text however odd takes them long."""

_QUOTED = re.compile(r"[\"“«][^\"”»]{1,400}[\"”»]|`[^`]*`|^>.*$", re.M)
_ACTION = re.compile(r"(?<![*\w])\*[^*\n]{1,300}\*(?![*\w])|(?<!\w)_[^_\n]{3,300}_(?!\w)")
_STRESSED = re.compile(r"(?<![*\w])\*(\w+)\*(?![*\w])")


def _lowered(found: re.Match[str]) -> str:
    return found.group().lower()


_Out = str | Callable[[re.Match[str]], str]
_WRITTEN_OUT: tuple[tuple[re.Pattern[str], _Out], ...] = tuple(
    (re.compile(pattern, re.I), out)
    for pattern, out in (
        (r"\bi['’]?m\b(?! (?:goin|gonna))", "I am"),
        (r"\bi['’]?m (?:gonna|goin)\b", "I am going to"),
        (r"\bi['’]?ve\b", "I have"),
        (r"\bi['’]ll\b", "I will"),
        (r"\bi['’]d\b", "I would"),
        (r"\bwe['’]re\b", "we are"),
        (r"\bwe['’]ve\b", "we have"),
        (
            r"\b(he|she|it|that|there)['’]s (?=(?:just |always |already |never )?(?:been|got|had|started|moved|lost)\b)",
            r"\1 has ",
        ),
        (r"\b(he|she|it|that|there|who)['’]s\b", r"\1 is"),
        (r"\b(they|you)['’]re\b", r"\1 are"),
        (r"\bcan(?:['’]?t|not)\b", "can not"),
        (r"\bwon['’]t\b", "will not"),
        (r"\b(do|does|did|is|are|was|were|have|has|had|would|could|should)n['’]?t\b", r"\1 not"),
        (r"\bgonna\b", "going to"),
        (r"\bwanna\b", "want to"),
        (r"\b(?:anymore|any longer)\b", "any more"),
        (r"\bmy name['’]?s\b", "my name is"),
        (r"\b(name|birthday|\w+)['’]s (?=(?:just |already )?(?:been|got|had)\b)", r"\1 has "),
        (
            r"\b(\w+)['’]s (?=(?:an?|from|in|called|named|so|also|now|getting|having|coming|turning|retiring|\d+)\b)",
            r"\1 is ",
        ),
        (r"\bher name['’]?s\b", "her name is"),
        (r"\bhis name['’]?s\b", "his name is"),
        (r"\b(?:btw|tbh|lol|lmao|haha+|hehe|ngl|imo|imho|fyi|lolol|xx+)\b", ","),
        (r"\b(mum|mom|dad|gran|nan|grandma|grandpa|granddad|grandad)\b", _lowered),
        (r"(?<!\w)i(?!\w|\.)", "I"),
    )
)

_SENTENCE = re.compile(
    r"(?<!\bSt)(?<!\bMr)(?<!\bMs)(?<!\bDr)(?<!\bMrs)(?<!\d)[.!?…]+(?=\s|$)|(?<=\d)[.!?]+(?=\s|$)|\n+|\s[-–—]+\s|[;—]|[:;]-?[()DP]|[\U0001F300-\U0001FAFF☀-➿]+"
)
_SUBJECT = r"(?:I|we|my|our|he|she|they|it|his|her|their|me and)"
_VERB = (
    r"(?:am|are|is|have|has|live|lives|living|work|works|working|love|loves|hate|hates|like|likes|adore|play|plays|drive|drives|"
    r"study|studies|grew|moved|speak|speaks|bought|got|run|runs|joined|started|keep|teach|teaches|draw|bake|adopted|sing|sings|write|paint|collect|volunteer|cook|cycle|smoke|support|own|eat|drink)"
)
_CLAUSE = re.compile(
    rf"\s*[,:(]?\s*\b(?:and|but|so|though|although|because|cos|cause|plus|while|except|then|before that)\s+(?={_SUBJECT}\b)"
    rf"|\s*[,:()]\s*(?={_SUBJECT}\s)"
    rf"|\s*,?\s+(?:and|but)\s+(?:now |then |just |also |still |then |actually )?(?={_VERB}\b)"
    rf"|\s*,\s+(?={_VERB}\b)|\s*[()]\s*|,\s*(?:but|so|because|though|although|if|when|which|where|plus|except|unless|until)\b",
    re.I,
)
_OPENERS = re.compile(
    r"^(?:[\s,.'’:-]|(?:oh|ah|well|yeah|yes|yep|yup|ya|hey|hi|hello|hiya|ok|okay|so|and|but|also|anyway|actually|no|nah|nope|"
    r"honestly|seriously|basically|really|sorry|thanks|ta|hmm+|um+|uh|wow|omg|god|evening|good (?:morning|evening|afternoon)|morning|"
    r"mate|dude|to be honest|by the way|guess what|big news|good news|bad news|you know|i mean|i think|i guess|i suppose|well|"
    r"fun fact|confession|back (?:in|to) (?:real life|reality)|tonight|these days|nowadays|currently|at the moment|right now|lately|apparently|obviously|plus|then|now|"
    r"as you know|in fact|in real life|irl|the thing is|everyone thinks I am \w+)\b)+(?:that\b)?[\s,.:-]*",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """`said`: as it stood, opened up; `clauses`: its parts, each with a subject of its own or taking the one before."""

    said: str
    question: bool
    clauses: tuple[str, ...]


_ASKS = re.compile(
    r"^(?:what|why|how|who|where|when|which|do you|does|did you|are you|is it|is that|can you|could you|would you|will you|"
    r"should i|have you|shall|am i|is there)\b",
    re.I,
)


def without_quotes(text: str) -> str:
    return _QUOTED.sub(" , ", text)


def without_actions(text: str) -> str:
    """One stressed word (*really*) stays, without its stars."""
    text = _ACTION.sub(lambda found: found.group() if _STRESSED.fullmatch(found.group()) else " . ", text)
    return _STRESSED.sub(lambda found: "." if _is_doing(found.group(1)) else found.group(1), text)


def _is_doing(word: str) -> bool:
    return word.endswith("s") and word not in {"is", "was", "this", "his", "always", "yes", "us"}


def plain(text: str) -> str:
    text = without_actions(without_quotes(text[:LONGEST].replace("’", "'").replace("‘", "'")))
    for pattern, out in _WRITTEN_OUT:
        text = pattern.sub(out, text)
    return re.sub(r"\s*,(?:\s*,)+", ",", text)


def sentences(text: str) -> list[Sentence]:
    """Of a message's raw text, in order."""
    prepared = plain(text)
    found, begin = [], 0
    for end in [*_SENTENCE.finditer(prepared), None]:
        said = prepared[begin : end.start() if end else None].strip(" ,")
        asked = bool(end and "?" in end.group())
        begin = end.end() if end else begin
        if said:
            found.append(_sentence(said, asked))
    return found


def _sentence(said: str, asked: bool) -> Sentence:
    opened = opened_up(said[:LONGEST_SENTENCE])
    clauses = tuple(part[:LONGEST_CLAUSE] for clause in _CLAUSE.split(opened) if clause and (part := opened_up(clause)))
    return Sentence(opened, asked or bool(_ASKS.match(opened)), clauses)


def opened_up(text: str) -> str:
    """Without the words one begins with before one says something ("well, actually, ...")."""
    return _OPENERS.sub("", text).strip(" ,:-'")


_TAIL = re.compile(
    r"[\s,]+(?:now|lol|though|tho|too|as well|again|already|obviously|sadly|actually|really|mostly|at the moment|right now|"
    r"these days|currently|haha+|by the way|you know|i guess|i think|for now|to be honest|of course|unfortunately|honestly|mate|"
    r"don't judge|please|anyway|at least|so far|i suppose|today|yesterday|tonight|this morning|xx*|for my sins|still|"
    r"last (?:week|month|year|night)|recently|again|ouch|etc|innit|and that|or something|tbf|all my life)$",
    re.I,
)
_CUT = re.compile(
    r"\s+(?:because|cos|since|who|which|that|but|so|when|where|while|if|though|although|until|unless|till|for (?:about |over |almost )?"
    r"(?:\w+ )?(?:years?|months?|weeks?|ages)|about \w+ years ago|\w+ years ago|with no|and (?:i|we|my|he|she|it|they)|"
    r"like a|even|instead|except|than|as an? kid|as a child|too \w+)\b.*$|[,;:(].*$",
    re.I,
)


def tidy(phrase: str) -> str:
    """The heart of an object: cut at the next thought, without trailing small talk; "my" becomes "their"."""
    phrase = _CUT.sub("", f" {phrase.strip()}").strip()
    while (shorter := _TAIL.sub("", f" {phrase}").strip(" ,.!'\"*")) != phrase:
        phrase = shorter
    return in_third_person(phrase)


_PERSONS = {
    "my": "their",
    "our": "their",
    "i": "they",
    "me": "them",
    "us": "them",
    "myself": "themselves",
    "mine": "theirs",
    "we": "they",
}
_PERSON = re.compile(r"\b(?:my|our|I|me|us|myself|mine|we)\b")


def in_third_person(phrase: str) -> str:
    return _PERSON.sub(lambda found: _PERSONS[found.group().lower()], phrase).replace("they am", "they are")
