"""Handlers of the requests in wire.REQUESTS, from body to acknowledgement."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from everkin.app import App
from everkin.domain.caller import Caller
from everkin.domain.errors import EverkinError, Invalid, TooMany, Unauthenticated
from everkin.domain.ids import ConversationId
from everkin.domain.message import MessageType
from everkin.domain.record import SentMessage
from everkin.interfaces.sockets import wire
from everkin.interfaces.sockets.connections import Connection
from everkin.interfaces.sockets.fanout import Fanout
from everkin.interfaces.sockets.frames import ClientEvent, body_of
from everkin.interfaces.sockets.resume import Resume
from everkin.interfaces.sockets.typing_status import TypingStatus
from everkin.interfaces.views import message_view, problem_view

log = logging.getLogger("everkin.sockets")

Handler = Callable[[Connection, Caller, Any], Awaitable[wire.Body]]


class Requests:
    """Answers requests. A socket's requests are answered one after another, in the order they came."""

    def __init__(self, app: App, fanout: Fanout, catching_up: Resume, typing_status: TypingStatus) -> None:
        self._app = app
        self._fanout = fanout
        self._catching_up = catching_up
        self._typing_status = typing_status
        handlers: dict[str, Handler] = {
            "message:send": self._send,
            "message:stop": self._stop,
            "message:retry": self._retry,
            "message:read": self._read,
            "typing:start": self._typing_start,
            "typing:stop": self._typing_stop,
            "conversation:join": self._join,
            "conversation:leave": self._leave,
        }
        self._known = {each.name: (each.body, handlers[each.name]) for each in wire.REQUESTS}

    async def answer(self, line: Connection, asked: ClientEvent) -> wire.Body:
        """Answer a request. Never raises: an error becomes a Refused."""
        try:
            caller = await self._caller(line)
            kind, handler = self._request(asked.name)
            return await handler(line, caller, body_of(asked, kind))
        except EverkinError as error:
            return wire.Refused(error=problem_view(error))
        except Exception:
            log.exception("the request %s failed", asked.name)
            return wire.Refused(error=problem_view(EverkinError()))

    async def _caller(self, line: Connection) -> Caller:
        if line.caller is None or not await self._app.accounts.still_valid(line.caller):
            raise Unauthenticated
        return line.caller

    def _request(self, name: str) -> tuple[type[msgspec.Struct], Handler]:
        if not name:
            raise Invalid("That was not valid JSON of the form [name, body].")
        if name not in self._known:
            raise Invalid("There is no request of that name. docs/events.md lists them all.")
        return self._known[name]

    async def _send(self, line: Connection, caller: Caller, body: wire.SendMessage) -> wire.Body:
        known = line.subscriptions.get(body.conversation_id)
        try:
            subscription = known or self._fanout.subscribe(line, body.conversation_id)
        except TooMany as refusal:
            return await self._acknowledge_resend(caller, body, refusal)
        try:
            appended = await self._app.turns.say(caller, body.conversation_id, body.content, client_id=body.client_id)
            await self._fanout.present(subscription, appended.conversation.user_ids)
        except BaseException:
            if known is None:
                await self._fanout.unsubscribe(subscription)
            raise
        if known is None:
            self._catching_up.go_on(subscription)
        view = message_view(appended.message, appended.turns)
        return wire.MessageAccepted(message=view, duplicate=appended.duplicate)

    async def _acknowledge_resend(self, caller: Caller, body: wire.SendMessage, refusal: TooMany) -> wire.Body:
        """Acknowledge a repeated message on a socket that cannot subscribe to more conversations. Raises `refusal` for
        a new message."""
        where = ConversationId(body.conversation_id)
        sent = SentMessage(where, caller.user_id, body.content, MessageType.TEXT, body.client_id)
        known = await self._app.turns.resends.find(sent)
        if known is None:
            raise refusal
        return wire.MessageAccepted(message=message_view(known.message, known.turns), duplicate=True)

    async def _stop(self, line: Connection, caller: Caller, body: wire.StopTurn) -> wire.Body:
        return wire.Stopping(stopped=await self._app.turns.stop(caller, body.conversation_id, body.turn_id))

    async def _retry(self, line: Connection, caller: Caller, body: wire.RetryMessage) -> wire.Body:
        appended = await self._app.turns.retry(caller, body.message_id)
        if appended.conversation.id not in line.subscriptions:
            subscription = self._fanout.subscribe(line, appended.conversation.id)
            await self._fanout.present(subscription, appended.conversation.user_ids)
            self._catching_up.go_on(subscription)
        view = message_view(appended.message, appended.turns)
        return wire.MessageAccepted(message=view, duplicate=appended.duplicate)

    async def _read(self, line: Connection, caller: Caller, body: wire.ReadMessages) -> wire.Body:
        await self._app.conversations.read(caller, body.conversation_id, body.up_to_seq)
        return wire.Done()

    async def _typing_start(self, line: Connection, caller: Caller, body: wire.InConversation) -> wire.Body:
        await self._typing_status.start(line, caller, body.conversation_id)
        return wire.Done()

    async def _typing_stop(self, line: Connection, caller: Caller, body: wire.InConversation) -> wire.Body:
        await self._typing_status.stop(line, caller, body.conversation_id)
        return wire.Done()

    async def _join(self, line: Connection, caller: Caller, body: wire.JoinConversation) -> wire.Body:
        return await self._catching_up.join(line, caller, body)

    async def _leave(self, line: Connection, caller: Caller, body: wire.InConversation) -> wire.Body:
        subscription = line.subscriptions.get(body.conversation_id)
        if subscription is not None:
            await self._fanout.unsubscribe(subscription)
        return wire.Done()
