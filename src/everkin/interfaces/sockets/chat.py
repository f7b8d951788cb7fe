"""The Socket.IO interface. `build_socket_server` makes it; enter it, and mount it (an ASGI app) at its path."""

import logging
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import msgspec
from socketio.exceptions import ConnectionRefusedError as Refusal
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from everkin.app import App
from everkin.domain.errors import EverkinError, Unauthenticated
from everkin.interfaces.sockets import wire
from everkin.interfaces.sockets.connection_guard import ConnectionGuard
from everkin.interfaces.sockets.connections import Connection, Connections
from everkin.interfaces.sockets.engine import Server
from everkin.interfaces.sockets.fanout import Fanout
from everkin.interfaces.sockets.frames import ack_frame, asked_in, event_frame
from everkin.interfaces.sockets.requests import Requests
from everkin.interfaces.sockets.resume import Resume
from everkin.interfaces.sockets.typing_status import TypingStatus
from everkin.interfaces.views import problem_view
from everkin.security.addresses import address_key

log = logging.getLogger("everkin.sockets")

_ENVELOPE_BYTES = 65_536
_BYTES_A_CHARACTER = 8


@dataclass(frozen=True, slots=True)
class SocketConfig:
    """Settings of the Socket.IO interface."""

    origins: tuple[str, ...] = ()
    """Origins that may connect besides the page's own; `*` for all."""
    connect_seconds: float = 10.0
    """Seconds a connection has to sign in."""
    outbox_bytes: int = 8 * 2**20
    """Bytes that may wait for a client that does not read, before its connection is cut."""
    per_user: int = 32
    """Connections per user."""
    per_address: int = 10_000
    """Connections per network address."""


def build_socket_server(app: App, config: SocketConfig) -> "SocketInterface":
    return SocketInterface(app, config)


class SocketInterface:
    """The ASGI app. It accepts connections while it is entered."""

    def __init__(self, app: App, config: SocketConfig) -> None:
        self._app = app
        self._config = config
        self._lines = Connections(config.per_user, config.per_address)
        self._fanout = Fanout(self._lines, app.presence)
        self._typing_status = TypingStatus(app.conversations, app.clock, app.limits.typing_timeout_ms)
        self._guard = ConnectionGuard(self._lines, app.accounts, app.clock, config.connect_seconds)
        self._requests = Requests(app, self._fanout, Resume(app, self._fanout), self._typing_status)
        self._server = Server(
            self,
            max_http_buffer_size=_ENVELOPE_BYTES + _BYTES_A_CHARACTER * app.limits.max_message_length,
            cors_allowed_origins=self._origin_may,
            cors_credentials=False,
        )
        self._listening = app.events.listening(self._fanout.hear)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._server.handle_request(scope, receive, send)

    async def __aenter__(self) -> "SocketInterface":
        self._listening.__enter__()
        self._app.health.register("sockets", self._guard.health)
        self._guard.open()
        return self

    async def __aexit__(self, *error: object) -> None:
        self._listening.__exit__(None, None, None)
        await self._guard.close()
        await self._typing_status.close()
        await self._server.shutdown()

    # -- called by the engine (engine.Host) ---------------------------------------------------------------------------

    def opened(self, line_id: str, socket: Any, scope: Scope, send: Send) -> bool:
        address = address_key(scope["client"][0]) if scope.get("client") else ""
        if not self._lines.has_room(address):
            self._guard.counts["refused"] += 1
            return False
        scheme, _, token = Headers(scope=scope).get("authorization", "").partition(" ")
        line = Connection(
            socket,
            address,
            token.strip() if scheme.lower() == "bearer" else "",
            self._app.clock.monotonic(),
            self._config.outbox_bytes,
            self._guard.cut_slow,
        )
        if scope["type"] == "websocket":
            line.transport = _transport(send)
        self._lines.add(line)
        return True

    def upgraded(self, line_id: str, send: Send) -> None:
        line = self._lines.get(line_id)
        if line is not None:
            line.transport = _transport(send)

    async def admit(self, line_id: str, auth: object) -> None:
        """Sign a connection in. Nothing is awaited after the sign-in, so that no event can overtake the answer to
        CONNECT. Raises Refusal."""
        line = self._lines.get(line_id)
        token = auth.get("token") if isinstance(auth, dict) else None
        try:
            if line is None:
                raise Unauthenticated
            caller = await self._app.accounts.caller_of(token if isinstance(token, str) else line.token)
            self._lines.sign_in(line, caller)
        except EverkinError as error:
            self._guard.counts["refused"] += 1
            raise Refusal(error.sentence, msgspec.to_builtins(problem_view(error))) from None
        except Exception:
            log.exception("a connection could not be admitted")
            raise Refusal(EverkinError.default_sentence, {"code": EverkinError.code}) from None

    async def heard(self, line_id: str, text: str) -> None:
        asked = asked_in(text)
        line = self._lines.get(line_id)
        if line is None:
            return
        answer = await self._requests.answer(line, asked)
        if asked.ack_id is not None:
            line.put(ack_frame(asked.ack_id, answer))
        elif isinstance(answer, wire.Refused):
            line.put(event_frame("error", answer.error))
        if isinstance(answer, wire.Refused) and answer.error.code == Unauthenticated.code:
            await self._guard.turn_out(line)

    async def signed_out(self, line_id: str) -> None:
        line = self._lines.get(line_id)
        if line is not None and line.caller is not None:
            caller = line.caller
            self._lines.sign_out(line)
            line.since = self._app.clock.monotonic()
            await self._fanout.forget(line)
            await self._typing_status.left(line, caller)

    async def gone(self, line_id: str) -> None:
        """End a session. A poll that is still waiting for packets ends, too."""
        line = self._lines.get(line_id)
        if line is not None:
            await self.signed_out(line_id)
            self._lines.remove(line)
            line.outbox.put_nowait(None)

    def cut_malformed(self, line_id: str) -> None:
        line = self._lines.get(line_id)
        if line is not None:
            self._guard.cut_malformed(line)

    def _origin_may(self, origin: str, environ: dict[str, Any]) -> bool:
        """Whether a page of `origin` may connect. The page's own origin always may; its scheme is not compared, because
        a proxy may terminate TLS."""
        if origin in self._config.origins or "*" in self._config.origins:
            return True
        host = str(environ.get("HTTP_HOST", "")).lower()
        return host != "" and urlsplit(origin).netloc.lower() == host


def _transport(send: Send) -> Any:
    """Return the TCP transport under a WebSocket, which ASGI does not expose: `send` is a method of uvicorn's protocol.
    None under another server; there a client that does not read keeps its connection, but nothing more is queued for
    it."""
    return getattr(getattr(send, "__self__", None), "transport", None)
