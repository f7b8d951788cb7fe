"""HTTP methods: HEAD wherever there is GET, and which methods an address has."""

from collections.abc import Iterable

from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ASKED = ("GET", "POST", "PUT", "PATCH", "DELETE")


class HeadAsGet:
    """Answers HEAD as GET, without the body."""

    def __init__(self, inner: ASGIApp) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            return await self._inner(scope, receive, send)

        async def without_body(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        return await self._inner({**scope, "method": "GET"}, receive, without_body)


def allowed(path: str, routes: Iterable[BaseRoute]) -> str:
    """The value of `Allow` for `path`, over all routes it fits."""
    known = tuple(routes)
    found = [method for method in _ASKED if any(_takes(route, path, method) for route in known)]
    return ", ".join(["GET", "HEAD", *found[1:]] if found[:1] == ["GET"] else found)


def _takes(route: BaseRoute, path: str, method: str) -> bool:
    scope = {"type": "http", "path": path, "root_path": "", "method": method, "headers": []}
    return route.matches(scope)[0] is Match.FULL
