"""Sliding windows shared by all nodes: one sorted set each, checked and counted by one script."""

import secrets
from collections.abc import Callable, Sequence

from redis.asyncio import Redis

from everkin.domain.cache import Limit, Refusal
from everkin.storage.local.counts import LocalCounts
from everkin.storage.redis.connection import RedisConnection, RedisOffline
from everkin.storage.redis.keys import COUNTS

_TAKE = """
local now, mark = tonumber(ARGV[1]), ARGV[2]
if not now then
  local time = redis.call('TIME')
  now = tonumber(time[1]) + tonumber(time[2]) / 1000000
end
for place, key in ipairs(KEYS) do
  local most, seconds = tonumber(ARGV[2 * place + 1]), tonumber(ARGV[2 * place + 2])
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - seconds)
  local count = redis.call('ZCARD', key)
  if count >= most and not redis.call('ZSCORE', key, mark) then
    local wait = seconds
    if most > 0 then
      wait = tonumber(redis.call('ZRANGE', key, count - most, count - most, 'WITHSCORES')[2]) + seconds - now
    end
    return {place, tostring(wait)}
  end
end
if mark == '' then
  return {0, '0'}
end
for place, key in ipairs(KEYS) do
  redis.call('ZADD', key, 'NX', now, mark)
  redis.call('PEXPIRE', key, math.ceil(tonumber(ARGV[2 * place + 2]) * 1000))
end
return {0, '0'}
"""


class RedisCounts:
    """Sliding windows in Redis. While Redis is offline the windows of this process decide: each node then allows at
    most as much as all together did. `local` counts continuously, so it knows how much this node allowed. `fallbacks`
    counts these decisions.

    `now` returns seconds, for tests; otherwise Redis's clock is used, so that nodes agree.
    """

    def __init__(self, link: RedisConnection, local: LocalCounts, now: Callable[[], float] | None = None) -> None:
        self.fallbacks = 0
        self._link = link
        self._local = local
        self._now = now
        self._script = link.redis.register_script(_TAKE)

    async def take(self, *limits: Limit, mark: str = "") -> Refusal | None:
        # A retry after a lost connection has the same mark and is counted once.
        mark = mark or secrets.token_hex(8)
        try:
            refusal = await self._ask(mark, limits)
        except RedisOffline:
            self.fallbacks += 1
            return await self._local.take(*limits, mark=mark)
        if refusal is None:
            self._local.note(*limits, mark=mark)
        return refusal

    async def check(self, *limits: Limit) -> Refusal | None:
        try:
            return await self._ask("", limits)
        except RedisOffline:
            self.fallbacks += 1
            return await self._local.check(*limits)

    async def _ask(self, mark: str, limits: tuple[Limit, ...]) -> Refusal | None:
        """Run the script. An empty `mark` is not counted. Raises RedisOffline."""
        now = "" if self._now is None else repr(self._now())
        arguments: list[str | int] = [now, mark]
        for limit in limits:
            arguments += [limit.most, repr(limit.seconds)]
        keys = [COUNTS + limit.key for limit in limits]
        place, wait = await self._link.ask(lambda _: self._run(keys, arguments))
        return Refusal(limits[place - 1], float(wait)) if place else None

    async def give_back(self, *limits: Limit, mark: str) -> None:
        """Remove a count. While Redis is offline, its count remains too high until the window has passed."""
        self._local.drop(*limits, mark=mark)
        try:
            await self._link.ask(lambda redis: _remove(redis, [COUNTS + limit.key for limit in limits], mark))
        except RedisOffline:
            self.fallbacks += 1

    async def _run(self, keys: list[str], arguments: list[str | int]) -> tuple[int, bytes]:
        place, wait = await self._script(keys=keys, args=arguments)
        return int(place), wait


async def _remove(redis: Redis, keys: Sequence[str], mark: str) -> None:
    for key in keys:
        await redis.zrem(key, mark)
