"""Ends connections that may not stay open. Every cut is counted and shown in health."""

import logging
from collections import Counter
from typing import Any

from everkin.domain.errors import EverkinError, Unauthenticated
from everkin.interfaces.sockets.connections import Connection, Connections
from everkin.interfaces.sockets.frames import event_frame
from everkin.interfaces.views import problem_view
from everkin.kit.clock import Clock
from everkin.kit.tasks import Tasks
from everkin.observability.health import Condition, PartHealth
from everkin.security.accounts import Accounts

log = logging.getLogger("everkin.sockets")

SWEEP_SECONDS = 2.0
"""How long a connection may outlive its token, or its time to sign in."""
GRACE_SECONDS = 2.0
"""How long a client has to read the reason before its connection is closed."""


class ConnectionGuard:
    def __init__(self, lines: Connections, accounts: Accounts, clock: Clock, connect_seconds: float) -> None:
        self.counts: Counter[str] = Counter()
        self._lines = lines
        self._accounts = accounts
        self._clock = clock
        self._connect_seconds = connect_seconds
        self._tasks = Tasks("socket guard")

    def open(self) -> None:
        self._tasks.start(self._watch())

    async def close(self) -> None:
        for line in self._lines:
            await self._end(line)
        await self._tasks.close()

    def cut_slow(self, line: Connection) -> None:
        log.info("a connection was cut: its client does not read")
        self.counts["cut_slow"] += 1
        self._cut(line)

    def cut_malformed(self, line: Connection) -> None:
        self.counts["cut_malformed"] += 1
        self._cut(line)

    async def turn_out(self, line: Connection) -> None:
        """Send the reason, then end the connection."""
        self.counts["turned_out"] += 1
        line.put(event_frame("error", problem_view(Unauthenticated())))
        await self._end(line)
        self._tasks.start(self._abort_later(line))

    async def health(self) -> PartHealth:
        lines = list(self._lines)
        figures: dict[str, float] = {
            "open": len(lines),
            "signed_in": sum(line.caller is not None for line in lines),
            "waiting_bytes": sum(line.outbox.backlog for line in lines),
            **self.counts,
        }
        return PartHealth(Condition.OK, "", figures)

    async def _watch(self) -> None:
        while True:
            await self._clock.sleep(SWEEP_SECONDS)
            try:
                await self._sweep()
            except EverkinError as error:
                log.warning("the rights of open connections could not be checked: %s", error)

    async def _sweep(self) -> None:
        late = self._clock.monotonic() - self._connect_seconds
        for line in self._lines:
            if line.caller is None:
                if line.since <= late:
                    self.counts["cut_unauthenticated"] += 1
                    self._cut(line)
            elif not await self._accounts.still_valid(line.caller):
                await self.turn_out(line)

    def _cut(self, line: Connection) -> None:
        """End a connection at once: closing politely would wait for the client to read."""
        line.lost = True
        line.outbox.clear()
        self._tasks.start(self._hang_up(line))

    async def _hang_up(self, line: Connection) -> None:
        await self._end(line)
        _abort(line.transport)

    async def _end(self, line: Connection) -> None:
        """End the session for engine.io; its writer sends the waiting packets, then closes the WebSocket."""
        line.lost = True
        await line.socket.close(wait=False, abort=True)
        line.outbox.put_nowait(None)

    async def _abort_later(self, line: Connection) -> None:
        await self._clock.sleep(GRACE_SECONDS)
        _abort(line.transport)


def _abort(transport: Any) -> None:
    if transport is not None:
        transport.abort()
