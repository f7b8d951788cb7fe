"""A language-model server on loopback that does as a test tells it, right or wrong."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Upstream:
    """`left` is set when a caller hung up before the answer's end."""

    base_url: str
    runner: web.AppRunner
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    left: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def open_connections(self) -> int:
        assert self.runner.server is not None
        return len(self.runner.server.connections)


@asynccontextmanager
async def open_upstream(handler: Handler) -> AsyncIterator[Upstream]:
    async def handle(request: web.Request) -> web.StreamResponse:
        if request.can_read_body:
            upstream.bodies.append(json.loads(await request.read()))
        upstream.headers.append(dict(request.headers))
        try:
            return await handler(request)
        except (asyncio.CancelledError, ConnectionError):
            upstream.left.set()
            raise

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    upstream = Upstream(f"http://127.0.0.1:{port}/v1", runner)
    try:
        yield upstream
    finally:
        await runner.cleanup()


def piece(text: str | None = None, finish: str | None = None, **more: Any) -> bytes:
    choice = {"index": 0, "delta": {} if text is None else {"content": text}, "finish_reason": finish}
    return b"data: " + json.dumps({"model": "test-1", "choices": [choice], **more}).encode() + b"\n\n"


USAGE = b'data: {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 2}}\n\n'
DONE = b"data: [DONE]\n\n"


def sends(*parts: bytes, then: str = "end", content_type: str = "text/event-stream", zipped: bool = False) -> Handler:
    """Streams the parts; `then` end properly, reset the connection, or hang."""

    async def handle(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": content_type})
        if zipped:
            response.enable_compression(web.ContentCoding.gzip)
        await response.prepare(request)
        for part in parts:
            await response.write(part)
        if then == "reset":
            assert request.transport is not None
            request.transport.abort()
        if then == "hang":
            await asyncio.Event().wait()
        return response

    return handle


def refuses(status: int, body: Any, headers: dict[str, str] | None = None) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, body=_encoded(body), headers=headers)

    return handle


def _encoded(body: Any) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()


async def answers(request: web.Request) -> web.StreamResponse:
    """A well-behaved server."""
    return await sends(piece("Good "), piece("evening."), piece(finish="stop"), USAGE, DONE)(request)
