"""Three ways of sending a message over HTTP: without waiting, streaming the reply, or waiting for the whole reply."""

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
    """A message to send."""

    app: App
    """The application."""
    caller: Caller
    """The sender."""
    conversation_id: str
    """The conversation's id."""
    content: str
    """The text."""
    type: MessageType
    """The kind of message."""
    client_id: str | None
    """The idempotency key; None: none."""

    async def say(self) -> Appended:
        return await self.app.turns.say(
            self.caller, self.conversation_id, self.content, type=self.type, client_id=self.client_id
        )

    @asynccontextmanager
    async def saying(self) -> AsyncIterator[tuple[Appended, AsyncIterator[TurnEvent]]]:
        """Send it and yield the stored message and the events of its turns. The sender counts as present meanwhile:
        replies count as delivered."""
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
    """Stream the replies. The stream leaves `saying` when it ends, which does not end the turn."""
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
    """Wait for the replies and return them from the database, not from the events, so that a message sent twice gets
    the same response."""
    async with words.saying() as (appended, events):
        async for _ in events:
            pass
    message = entry_view(await words.app.conversations.message(words.caller, appended.message.id))
    replies = [await _reply(words, turn.reply_id) for turn in message.turns if turn.reply_id]
    note = await words.app.conversations.help_note(words.caller, appended.message)
    return render(said_view(message, replies, [message_view(note)] if note else []), _status(appended))


async def _frames(words: SayRequest, appended: Appended, events: AsyncIterator[TurnEvent]) -> AsyncGenerator[bytes]:
    """Yield the events, then Everkin's own line from the database, if there is one: it is the same for a message sent
    twice."""
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
