"""Conversation reader: the port through which jobs read a conversation and its participants' names."""

from typing import Protocol

from everkin.domain.conversation import Conversation
from everkin.domain.ids import ConversationId


class ConversationReader(Protocol):
    """Reads conversations. Implemented by wiring/memory.py."""

    async def conversation(self, conversation_id: ConversationId) -> Conversation:
        """Return a conversation. Raises NotFound."""
        ...

    async def names(self, conversation: Conversation) -> dict[str, str]:
        """Return the participants' names by id of user or character."""
        ...
