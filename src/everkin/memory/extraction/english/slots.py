"""What a sentence about a person settles: category, slot, value, whether it is past. Pure.

One table for rules, models and a person's own hand: whoever words it, "lives in Leeds" is home = leeds. A slot holds one value
at a time; what stands side by side (hobbies, friends, plans) has none.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from everkin.domain.memory import Category
from everkin.memory.extraction.english.word_lists import listed
from everkin.memory.facts.similarity import without_brackets

KIN = listed(
    "mother father mum mom dad parents sister brother twin son daughter wife husband partner boyfriend girlfriend "
    "fiance fiancé fiancée fiancee grandmother grandfather grandma grandpa gran nan grandad granddad aunt uncle "
    "cousin niece nephew stepfather stepmother stepdad stepmum stepson stepdaughter stepsister stepbrother child "
    "kid kids children baby eldest youngest friend mate boss manager colleague flatmate roommate housemate "
    "neighbour neighbor teacher ex godmother godfather sister-in-law brother-in-law mother-in-law father-in-law"
)
PETS = listed(
    "dog cat kitten puppy rabbit bunny hamster parrot tortoise turtle goldfish fish horse pony snake lizard gecko "
    "ferret rat mouse budgie canary chicken hen goat pig labrador greyhound collie spaniel terrier poodle "
    "retriever beagle dachshund pug husky corgi guinea pig cockatiel chihuahua bulldog boxer dalmatian rottweiler "
    "shepherd lurcher whippet bird donkey alpaca"
)
PARTNERS = listed("wife husband partner boyfriend girlfriend fiance fiancé fiancée fiancee")
_MERGED = {"mum": "mother", "mom": "mother", "dad": "father", "kitten": "cat", "puppy": "dog", "bunny": "rabbit"}


@dataclass(frozen=True, slots=True)
class Shape:
    category: Category = Category.PERSONAL
    slot: str = ""
    value: str = ""
    ended: bool = False


_ARTICLE = re.compile(r"(?:an?|the|their|his|her)\s+")
_SIGNS = re.compile(r"[^\w&+#'/-]+")


def folded(value: str) -> str:
    """A value for comparison: lower case, no articles, no dates in brackets, single spaces."""
    value = without_brackets(value.casefold()).strip()
    value = _ARTICLE.sub("", value, count=1) if _ARTICLE.match(value) else value
    return _SIGNS.sub(" ", value).strip(" '")


def kin(word: str) -> str:
    return _MERGED.get(word, word)


_PAST = re.compile(r"^(?:used to|no longer|formerly|previously|once)\s+", re.I)
_BASE = {
    "live": "lives", "work": "works", "be": "is", "have": "has", "like": "likes", "love": "loves", "play": "plays",
    "study": "studies", "drive": "drives", "smoke": "smokes", "vape": "vapes", "drink": "drinks", "own": "owns", "hate": "hates",
    "speak": "speaks", "support": "supports", "enjoy": "enjoys", "teach": "teaches", "eat": "eats",
}  # fmt: skip


def shape(text: str) -> Shape:
    """Of a text in the third person without its subject: "lives in Leeds", "used to live in Rome", "their dog Pepper is 4"."""
    text = text.strip().rstrip(".!")
    past = _PAST.match(text)
    if past:
        text = text[past.end() :]
        verb, _, rest = text.partition(" ")
        text = f"{_BASE.get(verb, verb)} {rest}".strip()
    for pattern, make in _TABLE:
        if found := pattern.match(text):
            made = make(found)
            return Shape(made.category, made.slot, made.value, bool(past))
    return Shape(ended=bool(past))


def _one(slot: str, category: Category = Category.PERSONAL) -> Callable[[re.Match[str]], Shape]:
    return lambda found: Shape(category, slot, folded(found.group(found.lastindex or 0)))


def _taste(value: str) -> Callable[[re.Match[str]], Shape]:
    return lambda found: Shape(Category.PREFERENCE, f"taste:{_thing(found[1])}", value)


def _thing(words: str) -> str:
    words = folded(words)
    return words[:-1] if words.endswith("s") and not words.endswith("ss") and len(words) > 4 else words


def _favourite(found: re.Match[str]) -> Shape:
    return Shape(Category.PREFERENCE, f"favourite:{folded(found[1])}", folded(found[2]))


def _pet(found: re.Match[str]) -> Shape:
    return Shape(Category.RELATIONSHIP, f"pet:{folded(found[2])}", folded(found[1]))


def _kin_fact(found: re.Match[str]) -> Shape:
    """Of somebody of theirs: slots of their own, so that a brother's move never moves the person."""
    who = folded(found["name"] or kin(found["kin"].split()[-1].lower()))
    about = shape(found["rest"])
    if about.slot in {"age", "home", "job", "employer"}:
        return Shape(Category.RELATIONSHIP, f"kin:{who}:{about.slot}", about.value)
    if found["kin"].split()[-1].lower() in PETS and found["rest"].startswith("is ") and not found["name"]:
        return Shape(Category.RELATIONSHIP)
    return Shape(Category.RELATIONSHIP)


def _has_kin(found: re.Match[str]) -> Shape:
    relation, name = kin(found[1].split()[-1].lower()), folded(found[2])
    if relation in PARTNERS:
        return Shape(Category.RELATIONSHIP, "partner", name)
    return Shape(Category.RELATIONSHIP, f"kin:{name}", relation)


def _partner(found: re.Match[str]) -> Shape:
    return Shape(Category.RELATIONSHIP, "partner", folded(found[1]))


def _habit(found: re.Match[str]) -> Shape:
    negative = found[0].startswith(("does not", "never"))
    return Shape(Category.PERSONAL, f"habit:{found[1].rstrip('s')}", "no" if negative else "yes")


_NAMES = r"[A-ZÀ-Þ][\w'’-]*(?: [A-ZÀ-Þ][\w'’-]*)?"
_KIN = "|".join(sorted(map(re.escape, {*KIN, *PETS}), key=lambda word: (-len(word), word)))
_PLACE = r"((?:the )?[^,]+?)(?: with .+| near .+)?$"

_TABLE: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Shape]], ...] = tuple(
    (re.compile(pattern), make)
    for pattern, make in (
        (rf"their (?P<kin>(?:[\w-]+ )?(?:{_KIN}))(?:,? (?P<name>{_NAMES}))?,? (?P<rest>.+)$", _kin_fact),
        (r"(?:is (?:called|named)|goes by|name is|prefers to be called) (.+)$", _one("name")),
        (r"is (\d{1,3})(?: years old)?$", _one("age")),
        (r"(?:their )?birthday is (?:on )?(.+)$|was born on (.+)$", _one("birthday")),
        (rf"(?:lives|is living|is based) (?:in|near|on|at) {_PLACE}", _one("home")),
        (rf"moved (?:from .+ )?to {_PLACE}", _one("home")),
        (r"is (?:originally )?from (.+)$|comes from (.+)$", _one("origin")),
        (r"was born in (.+)$", _one("birthplace")),
        (r"grew up in (.+)$", _one("childhood home")),
        (r"works as (.+?)(?: (?:at|in|for|with) .+)?$|is employed as (.+?)$", _one("job")),
        (r"works (?:at|for) (.+?)(?: as .+)?$", _one("employer")),
        (r"(?:studies|is studying) (.+?)(?: at .+)?$", _one("studies")),
        (r"(?:is (?:married|engaged) to|is in a relationship with|is (?:seeing|dating|with)) ([^,]+)$", _partner),
        (r"is (single|divorced|married|engaged|widowed)$", _one("marital", Category.RELATIONSHIP)),
        (rf"has an? ([\w -]*?(?:{'|'.join(sorted(PETS))}))(?:,| called| named) ({_NAMES})$", _pet),
        (rf"has an? ([\w -]*?(?:{'|'.join(sorted(map(re.escape, KIN)))}))(?:,| called| named) ({_NAMES})$", _has_kin),
        (r"drives (.+)$", _one("car")),
        (r"(?:their )?favou?rite ([\w ]+?) (?:is|are) (.+)$", _favourite),
        (r"is (vegan|vegetarian|pescatarian|teetotal)$", _one("diet", Category.PREFERENCE)),
        (r"(?:does not |never )?(smokes?|vapes?|drinks? alcohol)$", _habit),
        (r"(?:likes|loves|enjoys|adores|is fond of|is into|is a fan of) (.+)$", _taste("like")),
        (r"(?:dislikes|hates|does not like|can not stand|is not a fan of|detests) (.+)$", _taste("dislike")),
        (r"(?:prefers|eats|does not eat|drinks|wants|fears|is afraid) (.+)$", lambda _: Shape(Category.PREFERENCE)),
        (r"(?:has|is (?:friends|married)) .*\b(?:" + _KIN + r")\b.*$", lambda _: Shape(Category.RELATIONSHIP)),
        (r"(?:plans|will|is going|went|started|starts|has an? (?:appointment|interview|exam|test|meeting|gig|lesson))\b.*$",
         lambda _: Shape(Category.EVENT)),
    )
)  # fmt: skip
