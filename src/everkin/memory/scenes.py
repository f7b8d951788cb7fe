"""Scenes: the extraction rules' state in each conversation, so that earlier lines are not read again for a new one."""

from collections import OrderedDict
from dataclasses import dataclass

from everkin.domain.ids import ConversationId, UserId
from everkin.memory.extraction.english.rules import Scene


@dataclass(frozen=True, slots=True)
class Position:
    """How far the rules have read a conversation for one user."""

    conversation_id: ConversationId
    """The conversation's id."""
    user_id: UserId
    """The user whose facts are extracted."""
    seq: int
    """Of the last message read; 0: none."""
    amended: int
    """As `Work.amended` in domain/memory.py. A scene read before a change is out of date."""


class Scenes:
    """The scene at the last position of each conversation and user. At most `most`, least recently used dropped
    first.
    """

    def __init__(self, most: int = 1024) -> None:
        self.missed = 0
        """Number of lookups without a cached scene, for which lines were read again."""
        self._most = most
        self._kept: OrderedDict[tuple[ConversationId, UserId], tuple[Position, Scene]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def at(self, position: Position) -> Scene | None:
        """Return the scene at exactly this position, or None if it is not cached. At seq 0 that is a new Scene."""
        kept = self._kept.get((position.conversation_id, position.user_id))
        if kept is not None and kept[0] == position:
            self._kept.move_to_end((position.conversation_id, position.user_id))
            return kept[1]
        if position.seq:
            self.missed += 1
        return None if position.seq else Scene()

    def keep(self, position: Position, scene: Scene) -> None:
        """Store the scene at this position."""
        key = (position.conversation_id, position.user_id)
        self._kept[key] = (position, scene)
        self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def forget(self, conversation_id: ConversationId) -> None:
        """Drop all scenes of the conversation."""
        for key in [key for key in self._kept if key[0] == conversation_id]:
            del self._kept[key]
