"""A moment of a conversation, and what is remembered in it: what gathering and remembering trade in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from everkin.context.scene import Bond
from everkin.domain.ids import ConversationId
from everkin.domain.memory import Pair, Recollection


@dataclass(frozen=True, slots=True)
class RecalledContext:
    """`version` differs whenever what lasts of it differs: a reply made with another one is not given again."""

    profile: str = ""
    summary: str = ""
    memories: tuple[str, ...] = ()
    bond: Bond | None = None
    recollections: tuple[Recollection, ...] = ()
    version: int = 0

    def kept(self) -> list[dict[str, Any]]:
        """For the reply's metadata: what was recalled, and why."""
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


@dataclass(frozen=True, slots=True)
class RecallContext:
    """Who is about to speak to whom, before whom, and what stands in the window already."""

    pair: Pair
    conversation_id: ConversationId
    present: frozenset[str]
    """Ids of all who will hear it, the speakers among them."""
    names: Mapping[str, str]
    """Of everybody, by id."""
    message: str
    window: Sequence[str] = ()
    """The lines the model will be shown anyway, oldest first, and their ids."""
    window_ids: Sequence[str] = ()
    shown: frozenset[str] = field(default_factory=frozenset)


class MemoryPort(Protocol):
    """Fulfilled by turn/memory_context.py."""

    async def remember(self, moment: RecallContext) -> RecalledContext:
        """Never raises because memory is away."""

    async def called(self, pair: Pair) -> str:
        """The name a person gave to a character, empty while they gave none. Never raises because memory is away."""

    async def load_ahead(self, pair: Pair, conversation_id: ConversationId) -> None:
        """What the next turn will ask for. Never raises because memory is away."""


class NoMemory:
    """Remembers nothing: where memory is switched off."""

    async def remember(self, moment: RecallContext) -> RecalledContext:
        return NOTHING

    async def called(self, pair: Pair) -> str:
        return ""

    async def load_ahead(self, pair: Pair, conversation_id: ConversationId) -> None:
        return None
