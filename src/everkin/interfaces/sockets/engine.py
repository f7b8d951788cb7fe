"""The connection to python-socketio and python-engineio: they implement the protocol, `Host` decides what a connection
may do.

The libraries leave a socket open after a packet they cannot read, queue without bound, start a task for every event and
keep each connection's whole request. Here a malformed packet closes the socket, the queue is an Outbox, events are
answered in order (a client that sends faster than it is answered waits), and the request is not kept.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import Any, Protocol
from urllib.parse import parse_qs

import engineio
import socketio
from starlette.types import Message, Receive, Scope, Send

from everkin.interfaces.sockets.outbox import Outbox

log = logging.getLogger("everkin.sockets")

_PACKETS = frozenset("0123456")
_EVENT = "42"


class Host(Protocol):
    """Decides about connections. `line_id` is engine.io's session id."""

    def opened(self, line_id: str, socket: Any, scope: Scope, send: Send) -> bool:
        """A connection was opened. False refuses it."""

    def upgraded(self, line_id: str, send: Send) -> None:
        """The session continues over a WebSocket."""

    async def admit(self, line_id: str, auth: object) -> None:
        """Sign a connection in. Raises socketio's ConnectionRefusedError with the answer for the client."""

    async def heard(self, line_id: str, text: str) -> None:
        """Handle an EVENT packet. Raises Malformed."""

    async def signed_out(self, line_id: str) -> None:
        """The client left the namespace; its connection may still be open."""

    async def gone(self, line_id: str) -> None: ...

    def cut_malformed(self, line_id: str) -> None: ...


class Engine(engineio.AsyncServer):  # type: ignore[misc]
    def __init__(self, *arguments: Any, host: Host, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._host = host

    def create_queue(self, *arguments: Any, **options: Any) -> Outbox:
        return Outbox()

    async def handle_request(self, scope: Scope, receive: Receive, send: Send) -> Any:
        if scope["type"] != "websocket":
            return await super().handle_request(scope, receive, send)
        for line_id in parse_qs(scope["query_string"].decode("latin-1")).get("sid", ()):
            self._host.upgraded(line_id, send)
        return await super().handle_request(
            scope, Incoming(receive, self.handlers["message"], self.max_http_buffer_size), send
        )


class Server(socketio.AsyncServer):  # type: ignore[misc]
    def __init__(self, host: Host, **options: Any) -> None:
        self._host = host
        super().__init__(async_mode="asgi", async_handlers=False, logger=_quiet(), engineio_logger=_quiet(), **options)
        self.on("connect", self._on_connect)
        self.on("disconnect", self._on_disconnect)

    def _engineio_server_class(self) -> Callable[..., Engine]:
        return lambda **options: Engine(host=self._host, **options)

    async def _on_connect(self, sid: str, environ: object, auth: object) -> None:
        await self._host.admit(self.manager.eio_sid_from_sid(sid, "/"), auth)

    async def _on_disconnect(self, sid: str, reason: str) -> None:
        await self._host.signed_out(self.manager.eio_sid_from_sid(sid, "/"))

    async def _handle_eio_connect(self, eio_sid: str, environ: dict[str, Any]) -> bool | None:
        socket = self.eio.sockets[eio_sid]
        if not self._host.opened(eio_sid, socket, environ["asgi.scope"], environ["asgi.send"]):
            return False
        socket.poll = socket.queue.poll
        incoming = environ["asgi.receive"]
        if isinstance(incoming, Incoming):
            incoming.line_id = eio_sid
        await super()._handle_eio_connect(eio_sid, {})
        return None

    async def _handle_eio_message(self, eio_sid: str, data: object) -> None:
        try:
            if not isinstance(data, str) or data[:1] not in ("0", "1", "2"):
                self._host.cut_malformed(eio_sid)
            elif data[0] == "2":
                await self._host.heard(eio_sid, data)
            else:
                await super()._handle_eio_message(eio_sid, data)
        except Exception as error:  # noqa: BLE001 -- a hostile packet may make the library raise anything
            log.info("a packet could not be read: %s", type(error).__name__)
            self._host.cut_malformed(eio_sid)

    async def _handle_eio_disconnect(self, eio_sid: str, reason: str) -> None:
        await super()._handle_eio_disconnect(eio_sid, reason)
        await self._host.gone(eio_sid)


class Incoming:
    """The receiving side of a WebSocket. Events are answered here, one after another, before the next is read: on the
    library's own path each takes three more rounds of the event loop. A message that is not an Engine.IO packet ends
    the WebSocket; the library would leave it half open. Everything else goes to the library. `line_id` is known once
    the session has begun."""

    def __init__(self, receive: Receive, hear: Callable[[str, object], Awaitable[None]], limit: int) -> None:
        self.line_id = ""
        self._receive = receive
        self._hear = hear
        self._limit = limit

    async def __call__(self) -> Message:
        while True:
            message = await self._receive()
            if message["type"] != "websocket.receive":
                return message
            text = message.get("text") or ""
            if text[:1] not in _PACKETS:
                log.info("a packet could not be read: not Engine.IO")
                return {"type": "websocket.disconnect", "code": 1003}
            if not (self.line_id and text.startswith(_EVENT) and len(text) <= self._limit):
                return message
            await self._hear(self.line_id, text[1:])


def _quiet() -> logging.Logger:
    """Return a logger for the libraries, which log every packet with its text, and clients' mistakes. Only failures are
    passed on."""
    quiet = logging.getLogger("everkin.sockets.library")
    quiet.setLevel(logging.ERROR)
    if not quiet.filters:
        quiet.addFilter(lambda record: record.exc_info is not None and "post request" not in record.getMessage())
    return quiet
