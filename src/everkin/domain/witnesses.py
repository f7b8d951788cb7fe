"""Which users and characters were present at a message."""

from collections.abc import Mapping
from typing import Any

from everkin.domain.conversation import Conversation

ABSENCES = "absences"
"""Key of a conversation's metadata: {character id: [[from seq, to seq], ...]}, both ends included. A second element
of null: still absent."""

Absences = Mapping[str, list[list[int | None]]]


def witnesses(conversation: Conversation, seq: int) -> frozenset[str]:
    """Return the ids of the users and characters present at message `seq`. Users always are: they can read all
    messages."""
    away: Absences = conversation.metadata.get(ABSENCES, {})
    present = (each for each in conversation.character_ids if not _absent(away.get(each, []), seq))
    return frozenset((*conversation.user_ids, *present))


def gone_away(metadata: Mapping[str, Any], character_id: str, last_seq: int) -> Mapping[str, Any]:
    """Return the metadata after the character left behind message `last_seq`; unchanged if it is absent already."""
    away: Absences = metadata.get(ABSENCES, {})
    spans = away.get(character_id, [])
    if spans and spans[-1][1] is None:
        return metadata
    return {**metadata, ABSENCES: {**away, character_id: [*spans, [last_seq + 1, None]]}}


def come_back(metadata: Mapping[str, Any], character_id: str, last_seq: int) -> Mapping[str, Any]:
    """Return the metadata after the character returned, having missed all messages up to `last_seq`."""
    away: Absences = metadata.get(ABSENCES, {})
    spans = away.get(character_id, [])
    if not spans or spans[-1][1] is not None:
        return metadata
    missed = [] if (spans[-1][0] or 0) > last_seq else [[spans[-1][0], last_seq]]
    return {**metadata, ABSENCES: {**away, character_id: [*spans[:-1], *missed]}}


def _absent(spans: list[list[int | None]], seq: int) -> bool:
    return any((start or 0) <= seq and (end is None or seq <= end) for start, end in spans)
