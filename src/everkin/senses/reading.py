"""A message read by all the senses at once."""

from dataclasses import dataclass

from everkin.senses.crisis import Crisis, crisis
from everkin.senses.emotion import Emotion, feel
from everkin.senses.intent import Intent, intent
from everkin.senses.language import language
from everkin.senses.nsfw import level


@dataclass(frozen=True, slots=True)
class Reading:
    """`nsfw_level` is 0..10 (everkin.senses.nsfw); `language` an ISO 639-1 code or "" where it cannot be told; `crisis`: whether
    its writer may be in danger."""

    emotion: Emotion
    intent: Intent
    nsfw_level: int
    language: str
    crisis: Crisis | None = None


def read(text: str) -> Reading:
    """Deterministic, never raises; tens of microseconds for a usual message, bounded for any."""
    spoken = language(text)
    return Reading(feel(text, english=spoken in ("", "en")), intent(text), level(text), spoken, crisis(text))
