"""The intent of a message, by rules in order; the first that matches decides.

1. out_of_character: brackets of at least two, "OOC", a line beginning with "//". The user writes outside their role.
2. roleplay_action: an *action* between asterisks, unless it is one stressed word in the middle of a sentence.
3. meta: about the companion as a machine, the app, the model, its memory or its instructions.
4. farewell: short and taking leave. 5. greeting: a hello without a subject of its own ("hi, how are you?" is one).
6. request: asks for an action or a thing. 7. question: asks for information.
8. sharing: everything else; a statement, a feeling or an answer.
"""

import re
from enum import StrEnum

from everkin.analysis.features import clip
from everkin.analysis.intent_phrases import (
    ASKED_TO_DO,
    FAREWELL,
    GREETING,
    HELLO,
    IMPERATIVE,
    META,
    OUT_OF_CHARACTER,
    QUESTION,
    UNSPACED_FAREWELL,
    UNSPACED_GREETING,
)


class Intent(StrEnum):
    """The intents in the order of their rules; see the module."""

    OUT_OF_CHARACTER = "out_of_character"
    ROLEPLAY_ACTION = "roleplay_action"
    META = "meta"
    FAREWELL = "farewell"
    GREETING = "greeting"
    REQUEST = "request"
    QUESTION = "question"
    SHARING = "sharing"


SHORT = 60
"""Characters of a message that may consist of a greeting or a farewell only."""

_ACTION = re.compile(
    r"(?<![*\w])\*(?![\s*])([^*\n]{1,300}?)(?<!\s)\*(?![*\w])|(?<!\w)_(?!\s)([^_\n]{1,300} [^_\n]{1,300})_(?!\w)"
)
_DOING = re.compile(r"[^\W\d_]+(?:[^s\W]s|ing)", re.I)
"""One word that is an action rather than a stressed word: "nods", "giggling"."""
_BYE = re.compile(r"\bbye\b", re.I)
_STRESS = (
    "this his hers ours yours theirs its is was has does yes us always perhaps sometimes besides news things "
    "something anything nothing everything thing being going during morning evening king"
)
_STRESSED = frozenset(_STRESS.split())


def intent(text: str) -> Intent:
    """Return the intent of a message. Deterministic, never raises; an empty message is sharing."""
    text = clip(text).strip()
    if OUT_OF_CHARACTER.search(text):
        return Intent.OUT_OF_CHARACTER
    if _acts(text):
        return Intent.ROLEPLAY_ACTION
    if META.search(text):
        return Intent.META
    if _takes_leave(text):
        return Intent.FAREWELL
    if _greets(text):
        return Intent.GREETING
    if _requests(text):
        return Intent.REQUEST
    return Intent.QUESTION if _asks(text) else Intent.SHARING


def _acts(text: str) -> bool:
    for span in _ACTION.finditer(text):
        inside = (span.group(1) or span.group(2)).strip()
        alone = span.group() == text
        if " " in inside or alone or (_DOING.fullmatch(inside) and inside.lower() not in _STRESSED):
            return True
    return text.startswith("/me ")


def _takes_leave(text: str) -> bool:
    if len(text) > SHORT or ("?" in text and not _BYE.search(text)):
        return False
    return bool(FAREWELL.search(text) or UNSPACED_FAREWELL.search(text))


def _greets(text: str) -> bool:
    return len(text) <= SHORT and bool(GREETING.match(text) or UNSPACED_GREETING.match(text))


def _requests(text: str) -> bool:
    """An imperative that ends in "?" is a question ("Guess where?"), "can you...?" is not."""
    return bool(ASKED_TO_DO.search(text) or (not text.endswith(("?", "？")) and IMPERATIVE.search(text)))


def _asks(text: str) -> bool:
    """Return whether it asks a question, apart from a greeting at its beginning."""
    return bool(QUESTION.search(HELLO.sub("", text, count=1) or text))
