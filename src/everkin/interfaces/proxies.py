"""The client's address behind reverse proxies. Headers that tell of it are believed from TRUSTED_PROXIES only."""

import ipaddress
import logging

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from everkin.domain.errors import StartError

log = logging.getLogger("everkin.interfaces")


class Forwarded:
    """For requests of a proxy in `trusted`, `scope["client"]` becomes the right-most address of X-Forwarded-For that is not
    trusted itself, and the scheme what X-Forwarded-Proto says. For all others both stay those of the connection. The headers
    stay in any case, so that a forwarded request can be told from a direct one."""

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
    """Each also as it looks to a socket that takes IPv4 and IPv6. StartError for what is no address and no network."""
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
