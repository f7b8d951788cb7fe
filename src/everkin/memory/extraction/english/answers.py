"""Short answers, which mean something only with the question before them: "what's your name?" - "Daniel." Pure."""

import re
from collections.abc import Callable, Iterable

from everkin.memory.extraction.english.clauses import opened_up, tidy, without_start
from everkin.memory.extraction.english.rule import Draft, Other, Talk, good
from everkin.memory.extraction.english.self_statements import _a, _where
from everkin.memory.extraction.english.slots import KIN, PETS
from everkin.memory.extraction.english.vocabulary import is_name, is_trade

_BARE_NAME = re.compile(r"[^\W\d][\w'-]+(?: [A-ZÀ-Þ][\w'-]+)?")
_BARE_AGE = re.compile(r"(\d{1,3})\b(?! ?(?:km|minutes|k|%))")
_STILL_IN = re.compile(r"(?:still )?(?:in|near) ")
_STUDYING = re.compile(r"study(?:ing)? (.+?)(?: at .+)?")
_AT = re.compile(r"(?:at|for|in) ")
_ARTICLE = re.compile(r"(?:an?|the) ")
_BARE_SUBJECT = re.compile(r"[a-z][\w ]+", re.I)
_KNOWN = "|".join(sorted(map(re.escape, {*KIN, *PETS}), key=lambda word: (-len(word), word)))
_RELATIVE = re.compile(rf"\b(?:an?|one|my) (?:\w+ )?({_KNOWN})\b,? ?(?:called |named )?([A-ZÀ-Þ][\w'-]+)?")
_PROPER = re.compile(r"[A-ZÀ-Þ][\w'-]+")
_THEY_ARE = re.compile(r"(?:he|she|they) (?:is|are) ")
_MINE = re.compile(r"my (?:best |older |younger )?([\w-]+)")

Answer = Callable[[str, re.Match[str], Talk], Iterable[Draft]]

LONGEST = 60
"""Characters of the first sentence of an answer that is still a bare one."""


def _name(said: str, asked: re.Match[str], talk: Talk) -> Iterable[Draft]:
    if _BARE_NAME.fullmatch(said) and is_name(said.split()[0]):
        yield Draft(f"is called {said if not said.islower() else said.title()}", 0.92, 0.9)


def _age(said: str, asked: re.Match[str], talk: Talk) -> Iterable[Draft]:
    if found := _BARE_AGE.match(said):
        yield Draft(f"is {found[1]}", 0.9, 0.6)


def _home(said: str, asked: re.Match[str], talk: Talk) -> Iterable[Draft]:
    if place := _where(without_start(_STILL_IN, said)):
        yield Draft(f"lives in {place}", 0.88, 0.75)


def _origin(said: str, asked: re.Match[str], talk: Talk) -> Iterable[Draft]:
    if (place := _where(said)) and len(said.split()) <= 4:
        yield Draft(f"is from {place}", 0.88, 0.6)


def _job(said: str, asked: re.Match[str], talk: Talk) -> Iterable[Draft]:
    said = tidy(said)
    if found := _STUDYING.fullmatch(said):
        yield Draft(f"studies {found[1]}", 0.85, 0.65)
    elif is_trade(said):
        yield Draft(f"works as {_a(said)}", 0.86, 0.7)


def _workplace(said: str, asked: re.Match[str], talk: Talk) -> Iterable[Draft]:
    where = tidy(without_start(_AT, said.split(",")[0]))
    if good(where) and (where[:1].isupper() or _ARTICLE.match(where)):
        yield Draft(f"works at {where}", 0.84, 0.65)


def _study(said: str, asked: re.Match[str], talk: Talk) -> Iterable[Draft]:
    said = tidy(said)
    if _BARE_SUBJECT.fullmatch(said) and len(said.split()) <= 4 and said not in {"no", "not yet", "nope"}:
        yield Draft(f"studies {said}", 0.85, 0.65)


def _favourite(said: str, asked: re.Match[str], talk: Talk) -> Iterable[Draft]:
    said = tidy(said)
    if good(said) and len(said.split()) <= 4:
        yield Draft(f"favourite {asked['what']} is {said}", 0.88, 0.5)


def _relation(said: str, asked: re.Match[str], talk: Talk) -> Iterable[Draft]:
    """ "any siblings?" - "one older brother, Pavel"; "pets?" - "yeah a cat called Biscuit, she's 11"."""
    if not (found := _RELATIVE.search(said)):
        return
    name = found[2] or ""
    talk.other = Other(found[1], name)
    if not name:
        yield Draft(f"has {_a(found[1])}", 0.82, 0.6)


def _their_name(said: str, asked: re.Match[str], talk: Talk) -> Iterable[Draft]:
    """ "What is the dog called?" - "Pierogi"; "names of the rabbits?" - "Knut and Alice"."""
    kin = next(
        (
            word
            for word in (asked["who"] or "").lower().split()
            for word in (word, word.rstrip("s"))
            if word in KIN or word in PETS
        ),
        "",
    )
    for name in _PROPER.findall(said if kin and len(said.split()) <= 5 else ""):
        if is_name(name):
            talk.other = Other(kin, name)
            yield Draft(f"has {_a(kin)}, {name}", 0.86, 0.65)


def _his_trade(said: str, asked: re.Match[str], talk: Talk) -> Iterable[Draft]:
    said = without_start(_THEY_ARE, said)
    if is_trade(tidy(said)) and talk.other.kin:
        yield Draft(f"{talk.other.called} works as {_a(tidy(said))}", 0.84, 0.5)


def _who(said: str, asked: re.Match[str], talk: Talk) -> Iterable[Draft]:
    """ "Who is Mochi?" - "my hamster"; "Who?" - "my fiancée, Gemma"."""
    found = _MINE.match(said)
    name = asked["name"] or ""
    if found and (found[1] in KIN or found[1] in PETS) and name and is_name(name):
        talk.other = Other(found[1], name)
        yield Draft(f"has {_a(found[1])}, {name}", 0.88, 0.6)


_ASKED: tuple[tuple[re.Pattern[str], Answer], ...] = tuple(
    (re.compile(pattern, re.I), answer)
    for pattern, answer in (
        (
            r"what(?:['’]s| is| should I call you| do (?:they|people) call you)(?: your name|\?)?.{0,200}(?:your name|call you)|who are you|who do I have the",
            _name,
        ),
        (r"how old are you|what(?:['’]s| is) your age", _age),
        (r"where (?:do you|are you) (?:live|living|based)|where do you live", _home),
        (r"where are you from|where do you come from|where did you grow up", _origin),
        (r"where do you work|who do you work for", _workplace),
        (
            r"what do you do(?: for (?:a living|work))?\b(?! (?:about|when|if|with|together))|what(?:['’]s| is) your (?:job|profession)|and what do you do",
            _job,
        ),
        (r"are you (?:a student|studying)|what (?:do you|are you) study(?:ing)?\b(?! there)", _study),
        (r"what(?:['’]s| is) your favou?rite (?P<what>\w+)|favou?rite (?P<what2>\w+)\?.{0,200}yours\?", _favourite),
        (
            r"(?:do you have|have you got|have you|any) (?:any |a )?(?:siblings|brothers|sisters|pets|animals|children|kids|family)\b",
            _relation,
        ),
        (
            r"what(?:['’]s| is| are) (?:the|your|her|his|their) (?P<who>[\w ]{1,60}?) (?:called|named|names?)|names? of the (?P<who2>[\w ]+)|what(?:['’]s| is) (?P<who3>her|his) name",
            _their_name,
        ),
        (r"what does (?:he|she) do", _his_trade),
        (r"who(?:['’]s| is) (?P<name>[A-Z]\w+)\?", _who),
    )
)


def answered(first_sentence: str, question: str, talk: Talk) -> list[Draft]:
    """`question`: what the character said last; only its questions count."""
    said = opened_up(first_sentence)
    if not said or len(said) > LONGEST or "?" not in question:
        return []
    asked = question[: question.rindex("?") + 1]
    for pattern, answer in _ASKED:
        if (found := pattern.search(asked)) and (drafts := list(answer(said, _Asked(found), talk))):  # type: ignore[arg-type]
            return drafts
    return []


class _Asked:
    """A match whose `who`, `who2`, ... are one."""

    def __init__(self, found: re.Match[str]) -> None:
        self._found = found

    def __getitem__(self, name: str) -> str:
        groups = self._found.groupdict()
        return next((value for key, value in groups.items() if key.rstrip("23") == name and value), "")
