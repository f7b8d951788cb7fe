"""Conversations and their messages, as people may see and change them. (Signatures first; bodies follow.)"""

from collections.abc import Sequence

from everkin.domain.caller import Caller
from everkin.domain.conversation import Conversation, ConversationQuery, ConversationStatus
from everkin.domain.record import ConversationPage, Log, LogEntry


class Conversing:
    async def create(self, caller: Caller, characters: Sequence[str], title: str = "") -> Conversation:
        """`characters` by id or slug, 1 to 8 of them. The first one's greeting becomes the first message."""
        raise NotImplementedError

    async def get(self, caller: Caller, conversation_id: str) -> tuple[Conversation, int]:
        """With the number of unread messages."""
        raise NotImplementedError

    async def find(self, caller: Caller, query: ConversationQuery) -> ConversationPage:
        raise NotImplementedError

    async def rename(self, caller: Caller, conversation_id: str, title: str) -> Conversation:
        raise NotImplementedError

    async def set_status(self, caller: Caller, conversation_id: str, status: ConversationStatus) -> Conversation:
        """ACTIVE restores, ARCHIVED puts away (no new messages), DELETED is for good and stops running turns."""
        raise NotImplementedError

    async def history(
        self,
        caller: Caller,
        conversation_id: str,
        *,
        before: int | None = None,
        after: int | None = None,
        limit: int = 50,
    ) -> Log:
        raise NotImplementedError

    async def missed(self, caller: Caller, conversation_id: str, last_seq: int, last_revision: int | None) -> Log:
        """At most 1000 entries; `more` when there would be others."""
        raise NotImplementedError

    async def message(self, caller: Caller, message_id: str) -> LogEntry:
        raise NotImplementedError

    async def edit(self, caller: Caller, message_id: str, content: str) -> LogEntry:
        raise NotImplementedError

    async def delete(self, caller: Caller, message_id: str) -> LogEntry:
        raise NotImplementedError

    async def read(self, caller: Caller, conversation_id: str, up_to_seq: int) -> Conversation:
        raise NotImplementedError

    async def typing(self, caller: Caller, conversation_id: str, is_typing: bool) -> None:
        raise NotImplementedError
