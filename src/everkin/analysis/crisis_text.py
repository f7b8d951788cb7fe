"""Normalisation of a message for the rules of crisis.py: undoes the ways people disguise a word.

The result has words in lower case without accents and apostrophes, single blanks between them, and " . " at the end of
each sentence. Only Latin letters are reduced this far; other scripts are kept as they are.
"""

import re
import unicodedata
from functools import cache
from types import MappingProxyType

from everkin.analysis.features import clip

READ_AT_MOST = 8000
"""Characters; of a longer message the first and the last half of this number are read."""

_MARKS = re.compile(r"[\u0300-\u036f]")
_UNSEEN = re.compile(
    r"[\u00ad\u0591-\u05c7\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e007f]"
)
_APOSTROPHES = re.compile(r"['’‘`´ʼ]")
_LATIN = re.compile(r"[a-z]")
_WORD = re.compile(r"\w+")
_NO_LETTER = re.compile(r"[^a-z]")
_GAP = re.compile(r"\s{2,}")
_SPACED = re.compile(r"(?<!\w)(?:[a-z][ .\-_*·]{1,3}){3,}[a-z](?!\w)")
_INSIDE = re.compile(r"(?<=[a-z])[013457@$!]{1,2}(?=[a-z])")
_HIDDEN = re.compile(r"(?<!\w)[a-z]+[*#][a-z*#]+(?!\w)")
_DRAWN_OUT = re.compile(r"([^\W\d_])\1{2,}")
_ENDS = re.compile(r"[.!?;:…。！？؟।]+|\n\s*\n")
_REST = re.compile(r"[^\w.]+|_+")

_SPECIAL = str.maketrans({"ø": "o", "ł": "l", "ı": "i", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe"})
_LEET = str.maketrans("013457@$!", "oieastasi")
_LOOKALIKES = str.maketrans("асеорхуіјѕԁһкмтвнαοερτικυνѵ", "aceopxyijsdhkmtbhaoeptikuvv")
_PICTURES = MappingProxyType(
    {
        **dict.fromkeys("💀☠⚰🪦", " die "),
        **dict.fromkeys("🔫", " shoot "),
        **dict.fromkeys("🔪🪒", " cut "),
        **dict.fromkeys("💊", " pills "),
        **dict.fromkeys("😂🤣😹", " lol "),
    }
)
_PICTURE = re.compile("[" + "".join(_PICTURES) + "]")

_TYPED_WRONG = ("suicide", "suicidal", "myself", "overdose", "umbringen", "selbstmord", "suicidarme", "suicider")
"""Words of which misspellings by one letter are recognised: swapped, missing, doubled, wrong."""

_HIDEABLE = ("kill", "killing", "suicide", "suicidal", "die", "dying", "dead", "death", "self", "myself", "cut", "harm")
"""Words recognised behind stars: k*ll, su**ide."""

_RUN_TOGETHER = MappingProxyType(
    {
        "killmyself": "kill myself",
        "killingmyself": "killing myself",
        "killme": "kill me",
        "wanttodie": "i want to die",
        "wannadie": "i want to die",
        "endmylife": "end my life",
        "enditall": "end it all",
        "selfharm": "i self harm",
        "cutmyself": "cut myself",
        "hurtmyself": "hurt myself",
        "hatemyself": "hate myself",
        "umbringen": "mich umbringen",
        "willsterben": "ich will sterben",
        "quieromorir": "quiero morir",
        "matarme": "quiero matarme",
        "veuxmourir": "je veux mourir",
        "metuer": "je veux me tuer",
    }
)


def plain(text: str) -> str:
    """Return the normalised text."""
    text = clip(text, READ_AT_MOST)
    text = text.lower() if text.isascii() else _without_disguise(text)
    if "'" in text or not text.isascii():
        text = _APOSTROPHES.sub("", text)
    text = _SPACED.sub(_joined, text)
    text = _INSIDE.sub(lambda match: match[0].translate(_LEET), text)
    text = _HIDDEN.sub(_shown, text)
    text = _DRAWN_OUT.sub(r"\1", text)
    text = _REST.sub(" ", _ENDS.sub(" . ", text))
    slips = _slips()
    words = [slips.get(word, word) for word in text.split()]
    return f" . {' '.join(words)} . ".replace(" my self ", " myself ").replace(" me self ", " myself ")


def folded(text: str) -> str:
    """Return the text in lower case without accents and invisible characters; for any script."""
    text = clip(unicodedata.normalize("NFKC", _MARKS.sub("", clip(text, READ_AT_MOST))), READ_AT_MOST)
    text = unicodedata.normalize("NFD", _UNSEEN.sub("", text).casefold())
    return unicodedata.normalize("NFC", _MARKS.sub("", text))


def _without_disguise(text: str) -> str:
    text = folded(_PICTURE.sub(lambda match: _PICTURES[match[0]], text)).translate(_SPECIAL)
    return _WORD.sub(_in_one_script, text)


def _in_one_script(match: re.Match[str]) -> str:
    """Replace look-alikes in a word of otherwise Latin letters."""
    word = match[0]
    return word.translate(_LOOKALIKES) if not word.isascii() and _LATIN.search(word) else word


def _joined(match: re.Match[str]) -> str:
    """Join "k i l l  m y s e l f": two or more blanks separate words; without them, known phrases are searched for."""
    parts = [_NO_LETTER.sub("", part) for part in _GAP.split(match[0])]
    return " ".join(_run_together(part) for part in parts)


def _run_together(word: str) -> str:
    return next((spaced for written, spaced in _RUN_TOGETHER.items() if written in word), word)


def parted(text: str) -> str:
    """Split phrases that are written without blanks, as in hashtags. `text` is a result of `plain`."""
    return " ".join(_run_together(word) if len(word) > 7 else word for word in text.split())


def _shown(match: re.Match[str]) -> str:
    return next((word for word in _HIDEABLE if _is_behind(word, match[0])), match[0].replace("*", " "))


def _is_behind(word: str, hidden: str) -> bool:
    return len(word) == len(hidden) and all(one in ("*", "#", other) for one, other in zip(hidden, word, strict=True))


@cache
def _slips() -> dict[str, str]:
    letters = "abcdefghijklmnopqrstuvwxyz"
    slips: dict[str, str] = {}
    for word in _TYPED_WRONG:
        for at in range(len(word) + 1):
            head, tail = word[:at], word[at:]
            forms = [head + letter + tail for letter in letters]
            if tail:
                forms += [head + tail[1:], *(head + letter + tail[1:] for letter in letters)]
            if len(tail) > 1:
                forms.append(head + tail[1] + tail[0] + tail[2:])
            slips |= {form: word for form in forms if form not in _TYPED_WRONG and form not in _REAL}
    return slips


_REAL = frozenset("suicides suicided overdosed overdoses overdone umringen selbstmorde suiciden".split())  # noqa: SIM905
"""Real words that differ by one letter."""
