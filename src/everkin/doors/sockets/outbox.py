"""What waits to be sent on one socket, counted in bytes. Takes the place of engine.io's own unbounded queue."""

import asyncio
from collections import deque

from engineio.packet import Packet

_SMALL = 64
"""What a packet that is not a Frame (open, connect, ping) is reckoned at."""


class Outbox:
    """engine.io's writer takes a packet, sends it, and comes back for the next one only when the client has room: so what
    it took last is still `backlog` until it comes back. The methods are those of asyncio.Queue that engine.io calls."""

    def __init__(self) -> None:
        self.backlog = 0
        self._packets: deque[Packet | None] = deque()
        self._taken = 0
        self._getter: asyncio.Future[Packet | None] | None = None
        self._landed: asyncio.Future[None] | None = None

    def put_nowait(self, packet: Packet | None) -> None:
        """None tells the writer to end."""
        self.backlog += _size(packet)
        getter, self._getter = self._getter, None
        if getter is not None and not getter.done():
            self._taken += _size(packet)
            getter.set_result(packet)
        else:
            self._packets.append(packet)

    async def put(self, packet: Packet | None) -> None:
        self.put_nowait(packet)

    def get(self) -> "asyncio.Future[Packet | None]":
        """One getter at a time: a socket has one writer (or one poll)."""
        self._land()
        getter: asyncio.Future[Packet | None] = asyncio.get_running_loop().create_future()
        if self._packets:
            getter.set_result(self.get_nowait())
        else:
            self._getter = getter
        return getter

    def get_nowait(self) -> Packet | None:
        if not self._packets:
            raise asyncio.QueueEmpty
        packet = self._packets.popleft()
        self._taken += _size(packet)
        return packet

    def task_done(self) -> None:
        """Counted by `get` instead."""

    async def join(self) -> None:
        """Does not wait: a client that does not read would hold up whoever closes its socket."""

    async def room(self, below: int) -> None:
        """Returns once less than `below` bytes wait, or the outbox was cleared."""
        while self.backlog >= below:
            self._landed = self._landed or asyncio.get_running_loop().create_future()
            await asyncio.shield(self._landed)

    def clear(self) -> None:
        """Drops everything and ends the writer."""
        self._packets.clear()
        self._taken = self.backlog
        self._land()
        self.put_nowait(None)

    def _land(self) -> None:
        self.backlog -= self._taken
        self._taken = 0
        landed, self._landed = self._landed, None
        if landed is not None and not landed.done():
            landed.set_result(None)


def _size(packet: Packet | None) -> int:
    size: int = getattr(packet, "size", _SMALL)
    return size if packet is not None else 0
