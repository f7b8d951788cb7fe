"""The Python library: Everkin inside your own program. See docs/library.md.

async with Everkin(model="local") as ek:
    chat = await ek.chat("mira")
    async for piece in chat.stream("Good evening!"):
        print(piece, end="")
"""

from collections.abc import Sequence

from everkin.domain.character import Character, Persona
from everkin.domain.conversation import Conversation, ConversationQuery
from everkin.doors.library_chat import Chat, ReplyFailed
from everkin.doors.library_sessions import ChatSession, ChatSessions, Reply

__all__ = ["Chat", "ChatSession", "House", "Reply", "ReplyFailed"]


class House(ChatSessions):
    """What `async with Everkin() as ek` gives: the App, seen by the owner of the house."""

    async def characters(self, text: str = "") -> Sequence[Character]:
        return await self.app.cast.find(self.caller, text)

    async def create_character(self, persona: Persona) -> Character:
        return await self.app.cast.create(self.caller, persona)

    async def chat(self, character: str, *, fresh: bool = False) -> Chat:
        """The newest active conversation with a character (by slug or id), or a fresh one. NotFound."""
        known = await self.app.cast.get(self.caller, character)
        if not fresh:
            query = ConversationQuery(character_id=known.id, limit=1)
            page = await self.app.conversing.find(self.caller, query)
            if page.items:
                return Chat(self.app, self.caller, page.items[0].id)
        return Chat(self.app, self.caller, (await self.app.conversing.create(self.caller, [known.id])).id)

    async def open_chat(self, conversation_id: str) -> Chat:
        conversation, _ = await self.app.conversing.get(self.caller, conversation_id)
        return Chat(self.app, self.caller, conversation.id)

    async def conversations(self, query: ConversationQuery | None = None) -> Sequence[Conversation]:
        page = await self.app.conversing.find(self.caller, query or ConversationQuery())
        return page.items
