"""Which messages may be answered from the response cache, and under which key. Pure.

A reply may be repeated only when everything it depends on is unchanged. The key contains the user, the conversation,
the versions of persona and memory, the mood, the model, and the exact text of the message. The dialogue in between
cannot be put into a key, so messages are of three kinds:

greeting    "Hello!", "Guten Abend", "Hi Mira": a closed list in many languages, with no other text in the message. The
            right answer does not depend on the dialogue.
standalone  A whole English question that contains everything it asks about: "What is the capital of France?", "Do you
            like tea?". A message such as "from now on your favourite colour is green" may still have changed the
            answer, so the key also contains the turning point: the number of the last message that was neither
            greeting nor standalone. The cached reply is used only while no other kind of message was sent.
dependent   Everything else, never answered from the cache: statements, requests, answers (a bare "yes", "tea", "42",
            "Paris"), everything with a referring word (it, that, he, there, again, last, another, I, we), with a word
            of time, of feeling or of talking itself, with a digit, with a star for an action, of several sentences,
            and every language not covered here. A miss costs one call; a wrong replay costs the user's trust.

Names: a greeting may contain the name of the character it greets, and no other name. In a question a capitalised word
may be a person mentioned earlier, which the turning point covers.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from everkin.llm.gateway.cache_words import DEPENDENT, GREETINGS, OPENERS

LONGEST = 120
"""Characters; a longer message contains more than a greeting or one plain question."""

_PUNCTUATION = re.compile(r"[!¡.,~…！。、，\s]+")
_QUESTION = re.compile(r"[A-Za-z][A-Za-z' -]*[A-Za-z]\?")
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
_FEWEST_WORDS = 4


class Kind(Enum):
    """How far the right answer to a message depends on the dialogue; see the module."""

    GREETING = "greeting"
    STANDALONE = "standalone"
    DEPENDENT = "dependent"


@dataclass(frozen=True, slots=True)
class CacheQuestion:
    """A message with everything its reply depends on."""

    user_id: str
    """The user's id; "" prevents caching."""
    conversation_id: str
    """The conversation's id; "" prevents caching."""
    persona_version: int
    """Version of the character's persona."""
    memory_version: int
    """Version of the character's memory."""
    emotion: str
    """The mood by which the reply was steered."""
    model: str
    """Name of the model that answers."""
    message: str
    """Text of the message, exactly as the model received it."""
    character: str = ""
    """Name of the character spoken to."""
    turned_at: int = 0
    """Number of the message at the turning point; see `turning_point`."""


def cache_key(asked: CacheQuestion) -> str:
    """Return the key for `Purpose.reuse`, or "" when the message must not be answered from the cache. Different
    questions have different keys, whichever texts they contain."""
    kind = kind_of(asked.message, asked.character)
    if kind is Kind.DEPENDENT or not (asked.user_id and asked.conversation_id):
        return ""
    parts = [
        asked.user_id,
        asked.conversation_id,
        asked.persona_version,
        asked.memory_version,
        asked.emotion,
        asked.model,
        asked.message,
        asked.character,
        asked.turned_at if kind is Kind.STANDALONE else -1,
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def turning_point(heard: Iterable[tuple[int, str]], character: str = "") -> int:
    """Return the highest number among the users' messages (all users of the conversation) that may have changed the
    right answer, or 0. Pass the messages before the one to answer."""
    return max((seq for seq, text in heard if kind_of(text, character) is Kind.DEPENDENT), default=0)


def kind_of(message: str, character: str = "") -> Kind:
    """Return the kind of a message to the character of that name."""
    if len(message) > LONGEST:
        return Kind.DEPENDENT
    if _is_greeting(message, character):
        return Kind.GREETING
    return Kind.STANDALONE if _is_standalone(message) else Kind.DEPENDENT


def _is_greeting(message: str, character: str) -> bool:
    plain = _plain(message)
    name = _plain(character)
    return plain in GREETINGS or bool(name and plain.endswith(f" {name}") and plain[: -len(name) - 1] in GREETINGS)


def _plain(text: str) -> str:
    """Case-folded and composed, punctuation replaced by single blanks, emoji and smileys removed."""
    folded = unicodedata.normalize("NFC", text.casefold())
    kept = "".join(character for character in folded if not _is_ornament(character))
    return _PUNCTUATION.sub(" ", kept).strip()


def _is_ornament(character: str) -> bool:
    return character in "\ufe0f\u200d" or unicodedata.category(character) in ("So", "Sk")


def _is_standalone(message: str) -> bool:
    text = message.strip().replace("’", "'")
    if not _QUESTION.fullmatch(text):
        return False
    words = _WORD.findall(text.lower())
    if len(words) < _FEWEST_WORDS or not any(text.lower().startswith(opener) for opener in OPENERS):
        return False
    return not any(_depends(word) for word in words)


def _depends(word: str) -> bool:
    stem = word.partition("'")[0]
    return word in DEPENDENT or stem in DEPENDENT or (word.endswith("ing") and len(word) > 5)
