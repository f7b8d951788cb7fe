"""Inspection and cleaning of the process's pool of outgoing connections, for operators."""

from collections import Counter
from typing import Any

import aiohttp


class OutgoingPool:
    """The connection pool of a session, read from aiohttp's private attributes, as it has no public ones."""

    name = "outgoing"

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    def hosts(self) -> dict[str, tuple[int, int]]:
        """Return `host:port` -> (connections in use, idle connections)."""
        connector: Any = self._session.connector
        used = Counter({key: len(each) for key, each in connector._acquired_per_host.items()})
        idle = Counter({key: len(each) for key, each in connector._conns.items()})
        found: dict[str, tuple[int, int]] = {}
        for key in used | idle:
            name = f"{key.host}:{key.port}"
            before = found.get(name, (0, 0))
            found[name] = (before[0] + used[key], before[1] + idle[key])
        return found

    def most(self) -> int:
        """Return the bound of all connections."""
        connector = self._session.connector
        return connector.limit if connector is not None else 0

    async def clean(self) -> int:
        """Close idle connections and return how many."""
        connector: Any = self._session.connector
        idle = [protocol for conns in connector._conns.values() for protocol, _ in conns]
        connector._conns.clear()
        for protocol in idle:
            protocol.close()
        return len(idle)
