"""The Python library: Everkin inside your own program. See docs/library.md.

async with Everkin(model="local") as ek:
    chat = await ek.chat("mira")
    async for piece in chat.stream("Good evening!"):
        print(piece, end="")
"""

from collections.abc import Sequence

from everkin.domain.character import Character, Persona
from everkin.domain.conversation import Conversation, ConversationQuery
from everkin.interfaces.library_chat import Chat, ReplyFailed
from everkin.interfaces.library_sessions import ChatSession, ChatSessions, Reply

__all__ = ["Chat", "ChatSession", "Client", "Reply", "ReplyFailed"]


class Client(ChatSessions):
    """The value of `async with Everkin() as ek`: the App, used as the owner."""

    async def characters(self, text: str = "") -> Sequence[Character]:
        return await self.app.characters.find(self.caller, text)

    async def create_character(self, persona: Persona) -> Character:
        return await self.app.characters.create(self.caller, persona)

    async def chat(self, character: str, *, fresh: bool = False) -> Chat:
        """Return the newest active conversation with a character (by slug or id), or a new one if there is none or
        `fresh` is set. Raises NotFound."""
        known = await self.app.characters.get(self.caller, character)
        if not fresh:
            query = ConversationQuery(character_id=known.id, limit=1)
            page = await self.app.conversations.find(self.caller, query)
            if page.items:
                return Chat(self.app, self.caller, page.items[0].id)
        return Chat(self.app, self.caller, (await self.app.conversations.create(self.caller, [known.id])).id)

    async def open_chat(self, conversation_id: str) -> Chat:
        conversation, _ = await self.app.conversations.get(self.caller, conversation_id)
        return Chat(self.app, self.caller, conversation.id)

    async def conversations(self, query: ConversationQuery | None = None) -> Sequence[Conversation]:
        page = await self.app.conversations.find(self.caller, query or ConversationQuery())
        return page.items
