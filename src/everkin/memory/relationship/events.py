"""Relationship events: the effects of one user message on the relationship with a character (pure).

They depend only on the message, the analysis metadata stored with it and the message before it, so that repeating the
extraction gives the same events under the same ids. Role-play actions and messages out of character cause no conflict.
"""

import hashlib
import math
from collections.abc import Iterator, Mapping

from everkin.domain.ids import CharacterId, UserId
from everkin.domain.memory import BondEvent
from everkin.domain.message import CRISIS, Message, MessageType, SenderType
from everkin.memory.relationship import english_phrases as words
from everkin.memory.relationship.formula import Kind
from everkin.memory.summaries.topics import topics_of

READ_CHARS = 4000
"""Characters of a message that are read."""
LONG = 120
"""Characters from which a message about oneself counts as opening up even without a fact found in it."""

FELT = 0.6
"""Intensity (0..1) from which a mood counts as an event."""

MOST_FACTS = 4
"""Facts of one message that add to the weight of SHARED."""

AMOUNTS: Mapping[Kind, Mapping[str, float]] = {
    Kind.EXCHANGE: {"level": 0.12, "trust": 0.05, "intimacy": 0.03},
    Kind.TOPIC: {},
    Kind.SHARED: {"level": 0.2, "trust": 0.25, "intimacy": 0.45},
    Kind.WARMTH: {"level": 0.2, "trust": 0.25, "intimacy": 0.25},
    Kind.HUMOUR: {"level": 0.15, "trust": 0.05, "intimacy": 0.1},
    Kind.COMFORT: {"level": 0.2, "trust": 0.4, "intimacy": 0.6},
    Kind.JOY: {"level": 0.2, "trust": 0.15, "intimacy": 0.25},
    Kind.SCENE: {"level": 0.1, "intimacy": 0.1},
    Kind.CONFLICT: {"level": -3.0, "trust": -8.0, "intimacy": -3.0},
    Kind.REPAIR: {"trust": 0.2, "intimacy": 0.1},
}
"""Points of one event of weight 1 before diminishing returns (memory/relationship/formula.py)."""

COLD = 0.4
"""Weight of an unkind phrase relative to an insult."""

FLIRT = 1.3
"""Weight of a flirty message relative to one with an affectionate phrase."""
_IN_A_ROLE = ("roleplay_action", "out_of_character", "meta")


def events_of(
    message: Message, preceding: Message | None, facts_learnt: int, character_id: CharacterId
) -> list[BondEvent]:
    """Return the events of a message; empty for messages that no user wrote, deleted messages and empty ones.

    `facts_learnt`: number of facts found in it. In a conversation with several characters it is called once for each
    character who was present.
    """
    if message.sender_type != SenderType.USER or message.deleted_at is not None or message.type == MessageType.SYSTEM:
        return []
    text = message.content[:READ_CHARS]
    if not text.strip() and message.type == MessageType.TEXT:
        return []
    topics = topics_of(text)
    main = topics[0] if topics else ""
    told = dict(_happened(message, text, preceding, facts_learnt))
    events = [_event(message, character_id, kind, weight, main) for kind, weight in told.items()]
    return events + [_event(message, character_id, Kind.TOPIC, 0.0, topic) for topic in topics[1:]]


def event_id(message: Message, character_id: CharacterId, kind: str, topic: str = "") -> str:
    """Return the event's id. It is determined by the message, character, kind and, for TOPIC, the topic."""
    said = "\0".join((message.id, character_id, kind, topic if kind == Kind.TOPIC else ""))
    return f"bnd_{hashlib.blake2b(said.encode(), digest_size=14).hexdigest()}"


def _event(message: Message, character_id: CharacterId, kind: Kind, weight: float, topic: str) -> BondEvent:
    return BondEvent(
        id=event_id(message, character_id, kind, topic),
        character_id=character_id,
        user_id=UserId(message.sender_id),
        conversation_id=message.conversation_id,
        message_id=message.id,
        kind=kind.value,
        amounts={name: round(points * weight, 4) for name, points in AMOUNTS[kind].items()},
        at=message.created_at,
        topic=topic if kind in (Kind.EXCHANGE, Kind.TOPIC) or kind in _ABOUT else "",
    )


_ABOUT = (Kind.SHARED, Kind.COMFORT, Kind.JOY)


def _happened(
    message: Message, text: str, preceding: Message | None, facts_learnt: int
) -> Iterator[tuple[Kind, float]]:
    intent = str(message.metadata.get("intent", ""))
    yield Kind.EXCHANGE, _size(text)
    if intent == "roleplay_action":
        yield Kind.SCENE, 1.0
    said = words.REPORTED.sub(" ", text)
    laughing = bool(words.LAUGHTER.search(said) or words.JOKE.search(said))
    conflict = 0.0 if laughing or intent in _IN_A_ROLE else _conflict(said, message)
    if conflict:
        yield Kind.CONFLICT, conflict
    if intent not in _IN_A_ROLE and words.APOLOGY.search(said):
        yield Kind.REPAIR, 1.0
    if facts_learnt > 0 or _confides(text, preceding):
        yield Kind.SHARED, math.sqrt(max(1, min(facts_learnt, MOST_FACTS)))
    if not conflict:
        yield from _kindly(message, said, laughing)


def _kindly(message: Message, said: str, laughing: bool) -> Iterator[tuple[Kind, float]]:
    mood, felt = _mood(message), _intensity(message)
    sharing = str(message.metadata.get("intent", "sharing")) == "sharing"
    if words.AFFECTION.search(said) or mood == "flirty":
        yield Kind.WARMTH, FLIRT if mood == "flirty" else 1.0
    elif words.THANKS.search(said):
        yield Kind.WARMTH, 0.7
    if laughing:
        yield Kind.HUMOUR, 1.0
    if sharing and felt >= FELT and mood in ("sad", "happy"):
        yield (Kind.COMFORT if mood == "sad" else Kind.JOY), felt


def _size(text: str) -> float:
    """Return the weight of a message by its length.

    0.5 for a word, 1 for a sentence of 60 characters, at most 1.5 for a long paragraph.
    """
    return max(0.5, min(1.5, 0.25 * math.log2(1 + len(text) / 4)))


def _conflict(said: str, message: Message) -> float:
    """Return the weight of an insult or unkind phrase, 0 if there is none. An angry mood raises it."""
    angry = 0.5 * _intensity(message) if _mood(message) == "angry" else 0.0
    if words.INSULT.search(said):
        return 1.0 + angry
    return COLD * (1.0 + angry) if words.COLDNESS.search(said) else 0.0


def _confides(text: str, preceding: Message | None) -> bool:
    """Return whether the text is about oneself and at least LONG.

    As an answer to the character's question, half of LONG suffices.
    """
    asked = preceding is not None and preceding.sender_type == SenderType.CHARACTER and "?" in preceding.content
    return len(text) >= (LONG / 2 if asked else LONG) and words.CONFIDING.search(text) is not None


def _mood(message: Message) -> str:
    """Return the stored mood.

    Always "sad" for a user who may be in danger, so that the message counts neither as flirting nor as quarrelling.
    """
    return "sad" if message.metadata.get(CRISIS) else str(message.metadata.get("mood", "neutral"))


def _intensity(message: Message) -> float:
    """Return the stored intensity, clipped to 0..1.

    Metadata is not validated: anything but a finite number is 0.
    """
    value = message.metadata.get("intensity", 0.0)
    known = isinstance(value, int | float) and math.isfinite(value)
    return min(1.0, max(0.0, float(value))) if known else 0.0
