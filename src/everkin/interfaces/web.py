"""The whole server as one ASGI app: REST, metrics, Socket.IO and the page."""

from dataclasses import dataclass, field
from importlib.metadata import version

from starlette.types import ASGIApp, Receive, Scope, Send

from everkin.app import App
from everkin.interfaces.authentication import LocalOwnerPolicy
from everkin.interfaces.headers import SecurityHeadersMiddleware
from everkin.interfaces.metrics import PATH as METRICS_PATH
from everkin.interfaces.metrics import build_metrics_interface
from everkin.interfaces.pages import build_pages
from everkin.interfaces.proxies import Forwarded
from everkin.interfaces.rest.api import build_rest
from everkin.interfaces.rest.rest_views import AboutView
from everkin.interfaces.sockets.chat import SocketConfig, SocketInterface, build_socket_server

REST_PATHS = ("/api", "/media", "/healthz", "/readyz")


@dataclass(frozen=True, slots=True)
class WebConfig:
    """Settings of the web server."""

    host: str = "127.0.0.1"
    """The address the server listens on."""
    local_sign_in: bool = True
    """LOCAL_SIGN_IN."""
    websocket_path: str = "/socket.io"
    """The path of Socket.IO."""
    cors_origins: tuple[str, ...] = ()
    """Other origins that may call REST."""
    signup: bool = False
    """ALLOW_SIGNUP, as reported to clients."""
    metrics_token: str = ""
    """Opens GET /metrics, besides the owner's access token; empty: none."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses and networks whose X-Forwarded-For is trusted."""
    sockets: SocketConfig = field(default_factory=SocketConfig)
    """Settings of the Socket.IO interface."""


def build_web(app: App, config: WebConfig) -> "Web":
    own_machine = LocalOwnerPolicy(config.host, config.cors_origins, enabled=config.local_sign_in)
    about = AboutView(
        version=version("everkin"),
        signup=config.signup,
        local_sign_in=own_machine.possible,
        websocket_path=config.websocket_path,
        max_message_length=app.limits.max_message_length,
        typing_timeout_ms=app.limits.typing_timeout_ms,
    )
    rest = build_rest(app, own_machine, about, config.cors_origins)
    metrics = build_metrics_interface(app.metrics, app.accounts, config.metrics_token)
    doors = {**dict.fromkeys(REST_PATHS, rest), METRICS_PATH: metrics}
    sockets = build_socket_server(app, config.sockets)
    return Web(doors, sockets, build_pages(), config.websocket_path, config.trusted_proxies)


class Web:
    """The ASGI app. Enter it before serving and leave it afterwards: `async with build_web(...) as web`. Each request
    is dispatched by its path; a path that belongs to no interface is the page's."""

    def __init__(
        self,
        doors: dict[str, ASGIApp],
        sockets: SocketInterface,
        pages: ASGIApp,
        socket_path: str,
        trusted_proxies: tuple[str, ...] = (),
    ) -> None:
        self._sockets = sockets
        self._doors: dict[str, ASGIApp] = {f"/{socket_path.strip('/')}": sockets, **doors}
        self._pages = pages
        self._whole = Forwarded(SecurityHeadersMiddleware(self._dispatch), trusted_proxies)

    async def __aenter__(self) -> "Web":
        await self._sockets.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._sockets.__aexit__(*error)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._whole(scope, receive, send)

    async def _dispatch(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _answer_lifespan(receive, send)
        elif (door := self._door(scope["path"])) is not None:
            await door(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
        else:
            await self._pages(scope, receive, send)

    def _door(self, path: str) -> ASGIApp | None:
        for start, door in self._doors.items():
            if path == start or path.startswith(f"{start}/"):
                return door
        return None


async def _answer_lifespan(receive: Receive, send: Send) -> None:
    """Answer the lifespan protocol. There is no resource to open or close here: the server has entered the Web
    itself."""
    while (message := await receive())["type"] != "lifespan.shutdown":
        await send({"type": f"{message['type']}.complete"})
    await send({"type": "lifespan.shutdown.complete"})
