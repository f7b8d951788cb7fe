"""A Socket.IO client (protocol 5 over a websocket) that costs a few microseconds an event.

It never decodes what it does not need: events are told apart by byte marks in their text, so that hundreds of clients in
one process are not what a benchmark measures.
"""

import asyncio
import json
import struct
import time
from collections.abc import Callable
from typing import Any, cast


class SocketRefused(ConnectionError):
    """The server did not accept the connection, or cut it."""


class SocketClient(asyncio.Protocol):
    """`on_event` gets every Socket.IO event as its JSON array in bytes (`["name",{...}]`), right when it arrives."""

    def __init__(self, host: str, path: str, token: str) -> None:
        self.on_event: Callable[[bytes], None] = lambda event: None
        self._host, self._path, self._token = host, path, token
        self._buffer = bytearray()
        self._upgraded = False
        self._acks: dict[int, asyncio.Future[Any]] = {}
        self._next_ack = 0
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._transport: asyncio.Transport | None = None

    @classmethod
    async def connect(cls, host: str, port: int, token: str, path: str = "/socket.io/") -> "SocketClient":
        loop = asyncio.get_running_loop()
        _, client = await loop.create_connection(lambda: cls(f"{host}:{port}", path, token), host, port)
        await asyncio.wait_for(asyncio.shield(client._ready), 30)
        return client

    def emit(self, name: str, body: Any) -> None:
        self._send(b"42" + json.dumps([name, body]).encode())

    async def call(self, name: str, body: Any, seconds: float = 60.0) -> Any:
        """The acknowledgement's body."""
        self._next_ack += 1
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._acks[self._next_ack] = future
        self._send(f"42{self._next_ack}{json.dumps([name, body])}".encode())
        async with asyncio.timeout(seconds):
            return await future

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    # -- asyncio.Protocol ------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(
            f"GET {self._path}?EIO=4&transport=websocket HTTP/1.1\r\nHost: {self._host}\r\n"
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        for future in [self._ready, *self._acks.values()]:
            if not future.done():
                future.set_exception(SocketRefused("the server closed the connection"))
                future.exception()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._upgraded and not self._upgrade():
            return
        buffer, at, size = self._buffer, 0, len(self._buffer)
        while size - at >= 2:
            length, head = buffer[at + 1] & 0x7F, 2
            if length == 126:
                if size - at < 4:
                    break
                length, head = struct.unpack_from("!H", buffer, at + 2)[0], 4
            elif length == 127:
                if size - at < 10:
                    break
                length, head = struct.unpack_from("!Q", buffer, at + 2)[0], 10
            if size - at < head + length:
                break
            self._frame(buffer[at] & 0x0F, bytes(buffer[at + head : at + head + length]))
            at += head + length
        del buffer[:at]

    # -- websocket, Engine.IO, Socket.IO -----------------------------------------------------------------------------

    def _upgrade(self) -> bool:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        status = bytes(self._buffer[: self._buffer.find(b"\r\n")])
        del self._buffer[: end + 4]
        if b" 101 " not in status:
            self._ready.set_exception(SocketRefused(status.decode("latin-1")))
            self.close()
            return False
        self._upgraded = True
        return True

    def _frame(self, opcode: int, payload: bytes) -> None:
        if opcode == 1:
            self._packet(payload)
        elif opcode == 9:
            self._send(payload, opcode=10)

    def _packet(self, packet: bytes) -> None:
        if packet.startswith(b"42"):
            self.on_event(packet[2:])
        elif packet.startswith(b"43"):
            start = packet.index(b"[")
            future = self._acks.pop(int(packet[2:start]), None)
            if future is not None and not future.done():
                future.set_result(json.loads(packet[start:])[0])
        elif packet == b"2":
            self._send(b"3")
        elif packet.startswith(b"40"):
            self._ready.set_result(None)
        elif packet.startswith(b"44"):
            self._ready.set_exception(SocketRefused(packet[2:].decode()))
        elif packet.startswith(b"0"):
            self._send(b"40" + json.dumps({"token": self._token}).encode())

    def _send(self, payload: bytes, opcode: int = 1) -> None:
        """Masked with zeros: what the protocol asks for, without touching a byte."""
        if self._transport is None:
            raise SocketRefused("the server closed the connection")
        size = len(payload)
        if size < 126:
            head = struct.pack("!BB4x", 0x80 | opcode, 0x80 | size)
        elif size < 65536:
            head = struct.pack("!BBH4x", 0x80 | opcode, 0xFE, size)
        else:
            head = struct.pack("!BBQ4x", 0x80 | opcode, 0xFF, size)
        self._transport.write(head + payload)


class Turns:
    """Turns of one client, one after another: seconds from sending to the first word, and to the end."""

    def __init__(self, client: SocketClient, event: str, first: bytes, last: bytes, failed: bytes) -> None:
        """The byte marks tell the server's events apart; `event` is what a message is sent as."""
        self.last_event = b""
        self._client, self._event = client, event
        self._first, self._last, self._failed = first, last, failed
        self._sent = self._heard = 0.0
        self._done: asyncio.Future[None] | None = None
        client.on_event = self._on_event

    async def say(self, body: dict[str, Any], seconds: float = 60.0) -> tuple[float, float]:
        """Both an acknowledgement and the last event have come when this returns."""
        self._done = asyncio.get_running_loop().create_future()
        self._heard = 0.0
        self._sent = time.perf_counter()
        ack = await self._client.call(self._event, body, seconds)
        if not ack.get("ok"):
            raise RuntimeError(f"refused: {ack}")
        async with asyncio.timeout(seconds):
            await self._done
        return self._heard - self._sent, time.perf_counter() - self._sent

    def _on_event(self, event: bytes) -> None:
        if not self._heard and self._first in event:
            self._heard = time.perf_counter()
        elif self._last in event:
            self.last_event = event
            if self._done is not None and not self._done.done():
                self._done.set_result(None)
        elif self._failed in event and self._done is not None and not self._done.done():
            self._done.set_exception(RuntimeError(f"the turn failed: {event[:300]!r}"))
