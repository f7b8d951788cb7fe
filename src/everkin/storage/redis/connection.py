"""The connection to Redis: short timeouts and a circuit breaker, so that an outage costs a call at most one timeout."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as LostConnection
from redis.exceptions import RedisError
from redis.maint_notifications import MaintNotificationsConfig

from everkin.domain.errors import StartError
from everkin.kit.clock import Clock
from everkin.kit.tasks import Tasks

log = logging.getLogger("everkin.redis")

T = TypeVar("T")

CONNECTIONS = 50
_KEPT_FREE = 2
"""Connections reserved for the subscription and for testing whether Redis is back."""

FAILURES = (RedisError, OSError, TimeoutError)


class RedisOffline(Exception):
    """Redis does not answer. The caller must continue without it."""


class RedisConnection:
    """A connection pool that is offline until the first answer.

    While offline, `ask` raises RedisOffline at once; a background task tries again after `pause` seconds, then twice as
    long, up to `longest_pause`. `before_return` is awaited before the connection is used again.

    A call whose connection is lost is retried once on another (a restart cuts them all); a timeout is not retried.
    """

    def __init__(
        self, url: str, clock: Clock, *, timeout: float = 0.5, pause: float = 0.25, longest_pause: float = 5.0
    ) -> None:
        self.failures = 0
        self.returns = 0
        self.why = "Redis has not answered yet."
        self.before_return: Callable[[Redis], Awaitable[None]] = _nothing
        self.timeout = timeout
        self._clock = clock
        self._pause = pause
        self._longest_pause = longest_pause
        self._away = asyncio.Event()
        self._away.set()
        self._tried = asyncio.Event()
        self._places = asyncio.Semaphore(CONNECTIONS - _KEPT_FREE)
        self._tasks = Tasks("redis")
        self.redis = _client(url, timeout)

    @property
    def away(self) -> bool:
        return self._away.is_set()

    async def ask(self, question: Callable[[Redis], Awaitable[T]]) -> T:
        """Run a command. Raises RedisOffline within one timeout at the latest."""
        if self.away:
            raise RedisOffline
        async with self._places:
            if self.away:
                raise RedisOffline
            try:
                async with asyncio.timeout(self.timeout):
                    return await question(self.redis)
            except FAILURES as error:
                self.lose(error)
                raise RedisOffline from None

    def lose(self, error: BaseException) -> None:
        self.failures += 1
        self.why = f"Redis does not answer ({type(error).__name__}); Everkin goes on without it."
        if not self.away or self.failures == 1:
            log.warning(
                "redis does not answer (%s); going on without it. Start it or check REDIS_URL; REDIS_ENABLED=false leaves it alone",
                type(error).__name__,
            )
        self._away.set()

    @asynccontextmanager
    async def opened(self) -> AsyncIterator["RedisConnection"]:
        """Keep connecting in the background. Returns after the first attempt, successful or not."""
        self._tasks.start(self._keep_trying())
        try:
            await self._tried.wait()
            yield self
        finally:
            await self._tasks.close()
            await self.redis.aclose()

    async def _keep_trying(self) -> None:
        pause = self._pause
        while True:
            await self._away.wait()
            if await self._returned():
                self._away.clear()  # no await between the end of before_return and this line
                self.returns += 1
                pause = self._pause
                log.info("redis answers")
            self._tried.set()
            if self.away:
                await self._clock.sleep(pause)
                pause = min(pause * 2, self._longest_pause)

    async def _returned(self) -> bool:
        try:
            async with asyncio.timeout(self.timeout):
                await self.redis.ping()
            await self.before_return(self.redis)
        except FAILURES as error:
            self.lose(error)
            return False
        return True

    # -- for operators ------------------------------------------------------------------------------------------------

    name = "redis"

    def hosts(self) -> dict[str, tuple[int, int]]:
        """Return the number of connections (in use, idle)."""
        pool: Any = self.redis.connection_pool
        return {"redis": (len(pool._in_use_connections), len(pool._available_connections))}

    def most(self) -> int:
        return CONNECTIONS

    async def clean(self) -> int:
        """Close idle connections, and return their number."""
        idle = self.hosts()["redis"][1]
        await self.redis.connection_pool.disconnect(inuse_connections=False)
        return idle


async def _nothing(_: Redis) -> None:
    return


def _client(url: str, timeout: float) -> Redis:
    try:
        pool = ConnectionPool.from_url(
            url,
            protocol=3,
            max_connections=CONNECTIONS,
            socket_timeout=timeout,
            socket_connect_timeout=timeout,
            retry=Retry(NoBackoff(), 1, supported_errors=(LostConnection,)),
            client_name="everkin",
            maint_notifications_config=MaintNotificationsConfig(enabled=False),
        )
    except ValueError:
        raise StartError(
            "REDIS_URL is not an address of Redis. It looks like redis://:password@host:6379/0, rediss://... or unix:///path."
        ) from None
    return Redis.from_pool(pool)
