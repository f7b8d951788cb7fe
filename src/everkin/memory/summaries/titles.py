"""Titles, moods and main topics of conversations without a model (pure)."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from everkin.domain.message import Message, SenderType
from everkin.memory.summaries.extractive import SummaryLine
from everkin.memory.summaries.topics import TOPICS, topics_of

TITLE_CHARS = 48
"""Characters of a title."""
MOOD_MESSAGES = 20
"""The mood is taken from this many last messages of users."""

_FADING = 0.9
"""Factor by which the weight of a message falls with each message further back."""
_FAINT = 0.15
"""Share of the total weight from which a mood is the conversation's; below it the mood is neutral."""

TOPIC_MESSAGES = 400
"""Last messages that topics are counted in."""
MOST_TOPICS = 5
"""Topics of a conversation."""
_HELLO = re.compile(r"^\W*(?:(?:hi|hey|hello|hiya|good (?:morning|evening|afternoon))\b(?: there)?[\s,!.]*)+", re.I)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s")
_GESTURE = re.compile(r"\*[^*\n]{1,400}\*")


def title_of(first_exchange: Sequence[SummaryLine]) -> str:
    """Return a title: the opening words of the first user who writes more than a greeting.

    Otherwise "About" and the main topic, or "" without a topic.
    """
    for line in first_exchange:
        said = _HELLO.sub("", _GESTURE.sub(" ", " ".join(line.text[:1000].split())).strip())
        if not line.by_character and len(said.split()) >= 3:
            return _shortened(_SENTENCE_END.split(said, maxsplit=1)[0].rstrip(" .!,;:"))
    topics = topics_of(" ".join(line.text for line in first_exchange))
    return f"About {topics[0]}" if topics else ""


def conversation_signs(messages: Sequence[Message]) -> dict[str, Any]:
    """Return mood and topics for the conversation's metadata: `{"mood": "happy", "topics": ["music", "family"]}`.

    `messages` are ordered, oldest first.
    """
    heard = [message for message in messages if message.deleted_at is None]
    return {"mood": _mood(heard), "topics": _topics(heard[-TOPIC_MESSAGES:])}


def _mood(messages: Sequence[Message]) -> str:
    mine = [message.metadata for message in messages if message.sender_type == SenderType.USER][-MOOD_MESSAGES:]
    felt: defaultdict[str, float] = defaultdict(float)
    whole = 0.0
    for back, metadata in enumerate(reversed(mine)):
        whole += _FADING**back
        felt[str(metadata.get("mood") or "neutral")] += _FADING**back * _intensity(metadata)
    felt.pop("neutral", None)
    mood = min(felt, key=lambda name: (-felt[name], name), default="neutral")
    return mood if whole and felt[mood] / whole >= _FAINT else "neutral"


def _intensity(metadata: Mapping[str, Any]) -> float:
    value = metadata.get("intensity", 0.5)
    return min(1.0, max(0.0, float(value))) if isinstance(value, int | float) and math.isfinite(value) else 0.0


def _topics(messages: Sequence[Message]) -> list[str]:
    """Return the main topics. A user's mention counts twice, a character's once."""
    said: Counter[str] = Counter()
    for message in messages:
        for topic in topics_of(message.content):
            said[topic] += 2 if message.sender_type == SenderType.USER else 1
    return sorted(said, key=lambda topic: (-said[topic], TOPICS.index(topic)))[:MOST_TOPICS]


def _shortened(text: str) -> str:
    if len(text) > TITLE_CHARS:
        text = text[: TITLE_CHARS - 1].rsplit(" ", 1)[0].rstrip(" ,;:-") + "…"
    return text[:1].upper() + text[1:]
