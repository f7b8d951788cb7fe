"""Whether a message may be answered as it was a moment ago, and under which key. Pure.

A reply may be given again only when nothing it depends on can have changed. What it depends on is in the key: the person, the
conversation, the versions of persona and memory, the mood, the model, and the message letter by letter. What cannot be put
into a key is what was said in between, so messages are of three kinds:

greeting    "Hello!", "Guten Abend", "Hi Mira" — a closed list in many languages, with nothing else in the message. Its
            right answer does not depend on the dialogue.
standalone  a whole English question that carries all it asks about: "What is the capital of France?", "Do you like tea?".
            Even so somebody may have said "from now on your favourite colour is green" meanwhile; so its key also holds
            where the dialogue last turned: the number of the last message that was neither greeting nor standalone. It is
            answered again only while nothing else was said.
dependent   everything else, and never answered from the cache: statements, requests, answers (a bare "yes", "tea", "42",
            "Paris"), everything with a word that points (it, that, he, there, again, last, another, I, we), with a word of
            time, of feeling or of talking itself, with a figure, with a star for an action, of several sentences, and every
            language we cannot read. To miss costs one call; to replay wrongly costs trust.

Names: a greeting may name the character it greets and nobody else; in a question a capitalised word may be somebody of whom was
spoken, which the turning point covers.
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
"""Characters; what is longer says more than a greeting or one plain question."""

_PUNCTUATION = re.compile(r"[!¡.,~…！。、，\s]+")
_QUESTION = re.compile(r"[A-Za-z][A-Za-z' -]*[A-Za-z]\?")
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
_FEWEST_WORDS = 4


class Kind(Enum):
    GREETING = "greeting"
    STANDALONE = "standalone"
    DEPENDENT = "dependent"


@dataclass(frozen=True, slots=True)
class CacheQuestion:
    """One message as it reached the model."""

    user_id: str
    conversation_id: str
    persona_version: int
    memory_version: int
    emotion: str
    """The mood the reply was steered by."""
    model: str
    message: str
    character: str = ""
    """The name of who is spoken to."""
    turned_at: int = 0
    """See `turning_point`."""


def cache_key(asked: CacheQuestion) -> str:
    """The key for Purpose.reuse; empty: never. Different askings have different keys, whatever their texts hold."""
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
    """The highest number of those messages of people (everybody's in the conversation) that may have changed what is right to
    say; 0 when there is none. Hand in what came before the message that is to be answered."""
    return max((seq for seq, text in heard if kind_of(text, character) is Kind.DEPENDENT), default=0)


def kind_of(message: str, character: str = "") -> Kind:
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
    """Case-folded, composed, with marks as single blanks, without the emoji and smileys people put at the end."""
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
