"""The process's one pool of outgoing connections."""

from dataclasses import dataclass

import aiohttp


def new_session(at_once: int = 0) -> aiohttp.ClientSession:
    """100 connections in all, 30 a host, or `at_once` where the gateway lets more calls through (else the pool would be a
    second queue behind the gateway's); addresses remembered for 5 minutes. To be opened and closed by the caller.

    No cookies, and the environment's proxies are not used: what is sent goes where it was addressed.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=max(100, at_once), limit_per_host=max(30, at_once), ttl_dns_cache=300),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=10),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": "everkin"},
    )


async def read_up_to(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """The body, or its first bytes once it is longer than `limit`."""
    body = bytearray()
    while len(body) <= limit and (piece := await response.content.readany()):
        body += piece
    return bytes(body)


@dataclass(frozen=True, slots=True)
class PoolStats:
    """Connections: `busy` carry a request, `idle` are kept for the next one, by host."""

    limit: int
    limit_a_host: int
    busy: int
    idle: int
    idle_by_host: dict[str, int]


def pool_stats(session: aiohttp.ClientSession) -> PoolStats:
    """aiohttp has no public count, so its own bookkeeping is read; what it no longer has counts as nothing."""
    connector = session.connector
    if connector is None:
        return PoolStats(0, 0, 0, 0, {})
    kept = getattr(connector, "_conns", {})
    idle = {f"{key.host}:{key.port}": len(connections) for key, connections in kept.items() if connections}
    busy = len(getattr(connector, "_acquired", ()))
    return PoolStats(connector.limit, connector.limit_per_host, busy, sum(idle.values()), idle)
