"""A conversation in the Python library."""

from collections.abc import AsyncIterator

from everkin.app import App
from everkin.domain.caller import Caller
from everkin.domain.errors import EverkinError
from everkin.domain.events import TurnCompleted, TurnDelta, TurnFailed, TurnStopped
from everkin.domain.message import Message
from everkin.domain.prompt import PRIORITY_NORMAL


class ReplyFailed(EverkinError):
    """The turn failed. The message is stored; `chat.retry()` asks for a reply again."""

    code = "reply_failed"
    status = 502


class Chat:
    """One conversation. Its history is the same in every interface."""

    def __init__(self, app: App, caller: Caller, conversation_id: str) -> None:
        self._app = app
        self._caller = caller
        self.id = conversation_id

    async def say(self, text: str, *, client_id: str | None = None, natural: bool = False) -> str:
        """Send a message and return the whole reply. `natural`: as for `stream`. Raises ReplyFailed when the model
        failed, and the errors of TurnService.say."""
        return "".join([piece async for piece in self.stream(text, client_id=client_id, natural=natural)])

    async def stream(
        self, text: str, *, client_id: str | None = None, priority: int = PRIORITY_NORMAL, natural: bool = False
    ) -> AsyncIterator[str]:
        """Send a message and yield the reply in pieces; the whole reply at once if `client_id` was answered before. If
        the user may be in danger, the last piece is Everkin's own line with where to find help (docs/safety.md).
        `natural`: the first words may be delayed as NATURAL_TYPING_DELAY_ENABLED says; without that setting it changes
        nothing. Leaving the loop early does not stop the reply; `stop()` does."""
        turns = self._app.turns
        heard = False
        saying = turns.saying(self._caller, self.id, text, client_id=client_id, priority=priority, natural=natural)
        async with saying as (appended, events):
            async for event in events:
                if isinstance(event, TurnDelta):
                    heard = True
                    yield event.text
                elif isinstance(event, TurnFailed):
                    raise ReplyFailed(f"{event.sentence} {await self._help_line(appended.message)}".rstrip())
                elif isinstance(event, TurnCompleted | TurnStopped):
                    if event.reply is not None and not heard:
                        yield event.reply.content
                    heard = False
            if line := await self._help_line(appended.message):
                yield f"\n\n{line}"

    async def _help_line(self, message: Message) -> str:
        """Return Everkin's help line that followed this message; empty for almost every message."""
        note = await self._app.conversations.help_note(self._caller, message)
        return note.content if note is not None else ""

    async def stop(self) -> int:
        """Stop the replies under way; the text generated so far is kept. Returns the number of turns stopped."""
        return await self._app.turns.stop(self._caller, self.id)

    async def history(self, limit: int = 50, before: int | None = None) -> list[Message]:
        """Return the newest `limit` messages (or those before that `seq`), oldest first."""
        log = await self._app.conversations.history(self._caller, self.id, before=before, limit=limit)
        return [entry.message for entry in log.entries]
