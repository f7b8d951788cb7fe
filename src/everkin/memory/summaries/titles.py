"""What a conversation is called and what it is like, without asking a model (pure)."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from everkin.domain.message import Message, SenderType
from everkin.memory.summaries.extractive import SummaryLine
from everkin.memory.summaries.topics import TOPICS, topics_of

TITLE_CHARS = 48
MOOD_MESSAGES = 20
"""The mood is that of the person's last messages; each further back counts a little less."""

_FADING = 0.9
_FAINT = 0.15
"""Share of the whole from which a mood is the conversation's; below it is neutral."""

TOPIC_MESSAGES = 400
MOST_TOPICS = 5
_HELLO = re.compile(r"^\W*(?:(?:hi|hey|hello|hiya|good (?:morning|evening|afternoon))\b(?: there)?[\s,!.]*)+", re.I)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s")
_GESTURE = re.compile(r"\*[^*\n]{1,400}\*")


def title_of(first_exchange: Sequence[SummaryLine]) -> str:
    """The opening words of the first person who says more than hello, else what it is about, else ""."""
    for line in first_exchange:
        said = _HELLO.sub("", _GESTURE.sub(" ", " ".join(line.text[:1000].split())).strip())
        if not line.by_character and len(said.split()) >= 3:
            return _shortened(_SENTENCE_END.split(said, maxsplit=1)[0].rstrip(" .!,;:"))
    topics = topics_of(" ".join(line.text for line in first_exchange))
    return f"About {topics[0]}" if topics else ""


def conversation_signs(messages: Sequence[Message]) -> dict[str, Any]:
    """`{"mood": "happy", "topics": ["music", "family"]}` for the conversation's metadata; messages in order, oldest first."""
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
    """What the person speaks of counts twice what the character does."""
    said: Counter[str] = Counter()
    for message in messages:
        for topic in topics_of(message.content):
            said[topic] += 2 if message.sender_type == SenderType.USER else 1
    return sorted(said, key=lambda topic: (-said[topic], TOPICS.index(topic)))[:MOST_TOPICS]


def _shortened(text: str) -> str:
    if len(text) > TITLE_CHARS:
        text = text[: TITLE_CHARS - 1].rsplit(" ", 1)[0].rstrip(" ,;:-") + "…"
    return text[:1].upper() + text[1:]
