"""HTTP methods: HEAD for every GET route, and the methods an address allows."""

from collections.abc import Iterable

from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ASKED = ("GET", "POST", "PUT", "PATCH", "DELETE")


class HeadAsGet:
    """Answer HEAD as GET, without the body."""

    def __init__(self, inner: ASGIApp) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            return await self._inner(scope, receive, send)

        async def without_body(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        return await self._inner({**scope, "method": "GET"}, receive, without_body)


def allowed(path: str, routes: Iterable[BaseRoute]) -> str:
    """Return the value of the `Allow` header for `path`, over all routes that match it."""
    known = tuple(routes)
    found = [method for method in _ASKED if any(_takes(route, path, method) for route in known)]
    return ", ".join(["GET", "HEAD", *found[1:]] if found[:1] == ["GET"] else found)


def _takes(route: BaseRoute, path: str, method: str) -> bool:
    scope = {"type": "http", "path": path, "root_path": "", "method": method, "headers": []}
    return route.matches(scope)[0] is Match.FULL
