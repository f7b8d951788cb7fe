"""Who a conversation is between, as the jobs ask."""

from typing import Protocol

from everkin.domain.conversation import Conversation
from everkin.domain.ids import ConversationId


class ConversationReader(Protocol):
    """Fulfilled by wiring/memory.py."""

    async def conversation(self, conversation_id: ConversationId) -> Conversation:
        """NotFound."""

    async def names(self, conversation: Conversation) -> dict[str, str]: ...
