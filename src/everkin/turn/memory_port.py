"""Memory port: the interface between prompt inputs and memory, with its request and result types."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from everkin.context.scene import Bond
from everkin.domain.ids import ConversationId
from everkin.domain.memory import Pair, Recollection


@dataclass(frozen=True, slots=True)
class RecalledContext:
    """The memory that a prompt contains."""

    profile: str = ""
    """Current facts about the user, separated by semicolons; empty: none."""
    summary: str = ""
    """Summary of earlier messages; empty: none."""
    memories: tuple[str, ...] = ()
    """Recalled memories as text, best first."""
    bond: Bond | None = None
    """The relationship; None after fewer than four exchanges."""
    recollections: tuple[Recollection, ...] = ()
    """All recalled memories with their scores, including those already in the profile."""
    version: int = 0
    """Checksum of profile and summary. A cached reply made with another version is not reused."""

    def kept(self) -> list[dict[str, Any]]:
        """Return the recalled memories with their scores, for the reply's metadata."""
        return [
            {
                "id": each.memory.id,
                "kind": each.memory.kind.value,
                "conversationId": each.memory.conversation_id,
                "score": round(each.score, 3),
                "why": {name: round(part, 3) for name, part in each.why.items()},
            }
            for each in self.recollections
        ]


NOTHING = RecalledContext()
"""The empty memory."""


@dataclass(frozen=True, slots=True)
class RecallContext:
    """A request for the memory of one prompt."""

    pair: Pair
    """The responding character and the user it answers."""
    conversation_id: ConversationId
    """The conversation's id."""
    present: frozenset[str]
    """Ids of all participants who will see the reply, the responding characters included."""
    names: Mapping[str, str]
    """Names of all participants, by id."""
    message: str
    """Text of the message to be answered."""
    window: Sequence[str] = ()
    """Texts of the conversation's messages before it, oldest first."""
    window_ids: Sequence[str] = ()
    """Ids of the messages in `window`, in the same order."""
    shown: frozenset[str] = field(default_factory=frozenset)
    """Ids of the messages that the prompt contains in any case."""


class MemoryPort(Protocol):
    """Memory as turns use it. Implemented by turn/memory_context.py."""

    async def remember(self, moment: RecallContext) -> RecalledContext:
        """Return the memory for a prompt. Never raises when memory is unavailable."""

    async def called(self, pair: Pair) -> str:
        """Return the name a user gave to a character; empty while none was given. Never raises when memory is
        unavailable."""

    async def load_ahead(self, pair: Pair, conversation_id: ConversationId) -> None:
        """Load the memory that the next turn needs into the caches. Never raises when memory is unavailable."""


class NoMemory:
    """The empty memory, used where memory is switched off."""

    async def remember(self, moment: RecallContext) -> RecalledContext:
        return NOTHING

    async def called(self, pair: Pair) -> str:
        return ""

    async def load_ahead(self, pair: Pair, conversation_id: ConversationId) -> None:
        return None
