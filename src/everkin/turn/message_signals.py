"""Message signals: mood, intent, NSFW level, language and crisis signs of a message, for its metadata and the
prompt."""

import asyncio
from collections.abc import Mapping
from typing import Any

from everkin.analysis.message_analysis import analyse
from everkin.domain.message import CRISIS

SHORT = 200
"""Texts of up to this many characters are analysed on the event loop."""

NSFW_FROM = 4
"""The level from which a message counts as not safe for work."""

STRONG, MILD = 0.75, 0.35
"""Intensity from which a mood is called strong, and up to which it is called slight."""


async def sense(text: str) -> dict[str, Any]:
    """Return `message_signals`, for a long text in a thread: an adversarial text takes some milliseconds."""
    return message_signals(text) if len(text) <= SHORT else await asyncio.to_thread(message_signals, text)


def message_signals(text: str) -> dict[str, Any]:
    """Return the metadata of a message: mood and its intensity 0..1, intent, NSFW level 0..10, language where it can be
    detected, and whether its writer may be in danger."""
    reading = analyse(text)
    kept: dict[str, Any] = {
        "mood": reading.emotion.kind.value,
        "intensity": round(reading.emotion.intensity, 2),
        "intent": reading.intent.value,
        "nsfwLevel": reading.nsfw_level,
        "isNsfw": reading.nsfw_level >= NSFW_FROM,
    }
    if reading.language:
        kept["language"] = reading.language
    if reading.crisis is not None:
        kept |= {CRISIS: True, "crisisSign": reading.crisis.value}
    return kept


def mood_words(metadata: Mapping[str, Any]) -> str:
    """Return the mood for the prompt, such as `sad, strongly`.

    Empty for a neutral message, for one without signals, and for one whose writer may be in danger, since the mood must
    not set the tone of that reply.
    """
    if metadata.get(CRISIS):
        return ""
    mood = str(metadata.get("mood", "neutral"))
    if mood == "neutral":
        return ""
    intensity = float(metadata.get("intensity", 0.5))
    if intensity >= STRONG:
        return f"{mood}, strongly"
    return f"{mood}, slightly" if intensity <= MILD else mood
