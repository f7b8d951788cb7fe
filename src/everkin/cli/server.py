"""The server process: binds, opens the app, serves, and on SIGTERM lets replies in progress finish before it stops."""

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import msgspec
import uvicorn

from everkin.app import App
from everkin.domain.errors import StartError
from everkin.interfaces.sockets.chat import SocketConfig
from everkin.interfaces.web import Web, WebConfig, build_web
from everkin.kit.tasks import Tasks
from everkin.settings import Settings
from everkin.wiring.app import open_app

ADDRESS_FILE = "server.json"
CLOSE_SECONDS = 3


class Address(msgspec.Struct):
    """The content of `server.json` in the data folder while a server runs on it."""

    url: str
    """The server's address, such as http://127.0.0.1:8484."""


class QuietServer(uvicorn.Server):
    """Does not handle signals: uvicorn would cut every socket at once, before replies have ended."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve_until_stopped(settings: Settings, announce: Callable[[str, App], None]) -> None:
    """Run the server. Returns after SIGINT or SIGTERM. Raises StartError when the address or the data folder is
    taken."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(name, stopped.set)
    async with serving(settings) as (url, app):
        announce(url, app)
        await stopped.wait()
        app.health.draining = True
        await asyncio.sleep(settings.server.drain_grace_seconds)
        await app.turns.drain(settings.server.drain_seconds)


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[tuple[str, App]]:
    """Yield the address of a running server, such as http://127.0.0.1:8484, and its App."""
    listener = bind(settings.server.host, settings.server.port)
    port = listener.getsockname()[1]
    host = f"[{settings.server.host}]" if ":" in settings.server.host else settings.server.host
    url = f"http://{host}:{port}"
    async with open_app(settings) as app, build_web(app, _web_config(settings)) as web:
        server = QuietServer(_uvicorn_config(settings, web))
        running = Tasks("server").start(server.serve([listener]))
        while not server.started and not running.done():  # noqa: ASYNC110 -- uvicorn offers no event
            await asyncio.sleep(0.005)
        address_file = settings.storage.data / ADDRESS_FILE
        address_file.write_bytes(msgspec.json.encode(Address(url)))
        try:
            yield url, app
        finally:
            address_file.unlink(missing_ok=True)
            server.should_exit = True
            await running


def bind(host: str, port: int) -> socket.socket:
    """Return a listening socket. The protocol is named, because only then asyncio disables Nagle's delay (40 ms per
    answer). Raises StartError."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise StartError(
            f"Everkin cannot listen on {host} port {port} ({error.strerror or error}). "
            "Something else may be using it; choose another one with --port."
        ) from None
    return listener


def _web_config(settings: Settings) -> WebConfig:
    server = settings.server
    return WebConfig(
        host=server.host,
        local_sign_in=settings.auth.local_sign_in,
        websocket_path=server.websocket_path,
        cors_origins=server.cors_origins,
        signup=settings.auth.signup,
        metrics_token=server.metrics_token,
        trusted_proxies=server.trusted_proxies,
        sockets=SocketConfig(
            origins=server.cors_origins,
            connect_seconds=server.socket_connect_seconds,
            outbox_bytes=server.socket_outbox_bytes,
            per_user=server.sockets_per_user,
            per_address=server.sockets_per_address,
        ),
    )


def _uvicorn_config(settings: Settings, web: Web) -> uvicorn.Config:
    return uvicorn.Config(
        web,
        lifespan="off",
        ws="websockets-sansio",
        ws_max_size=settings.chat.max_message_length * 8 + 65_536,
        ws_per_message_deflate=False,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # interfaces/proxies.py reads them, by TRUSTED_PROXIES only
        timeout_graceful_shutdown=CLOSE_SECONDS,
    )
