"""Who a conversation is between, as the jobs ask."""

from typing import Protocol

from everkin.domain.conversation import Conversation
from everkin.domain.ids import ConversationId
from everkin.domain.memory import Pair


class Scene(Protocol):
    """Fulfilled by wiring_memory.py."""

    async def conversation(self, conversation_id: ConversationId) -> Conversation:
        """NotFound."""

    async def names(self, conversation: Conversation) -> dict[str, str]: ...


def pairs_of(conversation: Conversation) -> list[Pair]:
    return [Pair(each, user_id) for each in conversation.character_ids for user_id in conversation.user_ids]
