"""The client's address behind reverse proxies. Forwarding headers are trusted only from TRUSTED_PROXIES."""

import ipaddress
import logging

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from everkin.domain.errors import StartError

log = logging.getLogger("everkin.interfaces")


class Forwarded:
    """For requests of a proxy in `trusted`, set `scope["client"]` to the right-most address of X-Forwarded-For that is
    not itself trusted, and the scheme to X-Forwarded-Proto. For all others both stay those of the connection. The
    headers always stay, so that a forwarded request can be told from a direct one."""

    def __init__(self, inner: ASGIApp, trusted: tuple[str, ...]) -> None:
        self._inner: ASGIApp = inner
        if trusted:
            self._inner = ProxyHeadersMiddleware(inner, trusted_hosts=networks(trusted))  # type: ignore[arg-type, assignment]
        self._warned = bool(trusted)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._warned and any(name == b"x-forwarded-for" for name, _ in scope.get("headers", ())):
            self._warned = True
            log.warning(
                "A request came through a proxy, but TRUSTED_PROXIES is not set: for limits by address, everybody behind "
                "that proxy is one."
            )
        await self._inner(scope, receive, send)


def networks(trusted: tuple[str, ...]) -> list[str]:
    """Return each address or network, and its IPv4-mapped IPv6 form as seen by a socket that accepts both. Raises
    StartError for a value that is neither an address nor a network."""
    found = []
    for text in trusted:
        try:
            network = ipaddress.ip_network(text)
        except ValueError:
            raise StartError(
                f"TRUSTED_PROXIES names {text}, which is neither an address nor a network such as 10.0.0.0/8."
            ) from None
        found.append(str(network))
        if network.version == 4:
            found.append(f"::ffff:{network.network_address}/{96 + network.prefixlen}")
    return found
