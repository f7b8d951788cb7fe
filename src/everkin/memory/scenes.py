"""Where the rules stand in conversations, so that a line is not read again when the next one comes."""

from collections import OrderedDict
from dataclasses import dataclass

from everkin.domain.ids import ConversationId, UserId
from everkin.memory.extraction.english.rules import Scene


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a conversation, as the rules read it for one person."""

    conversation_id: ConversationId
    user_id: UserId
    seq: int
    """Of the last message read."""
    amended: int
    """As in domain/memory.py: Work. What was read before a change is out of date."""


class Scenes:
    """The scene at the last position of each conversation and person; at most `most` of them, those used last."""

    def __init__(self, most: int = 1024) -> None:
        self.missed = 0
        """How often a scene was not there, and lines were read again for it."""
        self._most = most
        self._kept: OrderedDict[tuple[ConversationId, UserId], tuple[Position, Scene]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def at(self, position: Position) -> Scene | None:
        """None where the rules have not come, or have gone on from, or where something was changed since."""
        kept = self._kept.get((position.conversation_id, position.user_id))
        if kept is not None and kept[0] == position:
            self._kept.move_to_end((position.conversation_id, position.user_id))
            return kept[1]
        if position.seq:
            self.missed += 1
        return None if position.seq else Scene()

    def keep(self, position: Position, scene: Scene) -> None:
        key = (position.conversation_id, position.user_id)
        self._kept[key] = (position, scene)
        self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def forget(self, conversation_id: ConversationId) -> None:
        """Nothing of the conversation is held any more."""
        for key in [key for key in self._kept if key[0] == conversation_id]:
            del self._kept[key]
