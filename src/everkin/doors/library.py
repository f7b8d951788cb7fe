"""The Python library: Everkin inside your own program. See docs/library.md.

    async with Everkin(model="local") as ek:
        chat = await ek.chat("mira")
        async for piece in chat.stream("Good evening!"):
            print(piece, end="")
"""

from collections.abc import AsyncIterator, Sequence

from everkin.app import App
from everkin.domain.caller import Caller
from everkin.domain.character import Character, Persona
from everkin.domain.conversation import Conversation, ConversationQuery
from everkin.domain.errors import EverkinError
from everkin.domain.events import TurnCompleted, TurnDelta, TurnFailed, TurnStopped
from everkin.domain.message import Message


class ReplyFailed(EverkinError):
    """The turn ended in a visible failure. The message is stored; `chat.retry()` asks for an answer again."""

    code = "reply_failed"
    status = 502


class Chat:
    """One conversation. `history` and the record are the same for every door."""

    def __init__(self, app: App, caller: Caller, conversation: Conversation) -> None:
        self._app = app
        self._caller = caller
        self.id = conversation.id

    async def say(self, text: str, *, client_id: str | None = None) -> str:
        """The whole reply. ReplyFailed when the model failed; the errors of TurnService.say."""
        return "".join([piece async for piece in self.stream(text, client_id=client_id)])

    async def stream(self, text: str, *, client_id: str | None = None) -> AsyncIterator[str]:
        """The reply in pieces; whole when `client_id` was answered before. Leaving the loop early does not stop the character;
        `stop()` does."""
        turns = self._app.turns
        heard = False
        async with turns.saying(self._caller, self.id, text, client_id=client_id) as (_, events):
            async for event in events:
                if isinstance(event, TurnDelta):
                    heard = True
                    yield event.text
                elif isinstance(event, TurnFailed):
                    raise ReplyFailed(event.sentence)
                elif isinstance(event, TurnCompleted | TurnStopped):
                    if event.reply is not None and not heard:
                        yield event.reply.content
                    heard = False

    async def stop(self) -> int:
        """Ends the answer under way; what was said is kept. Returns how many turns were stopped."""
        return await self._app.turns.stop(self._caller, self.id)

    async def history(self, limit: int = 50, before: int | None = None) -> list[Message]:
        """The newest `limit` messages (or those before that `seq`), oldest first."""
        log = await self._app.conversing.history(self._caller, self.id, before=before, limit=limit)
        return [entry.message for entry in log.entries]


class House:
    """What `async with Everkin() as ek` gives: the App, seen by the owner of the house."""

    def __init__(self, app: App, caller: Caller) -> None:
        self.app = app
        self.caller = caller

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
                return Chat(self.app, self.caller, page.items[0])
        return Chat(self.app, self.caller, await self.app.conversing.create(self.caller, [known.id]))

    async def open_chat(self, conversation_id: str) -> Chat:
        conversation, _ = await self.app.conversing.get(self.caller, conversation_id)
        return Chat(self.app, self.caller, conversation)

    async def conversations(self, query: ConversationQuery | None = None) -> Sequence[Conversation]:
        page = await self.app.conversing.find(self.caller, query or ConversationQuery())
        return page.items
