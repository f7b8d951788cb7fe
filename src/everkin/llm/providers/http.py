"""The process's single pool of outgoing connections."""

from dataclasses import dataclass

import aiohttp


def new_session(at_once: int = 0) -> aiohttp.ClientSession:
    """Return a session with 100 connections in all and 30 per host, or `at_once` of each if that is more.

    `at_once` is how many calls the gateway allows; a smaller pool would be a second queue behind the gateway's.
    Addresses are cached for 5 minutes. Cookies are ignored, and the environment's proxies are not used, so that
    requests go only where they were addressed. The caller opens and closes the session.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=max(100, at_once), limit_per_host=max(30, at_once), ttl_dns_cache=300),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=10),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": "everkin"},
    )


async def read_up_to(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """Return the body, or a beginning slightly longer than `limit` if the body is longer."""
    body = bytearray()
    while len(body) <= limit and (piece := await response.content.readany()):
        body += piece
    return bytes(body)


@dataclass(frozen=True, slots=True)
class PoolStats:
    """Outgoing connections of the process."""

    limit: int
    """Bound of all connections."""
    limit_a_host: int
    """Bound of connections per host."""
    busy: int
    """Connections that carry a request."""
    idle: int
    """Connections kept open for the next request."""
    idle_by_host: dict[str, int]
    """`host:port` -> idle connections."""


def pool_stats(session: aiohttp.ClientSession) -> PoolStats:
    """Return the counts of a session. They are read from aiohttp's private attributes, as it has no public ones; a
    missing attribute counts as 0."""
    connector = session.connector
    if connector is None:
        return PoolStats(0, 0, 0, 0, {})
    kept = getattr(connector, "_conns", {})
    idle = {f"{key.host}:{key.port}": len(connections) for key, connections in kept.items() if connections}
    busy = len(getattr(connector, "_acquired", ()))
    return PoolStats(connector.limit, connector.limit_per_host, busy, sum(idle.values()), idle)
