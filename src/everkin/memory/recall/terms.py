"""Terms for lexical search: case-folded words without stop words, reduced to stems (pure).

The stemmer only strips suffixes; a stem need not be a word, it must only be the same for "paint", "painted" and
"painting". Scripts without spaces are cut into pairs of letters.
"""

import re
import unicodedata
from functools import lru_cache

READ_CHARS = 4000
"""Characters of a text that are read."""

_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]")
_LITTLE = (
    "a about after again all also am an and any are as at be because been before being both but by can cant could did "
    "didnt do does doing done dont down during each few for from further get gonna got gotta had has have having he "
    "hello her here hers hey hi him his how i id if ill im in into is isnt it its ive just know let lets like may me "
    "might mine more most much must my no nor not now of off oh ok okay on once only or other our ours out over own "
    "really remember same shall she should so some such tell than that thats the their theirs them then there these "
    "they theyre this those through to too uh um under until up us very was we well were what whats when where which "
    "while who whom whose why will with wont would wow yeah yes you your youre yours youve"
)
STOP = frozenset(_LITTLE.split())
_FORMS = (
    "went:go gone:go goes:go bought:buy brought:bring thought:think taught:teach caught:catch made:make took:take "
    "taken:take gave:give given:give saw:see seen:see came:come met:meet ate:eat eaten:eat wrote:write written:write "
    "read:read ran:run sang:sing sung:sing swam:swim drew:draw drawn:draw drove:drive driven:drive flew:fly grew:grow "
    "grown:grow knew:know known:know lost:lose won:win sold:sell told:tell said:say felt:feel kept:keep left:leave "
    "slept:sleep spent:spend sent:send built:build broke:break broken:break chose:choose chosen:choose began:begin "
    "begun:begin fell:fall found:find heard:hear held:hold hurt:hurt led:lead lent:lend paid:pay rode:ride rose:rise "
    "spoke:speak spoken:speak stood:stand stole:steal threw:throw understood:understand woke:wake wore:wear worn:wear "
    "children:child kids:child kid:child men:man women:woman people:person mice:mouse feet:foot teeth:tooth "
    "better:good best:good worse:bad worst:bad mum:mother mom:mother mommy:mother mummy:mother dad:father "
    "daddy:father grandma:grandmother granny:grandmother nan:grandmother grandpa:grandfather granddad:grandfather "
    "tv:television photo:picture photos:picture pic:picture pics:picture favourite:favorite colour:color "
    "uni:university died:die dying:die lying:lie lives:live life:live hobbies:hobby movies:film movie:film job:work "
    "jobs:work doggo:dog pup:puppy puppies:puppy bike:bicycle bikes:bicycle exam:exam"
)
"""Irregular forms, and synonyms, with the word that replaces them."""

_IRREGULAR = dict(form.split(":") for form in _FORMS.split())
_KEEP_SS = ("ss", "us", "is")
_VOWELS = "aeiouy"


def tokens(text: str) -> list[str]:
    """Return the stems in order; stop words are included unchanged."""
    clipped = text[:READ_CHARS]
    if clipped.isascii():
        return [stem(word) for word in _TOKEN.findall(clipped.lower())]
    return [stem(piece) for word in _TOKEN.findall(_folded(clipped)) for piece in _pieces(word)]


def terms(text: str) -> list[str]:
    """Return the stems without stop words."""
    return [term for term in tokens(text) if term not in STOP]


def _folded(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text.lower())[:READ_CHARS]  # one letter may become 18
    return unicodedata.normalize("NFC", "".join(c for c in parts if not ("\u0300" <= c <= "\u036f")))


def _pieces(word: str) -> list[str]:
    if not _UNSPACED.search(word) or len(word) < 3:
        return [word]
    return [word[i : i + 2] for i in range(len(word) - 1)]


@lru_cache(16384)
def stem(word: str) -> str:
    """Return the stem of a word in lower case."""
    word = word.replace("’", "'").removesuffix("'s").replace("'", "")
    if word in STOP:
        return word
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) <= 3 or not word.isalpha():
        return word
    return _tail(_verb(_plural(word)))


def _plural(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(_KEEP_SS):
        return word[:-1]
    return word


def _verb(word: str) -> str:
    for suffix in ("ingly", "edly", "ing", "ied", "ed"):
        if word.endswith(suffix) and len(word) - len(suffix) >= 2:
            root = word[: -len(suffix)]
            if not any(letter in _VOWELS for letter in root):
                return word
            if suffix == "ied":
                return root + "y"
            return root[:-1] if len(root) > 3 and root[-1] == root[-2] and root[-1] not in "lsz" else root
    return word


def _tail(word: str) -> str:
    for suffix, instead in _TAILS:
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            word = word[: -len(suffix)] + instead
            break
    if len(word) > 4 and word.endswith("e"):
        word = word[:-1]
    return word[:-1] + "i" if len(word) > 3 and word.endswith("y") else word


_TAILS = (
    ("ational", "at"), ("ization", "iz"), ("fulness", "ful"), ("iveness", "iv"), ("ousness", "ous"), ("ation", "at"),
    ("ement", ""), ("ness", ""), ("ment", ""), ("tion", "t"), ("sion", "s"), ("ally", "al"), ("ence", "ent"),
    ("ance", "ant"), ("able", ""), ("ible", ""), ("ism", ""), ("ist", ""), ("ous", ""), ("ive", ""), ("ful", ""), ("ly", ""),
    ("er", ""), ("or", ""),
)  # fmt: skip
"""Suffixes with their replacements, longest first."""
