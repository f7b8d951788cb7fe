"""A conversation in the Python library."""

from collections.abc import AsyncIterator

from everkin.app import App
from everkin.domain.caller import Caller
from everkin.domain.errors import EverkinError
from everkin.domain.events import TurnCompleted, TurnDelta, TurnFailed, TurnStopped
from everkin.domain.message import Message
from everkin.domain.prompt import PRIORITY_NORMAL


class ReplyFailed(EverkinError):
    """The turn ended in a visible failure. The message is stored; `chat.retry()` asks for an answer again."""

    code = "reply_failed"
    status = 502


class Chat:
    """One conversation. `history` and the record are the same for every door."""

    def __init__(self, app: App, caller: Caller, conversation_id: str) -> None:
        self._app = app
        self._caller = caller
        self.id = conversation_id

    async def say(self, text: str, *, client_id: str | None = None, natural: bool = False) -> str:
        """The whole reply. `natural`: as for `stream`. ReplyFailed when the model failed; the errors of TurnService.say."""
        return "".join([piece async for piece in self.stream(text, client_id=client_id, natural=natural)])

    async def stream(
        self, text: str, *, client_id: str | None = None, priority: int = PRIORITY_NORMAL, natural: bool = False
    ) -> AsyncIterator[str]:
        """The reply in pieces; whole when `client_id` was answered before. To somebody who may be in danger the last piece is the
        house's own line with where to find help (docs/safety.md). `natural`: its first words may be held back, as
        NATURAL_TYPING_DELAY_ENABLED says; without that setting it changes nothing. Leaving the loop early does not stop the
        character; `stop()` does."""
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
        """The house's line with where to find help that followed this message; empty for almost every message."""
        note = await self._app.conversations.help_note(self._caller, message)
        return note.content if note is not None else ""

    async def stop(self) -> int:
        """Ends the answer under way; what was said is kept. Returns how many turns were stopped."""
        return await self._app.turns.stop(self._caller, self.id)

    async def history(self, limit: int = 50, before: int | None = None) -> list[Message]:
        """The newest `limit` messages (or those before that `seq`), oldest first."""
        log = await self._app.conversations.history(self._caller, self.id, before=before, limit=limit)
        return [entry.message for entry in log.entries]
