"""Three ways of saying something over HTTP: leave it there, hear the answer as it comes, wait for all of it."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from starlette.responses import Response

from everkin.app import App
from everkin.domain.caller import Caller
from everkin.domain.events import TurnEvent
from everkin.domain.message import MessageType
from everkin.domain.record import Appended
from everkin.interfaces.encode import encode_body
from everkin.interfaces.rest.event_stream import EventStream, frame
from everkin.interfaces.rest.responses import render
from everkin.interfaces.rest.rest_views import said_view
from everkin.interfaces.views import MessageView, entry_view, message_view


@dataclass(frozen=True, slots=True)
class SayRequest:
    """Who says what where."""

    app: App
    caller: Caller
    conversation_id: str
    content: str
    type: MessageType
    client_id: str | None

    async def say(self) -> Appended:
        return await self.app.turns.say(
            self.caller, self.conversation_id, self.content, type=self.type, client_id=self.client_id
        )

    @asynccontextmanager
    async def saying(self) -> AsyncIterator[tuple[Appended, AsyncIterator[TurnEvent]]]:
        """Who listens is present: what is answered meanwhile counts as delivered."""
        presence, user_id = self.app.presence, self.caller.user_id
        saying = self.app.turns.saying(
            self.caller, self.conversation_id, self.content, type=self.type, client_id=self.client_id
        )
        async with saying as (appended, events):
            here = appended.conversation
            await presence.arrived(here.id, user_id, here.user_ids)
            try:
                yield appended, events
            finally:
                await presence.left(here.id, user_id, here.user_ids)


async def say(words: SayRequest) -> Response:
    appended = await words.say()
    return render(_accepted(appended), _status(appended))


async def say_and_stream(words: SayRequest) -> Response:
    """The stream leaves `saying` when it ends, which does not end the turn."""
    async with AsyncExitStack() as stack:
        appended, events = await stack.enter_async_context(words.saying())
        first = frame("accepted", _accepted(appended))
        return EventStream(
            _frames(words, appended, events),
            words.app.clock,
            first=first,
            closing=stack.pop_all(),
            status=_status(appended),
        )


async def say_and_wait(words: SayRequest) -> Response:
    """Tells from the record, not from what was heard, so that a message sent twice is answered alike."""
    async with words.saying() as (appended, events):
        async for _ in events:
            pass
    message = entry_view(await words.app.conversations.message(words.caller, appended.message.id))
    replies = [await _reply(words, turn.reply_id) for turn in message.turns if turn.reply_id]
    note = await words.app.conversations.help_note(words.caller, appended.message)
    return render(said_view(message, replies, [message_view(note)] if note else []), _status(appended))


async def _frames(words: SayRequest, appended: Appended, events: AsyncIterator[TurnEvent]) -> AsyncGenerator[bytes]:
    """Last of all the house's own line, from the record: it is the same where a message is sent twice."""
    async for event in events:
        yield frame(*encode_body(event))
    if (note := await words.app.conversations.help_note(words.caller, appended.message)) is not None:
        yield frame("message:received", message_view(note))


async def _reply(words: SayRequest, reply_id: str) -> MessageView:
    return entry_view(await words.app.conversations.message(words.caller, reply_id))


def _accepted(appended: Appended) -> MessageView:
    return message_view(appended.message, appended.turns)


def _status(appended: Appended) -> int:
    return 200 if appended.duplicate else 201
