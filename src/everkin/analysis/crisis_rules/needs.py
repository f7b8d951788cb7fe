"""The words every match of a pattern contains, so that most messages are rejected without trying a pattern."""

import re
from functools import cache

_DOUBLED = re.compile(r"([^\W\d_f])\1")
_PLAIN = re.compile(r"\w+")
_LETTERS = re.compile(r"[^()|?*]+(?![?*])|[^()|?*]")
_WORDS_ONLY = re.compile(r"([^()?*]*)\)")

MOST_FORMS = 1500
"""A part of a pattern with more forms is not expanded."""

_COMMON = """a able about again ago all also am an and another any anymore anyone are as at away back bad be because been being
    better but by came can cannot cant care come could couldnt d day days did didnt different do does doesnt doing done dont
    else even ever every everyone everything feel feels find for friends from fun get give go going gonna good got great had
    hard has have he help her here hes him his home hope how i id if ill im in is isnt it its ive just keep know left let life
    like ll long look lot love made make many maybe matter me mind more most much must my myself name need never new next nice
    no not nothing now of off oh ok okay on one only or other our out over own people place plan please point put r really
    rest right s said saw say see she should so some someone sorry stay still stop such sure t take tell than thanks that thats
    the their them then there they thing things think this thought through time to today tomorrow too try trying u under up us
    use ve very wait want was way we week well were what when where which who why will wish with without wont work world would
    wow y yeah year years yes you your youre
    der die das und ich du er sie es wir ihr nicht mich mir mein meine zu mehr ist bin habe ein eine einen auf mit von so
    el la los las de que y en un una es no me te se lo por con para mi yo ya mas
    le les des du et est je tu il ne pas plus ce cette mon ma en au pour dans avec sur a o e i w sie"""
"""Words frequent in messages, which reject few of them."""


def once(text: str) -> str:
    """Write doubled letters once: "kill" and "kil" are the same word."""
    return _DOUBLED.sub(r"\1", text)


def needs_of(pattern: str) -> tuple[frozenset[str], ...]:
    """Return, for each mandatory part of the pattern (between its blanks), words of which every match contains one;
    the fewest and rarest first. Raises ValueError if no part is mandatory with a limited number of forms."""
    parts = {found for part in _parts(pattern) if (found := _words(part))}
    if not parts:
        raise ValueError(f"no word is certain in: {pattern}")
    return tuple(sorted(parts, key=_price))


def _price(words: frozenset[str]) -> int:
    return sum(60 if word in _common() else 1 for word in words)


@cache
def _common() -> frozenset[str]:
    return frozenset(once(_COMMON).split())


def _words(part: str) -> frozenset[str]:
    """Return one word of each form, the rarest; empty if a form has no word."""
    chosen = set()
    for form in _Forms(part).all():
        words = _PLAIN.findall(once(form))
        if not words:
            return frozenset()
        chosen.add(min(words, key=lambda word: (word in _common(), -len(word))))
    return frozenset(chosen)


def _parts(pattern: str) -> list[str]:
    depth, parts = 0, [""]
    for letter in pattern:
        depth += (letter == "(") - (letter == ")")
        if letter == " " and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


class _Forms:
    """Expands a part of a pattern to all texts it stands for; to an empty set if they are too many or unbounded."""

    def __init__(self, part: str) -> None:
        self._part = part
        self._at = 0

    def all(self) -> set[str]:
        if "@" in self._part or "~" in self._part:
            return set()
        try:
            return self._alternatives()
        except OverflowError:
            return set()

    def _alternatives(self) -> set[str]:
        forms = self._sequence()
        while self._peek() == "|":
            self._at += 1
            forms |= self._sequence()
        return forms

    def _sequence(self) -> set[str]:
        forms = {""}
        while self._peek() not in ("", "|", ")"):
            item = self._item()
            forms = {before + after for before in forms for after in item}
            if len(forms) > MOST_FORMS:
                raise OverflowError
        return forms

    def _item(self) -> set[str]:
        letters = _LETTERS.match(self._part, self._at)
        self._at = letters.end() if letters else self._at + 1
        forms = {letters[0]} if letters else self._group()
        if self._peek() in ("?", "*"):
            self._at += 1
            forms = forms | {""}
        return forms

    def _group(self) -> set[str]:
        if words := _WORDS_ONLY.match(self._part, self._at):
            self._at = words.end()
            return set(words[1].split("|"))
        refused = self._part.startswith("?!", self._at)
        self._at += 2 * refused
        forms = self._alternatives()
        self._at += 1
        return {""} if refused else forms

    def _peek(self) -> str:
        return self._part[self._at] if self._at < len(self._part) else ""
