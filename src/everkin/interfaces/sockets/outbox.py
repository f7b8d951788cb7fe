"""The send queue of one socket, counted in bytes. Replaces engine.io's unbounded queue."""

import asyncio
from collections import deque

from engineio.packet import Packet

_SMALL = 64
"""The assumed size in bytes of a packet that is not a Frame (open, connect, ping)."""


class Outbox:
    """The queue that engine.io's writer reads. The writer polls, sends the packets, and polls again only when the
    client has made room for them: so the packets it took last count in `backlog` until it polls again.

    `put` and `join` are asyncio.Queue's, as engine.io calls them. `poll` replaces engine.io's, which costs a timer and
    a task each time; the timer is not needed, because a ping comes before it and closing a socket puts None.
    """

    def __init__(self) -> None:
        self.backlog = 0
        self._packets: deque[Packet | None] = deque()
        self._taken = 0
        self._news: asyncio.Future[None] | None = None
        self._landed: asyncio.Future[None] | None = None

    def put_nowait(self, packet: Packet | None) -> None:
        """Add a packet. None ends the writer."""
        self._packets.append(packet)
        self.backlog += _size(packet)
        _tell(self._news)

    async def put(self, packet: Packet | None) -> None:
        self.put_nowait(packet)

    async def join(self) -> None:
        """Return at once: otherwise a client that does not read would block the closing of its socket."""

    async def poll(self) -> list[Packet]:
        """Return all waiting packets, at least one; an empty list at the end."""
        self._land()
        while not self._packets:
            self._news = asyncio.get_running_loop().create_future()
            await self._news
        taken: list[Packet] = []
        while self._packets and (packet := self._packets[0]) is not None:
            taken.append(packet)
            self._packets.popleft()
        if not taken:
            self._packets.popleft()
        self._taken = sum(map(_size, taken))
        return taken

    async def landing(self, seconds: float) -> None:
        """Return when a packet has been sent, after `seconds` at the latest."""
        self._landed = self._landed or asyncio.get_running_loop().create_future()
        await asyncio.wait({self._landed}, timeout=seconds)

    def clear(self) -> None:
        """Drop all packets and end the writer."""
        self._packets.clear()
        self._taken = self.backlog
        self._land()
        self.put_nowait(None)

    def _land(self) -> None:
        self.backlog -= self._taken
        self._taken = 0
        _tell(self._landed)
        self._landed = None


def _tell(waiting: "asyncio.Future[None] | None") -> None:
    if waiting is not None and not waiting.done():
        waiting.set_result(None)


def _size(packet: Packet | None) -> int:
    size: int = getattr(packet, "size", _SMALL)
    return size if packet is not None else 0
