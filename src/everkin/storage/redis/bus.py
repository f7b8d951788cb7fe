"""The invalidation bus: nodes send each other the keys that have changed. Each node has one subscribed connection."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from everkin.domain.cache import Stale
from everkin.kit.clock import Clock
from everkin.kit.tasks import Tasks
from everkin.storage.redis.connection import FAILURES, RedisConnection
from everkin.storage.redis.keys import CHANNEL

log = logging.getLogger("everkin.redis")

PING_SECONDS = 2.0
_PAUSE = 0.25

Told = tuple[str, tuple[str, ...] | None]
_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Told] = msgspec.json.Decoder(Told)


class Bus:
    """Sends and receives invalidations. `hearing` is true while every message of another node arrives within a ping (2
    s) and its answer (2 s).

    Messages may have been missed before it became true and after it became false: all local copies are dropped at both.
    """

    channel = CHANNEL

    def __init__(self, link: RedisConnection, node: str, clock: Clock, *, ping_seconds: float = PING_SECONDS) -> None:
        self.hearing = False
        self.heard = 0
        self._link = link
        self._node = node
        self._clock = clock
        self._ping_seconds = ping_seconds
        self._watchers: list[Stale] = []
        self._tasks = Tasks("bus")
        self._tried = asyncio.Event()
        self._silent = False

    def watch(self, stale: Stale) -> None:
        self._watchers.append(stale)

    def tell(self, keys: tuple[str, ...] | None) -> None:
        """Notify the watchers on this node. None means that every key may have changed."""
        for stale in self._watchers:
            stale(keys)

    def message(self, keys: tuple[str, ...] | None) -> bytes:
        return _encoder.encode((self._node, keys))

    @asynccontextmanager
    async def opened(self) -> AsyncIterator["Bus"]:
        """Listen in the background. Returns after the first attempt, successful or not."""
        self._tasks.start(self._keep_listening())
        try:
            await self._tried.wait()
            yield self
        finally:
            await self._tasks.close()

    async def _keep_listening(self) -> None:
        while True:
            try:
                await self._listen()
            except FAILURES as error:
                self._log_once(error)
            finally:
                self._set_hearing(False)
            await self._clock.sleep(_PAUSE)

    def _log_once(self, error: Exception) -> None:
        """Log one line per outage, regardless of the number of attempts."""
        if not self._silent:
            log.info("other nodes are not heard (%s); trying again until they are", type(error).__name__)
        self._silent = True

    async def _listen(self) -> None:
        """Listen until an error is raised."""
        async with self._link.redis.pubsub() as subscription:
            async with asyncio.timeout(2 * self._link.timeout):
                await subscription.subscribe(CHANNEL)
            asked = False
            while True:
                message = await subscription.get_message(timeout=self._ping_seconds)
                if message is not None:
                    asked = False
                    self._take(message)
                elif asked:
                    raise TimeoutError
                else:
                    asked = True
                    async with asyncio.timeout(self._link.timeout):
                        await subscription.ping()

    def _take(self, message: dict[str, Any]) -> None:
        if message["type"] == "subscribe":
            if self._silent:
                log.info("other nodes are heard again")
            self._silent = False
            self._set_hearing(True)
        elif message["type"] == "message":
            self.heard += 1
            node, keys = _read(message["data"])
            if node != self._node:
                self.tell(keys)

    def _set_hearing(self, hearing: bool) -> None:
        self.hearing = hearing
        self._tried.set()
        self.tell(None)


def _read(data: bytes) -> Told:
    """Decode a message. One that cannot be decoded (another version's) stands for every key."""
    try:
        return _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ("", None)
