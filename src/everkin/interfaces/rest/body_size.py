"""How much a request may send, known before it is read whole."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from everkin.domain.errors import TooLong
from everkin.interfaces.problems import problem_response

USUAL = 2**20
OF_PICTURES = 6 * 2**20


class BodySize:
    """Refuses by Content-Length at once, and in the middle where none was sent or it lied. The connection stays open: closed
    with the rest of the body on its way, it would take the answer with it. The server drops that rest unread."""

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
