"""Responders: chooses the characters that answer a message. Pure: randomness comes from the `rng` argument."""

import re
from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import lru_cache

from everkin.domain.character import Character
from everkin.domain.ids import CharacterId
from everkin.domain.message import SenderType
from everkin.domain.record import Log

Rng = Callable[[], float]
"""Returns a uniform random number, 0 <= x < 1."""


class Speaking(StrEnum):
    """How responders are chosen where several characters take part; stored in the conversation's metadata as
    `speaking`.

    In all modes but MANUAL, characters mentioned by name answer.
    """

    NATURAL = "natural"
    """Each character answers with the probability of its talkativeness; at least one does."""
    LIST = "list"
    """The characters answer in turn."""
    MENTIONED = "mentioned"
    """Only mentioned characters answer."""
    MANUAL = "manual"
    """No character answers unless asked to (`TurnService.ask`)."""


def choose_responders(text: str, characters: Sequence[Character], log: Log, rng: Rng) -> tuple[CharacterId, ...]:
    """Return the responding characters in speaking order. A conversation's only character always answers."""
    if len(characters) <= 1:
        return tuple(character.id for character in characters)
    mode = _mode(log)
    if mode is Speaking.MANUAL:
        return ()
    if called := _called(text, characters):
        return called
    if mode is Speaking.MENTIONED:
        return ()
    return _next_in_turn(characters, log) if mode is Speaking.LIST else _natural(characters, rng)


def _mode(log: Log) -> Speaking:
    wished = log.conversation.metadata.get("speaking", Speaking.NATURAL)
    return Speaking(wished) if wished in set(Speaking) else Speaking.NATURAL


def _called(text: str, characters: Sequence[Character]) -> tuple[CharacterId, ...]:
    places = [(match.start(), character.id) for character in characters if (match := _name_in(character.name, text))]
    return tuple(character_id for _, character_id in sorted(places))


def _name_in(name: str, text: str) -> re.Match[str] | None:
    return _calling(name.split()[0] if name.split() else name).search(text)


@lru_cache(maxsize=1024)
def _calling(first: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(first)}(?!\w)", re.IGNORECASE)


def _next_in_turn(characters: Sequence[Character], log: Log) -> tuple[CharacterId, ...]:
    order = [character.id for character in characters]
    spoke = [
        entry.message.sender_id
        for entry in log.entries
        if entry.message.sender_type is SenderType.CHARACTER and entry.message.sender_id in order
    ]
    last = order.index(CharacterId(spoke[-1])) if spoke else -1
    return (order[(last + 1) % len(order)],)


def _natural(characters: Sequence[Character], rng: Rng) -> tuple[CharacterId, ...]:
    rolls = [(character.persona.talkativeness - rng(), character.id) for character in characters]
    speaking = [roll for roll in rolls if roll[0] > 0] or [max(rolls)]
    return tuple(character_id for _, character_id in sorted(speaking, reverse=True))
