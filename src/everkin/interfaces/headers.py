"""The outermost ASGI layer: a request id, the security headers on every response, and the handler of last resort for
exceptions."""

import logging
import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from everkin.domain.errors import EverkinError
from everkin.interfaces.problems import problem_response, request_id

log = logging.getLogger("everkin.interfaces")

_ALWAYS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(self), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cache-control": "no-store",
}
"""Set unless the response sets the header itself."""

_HOST = re.compile(r"[A-Za-z0-9.:\[\]-]{1,255}")


def page_policy(scope: Scope) -> str:
    """Return the page's Content-Security-Policy. WebSocket addresses are listed with the requested host, because older
    browsers do not count `ws:` as 'self'."""
    host = Headers(scope=scope).get("host", "")
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    return (
        "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; style-src 'self'; script-src 'self'; "
        f"connect-src 'self'{sockets}; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


class SecurityHeadersMiddleware:
    def __init__(self, inner: ASGIApp) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._inner(scope, receive, send)
        started = False

        async def dressed(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                _dress(MutableHeaders(raw=message["headers"]), request_id(scope))
            await send(message)

        try:
            await self._inner(scope, receive, dressed)
        except Exception:
            log.exception("request %s failed: %s %s", request_id(scope), scope["method"], scope["path"])
            if not started:
                await problem_response(EverkinError(), scope)(scope, receive, dressed)


def _dress(headers: MutableHeaders, id: str) -> None:
    headers["x-request-id"] = id
    for name, value in _ALWAYS.items():
        headers.setdefault(name, value)
