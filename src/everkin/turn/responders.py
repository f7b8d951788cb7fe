"""Who answers a message. Pure."""

import re
from collections.abc import Sequence

from everkin.domain.character import Character
from everkin.domain.ids import CharacterId
from everkin.domain.message import SenderType
from everkin.domain.record import Log


def choose_responders(text: str, cast: Sequence[Character], log: Log) -> tuple[CharacterId, ...]:
    """The only one; else those called by name, in that order; else the one who spoke last; else the first."""
    if len(cast) <= 1:
        return tuple(character.id for character in cast)
    called = [(match.start(), character.id) for character in cast if (match := _called(character.name, text))]
    if called:
        return tuple(character_id for _, character_id in sorted(called))
    present = {character.id for character in cast}
    for entry in reversed(log.entries):
        if entry.message.sender_type is SenderType.CHARACTER and entry.message.sender_id in present:
            return (CharacterId(entry.message.sender_id),)
    return (cast[0].id,)


def _called(name: str, text: str) -> re.Match[str] | None:
    first = name.split()[0] if name.split() else name
    return re.search(rf"(?<!\w){re.escape(first)}(?!\w)", text, re.IGNORECASE)
