"""A message made plain for the rules: white space collapsed, contractions written out, quotations and actions taken away, cut into
clauses. Pure.

Patterns here and in the rules meet what strangers write, so each is linear in the length of its text: none may go over the same
characters again from every place it begins at (tests/house/test_patterns.py).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from everkin.kit.white_space import collapsed

LONGEST = 6000
"""Characters of a message that are read; what follows is left to the model."""
LONGEST_SENTENCE, LONGEST_CLAUSE = 500, 200
"""Characters that rules look at, so that no text however odd takes them long."""

LONGEST_QUOTATION = 400
"""Characters between two quotation marks that belong together."""

_QUOTING = re.compile(r"(?P<opened>[\"“«])|`[^`]*`|^>.*$", re.M)
_CLOSED = re.compile(r"[\"”»]")
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

_COMMAS = re.compile(r"[ \n]?,(?:[ \n]?,)+")
_BREAK = re.compile(r"[.!?…]++(?:(?=\s|$)|(?P<inside>))|\n+|\s[-–—]+\s|[;—]|[:;]-?[()DP]|[\U0001F300-\U0001FAFF☀-➿]+")
"""`inside`: marks with more of the same word behind them."""
_TITLE = re.compile(r"\b(?:St|Mrs?|Ms|Dr)")
_SUBJECT = r"(?:I|we|my|our|he|she|they|it|his|her|their|me and)"
_VERB = (
    r"(?:am|are|is|have|has|live|lives|living|work|works|working|love|loves|hate|hates|like|likes|adore|play|plays|drive|drives|"
    r"study|studies|grew|moved|speak|speaks|bought|got|run|runs|joined|started|keep|teach|teaches|draw|bake|adopted|sing|sings|write|paint|collect|volunteer|cook|cycle|smoke|support|own|eat|drink)"
)
_CLAUSE = re.compile(
    rf" ?[,:(]? ?\b(?:and|but|so|though|although|because|cos|cause|plus|while|except|then|before that) (?={_SUBJECT}\b)"
    rf"| ?[,:()] ?(?={_SUBJECT} )"
    rf"| ?,? (?:and|but) (?:now |then |just |also |still |then |actually )?(?={_VERB}\b)"
    rf"| ?, (?={_VERB}\b)| ?[()] ?|, ?(?:but|so|because|though|although|if|when|which|where|plus|except|unless|until)\b",
    re.I,
)
"""Of a text with single blanks."""
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


def readable(text: str) -> str:
    """What the rules read of a message: single blanks and newlines only."""
    return collapsed(text[:LONGEST])


def without_quotes(text: str) -> str:
    """By hand, because a pattern would look for its end anew from every quotation mark that is never closed."""
    kept: list[str] = []
    begin = at = closed = 0
    while found := _QUOTING.search(text, at):
        at = found.end()
        if found["opened"]:
            closed = closed if closed >= at else _next_closed(text, at)
            if not 1 <= closed - at <= LONGEST_QUOTATION or closed == len(text):
                continue
            at = closed + 1
        kept += text[begin : found.start()], " , "
        begin = at
    return "".join((*kept, text[begin:]))


def _next_closed(text: str, at: int) -> int:
    """Where the next closing mark is; the end of the text where there is none."""
    found = _CLOSED.search(text, at)
    return found.start() if found else len(text)


def without_actions(text: str) -> str:
    """One stressed word (*really*) stays, without its stars."""
    text = _ACTION.sub(lambda found: found.group() if _STRESSED.fullmatch(found.group()) else " . ", text)
    return _STRESSED.sub(lambda found: "." if _is_doing(found.group(1)) else found.group(1), text)


def _is_doing(word: str) -> bool:
    return word.endswith("s") and word not in {"is", "was", "this", "his", "always", "yes", "us"}


def plain(text: str) -> str:
    text = collapsed(without_actions(without_quotes(readable(text).replace("’", "'").replace("‘", "'"))))
    for pattern, out in _WRITTEN_OUT:
        text = pattern.sub(out, text)
    return _COMMAS.sub(",", text)


def sentences(text: str) -> Iterator[Sentence]:
    """Of a message's raw text, in order; each is cut into its clauses when it is asked for."""
    prepared = plain(text)
    begin = 0
    for stop, end in [*_breaks(prepared), (len(prepared), len(prepared))]:
        if said := prepared[begin:stop].strip(" ,"):
            yield _sentence(said, "?" in prepared[stop:end])
        begin = end


def _breaks(text: str) -> Iterator[tuple[int, int]]:
    """Where sentences are divided, and where the next begins. The mark of "Dr." divides nothing, nor does "…" after a digit."""
    for found in _BREAK.finditer(text):
        if found["inside"] is not None:
            continue
        stop, end = found.span()
        unfinished = text[stop] in ".!?…" and (_is_title(text, stop) or _is_number(text, stop, end))
        if stop + unfinished < end:
            yield stop + unfinished, end


def _is_title(text: str, end: int) -> bool:
    return any(_TITLE.fullmatch(text, end - long, end) for long in (2, 3) if end >= long)


def _is_number(text: str, stop: int, end: int) -> bool:
    return text[stop - 1 : stop].isdecimal() and "…" in text[stop:end]


def _sentence(said: str, asked: bool) -> Sentence:
    opened = opened_up(said[:LONGEST_SENTENCE])
    clauses = tuple(part[:LONGEST_CLAUSE] for clause in _CLAUSE.split(opened) if clause and (part := opened_up(clause)))
    return Sentence(opened, asked or bool(_ASKS.match(opened)), clauses)


def opened_up(text: str) -> str:
    """Without the words one begins with before one says something ("well, actually, ...")."""
    return _OPENERS.sub("", text).strip(" ,:-'")


_TAIL = re.compile(
    r"(?<![\s,])[\s,]++(?:now|lol|though|tho|too|as well|again|already|obviously|sadly|actually|really|mostly|at the moment|right now|"
    r"these days|currently|haha+|by the way|you know|i guess|i think|for now|to be honest|of course|unfortunately|honestly|mate|"
    r"don't judge|please|anyway|at least|so far|i suppose|today|yesterday|tonight|this morning|xx*|for my sins|still|"
    r"last (?:week|month|year|night)|recently|again|ouch|etc|innit|and that|or something|tbf|all my life)$",
    re.I,
)
_LONGEST_TAIL = 60
"""Characters at the end of a phrase in which its small talk stands."""
_CUT = re.compile(
    r" (?:because|cos|since|who|which|that|but|so|when|where|while|if|though|although|until|unless|till|for (?:about |over |almost )?"
    r"(?:\w+ )?(?:years?|months?|weeks?|ages)|about \w+ years ago|\w+ years ago|with no|and (?:i|we|my|he|she|it|they)|"
    r"like a|even|instead|except|than|as an? kid|as a child|too \w+)\b.*|[,;:(].*",
    re.I | re.S,
)


def tidy(phrase: str) -> str:
    """The heart of an object: cut at the next thought, without trailing small talk; "my" becomes "their"."""
    phrase = _CUT.sub("", f" {phrase.strip()}", count=1).strip()
    while (shorter := _without_tail(f" {phrase}").strip(" ,.!'\"*")) != phrase:
        phrase = shorter
    return in_third_person(phrase)


def without_start(pattern: re.Pattern[str], text: str) -> str:
    """Without what the pattern matches at the beginning."""
    found = pattern.match(text)
    return text[found.end() :] if found else text


def _without_tail(phrase: str) -> str:
    found = _TAIL.search(phrase, max(0, len(phrase) - _LONGEST_TAIL))
    return phrase[: found.start()] if found else phrase


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
