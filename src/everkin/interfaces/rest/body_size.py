"""The limit on the size of a request body, checked before it is read completely."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from everkin.domain.errors import TooLong
from everkin.interfaces.problems import problem_response

USUAL = 2**20
OF_PICTURES = 6 * 2**20


class BodySize:
    """Refuse a body that is too large: at once by Content-Length, or while reading it if the header is missing or
    wrong. The connection stays open: if it were closed while the body is still arriving, the client would lose the
    response. The server discards the rest of the body."""

    def __init__(self, inner: ASGIApp) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._inner(scope, receive, send)
        limit = OF_PICTURES if scope["path"].endswith("/avatar") else USUAL
        told = Headers(scope=scope).get("content-length", "")
        if told.isdecimal() and int(told[:20]) > limit:
            return await problem_response(_too_long(limit), scope)(scope, receive, send)
        return await self._inner(scope, _counted(receive, limit), send)


def _counted(receive: Receive, limit: int) -> Receive:
    seen = 0

    async def counting() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise HTTPException(413) from _too_long(limit)
        return message

    return counting


def _too_long(limit: int) -> TooLong:
    return TooLong(f"The request is larger than {limit} bytes.", limit=limit)
