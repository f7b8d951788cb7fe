"""Finished replies kept in memory for a few minutes, bounded in bytes. response_cache.py decides which are stored and
used."""

from collections import OrderedDict
from dataclasses import dataclass

from everkin.kit.clock import Clock

ReplyKey = tuple[str, str, str]
"""User, conversation, reuse key. The third contains the first two as well; repeating them keeps a wrongly built key
from crossing users."""

OVERHEAD = 512
"""Approximate bytes of an entry besides its text."""


@dataclass(frozen=True, slots=True)
class CachedReply:
    """A finished reply, kept until it expires."""

    text: str
    """The generated text."""
    model: str
    """Name of the model that generated it."""
    until: float
    """Monotonic seconds of the clock."""


@dataclass(frozen=True, slots=True)
class ReplyCacheStats:
    """Counters of the reply cache."""

    entries: int
    """Replies kept now."""
    bytes: int
    """Bytes they take, `OVERHEAD` included."""
    hits: int
    """Lookups that found a reply."""
    misses: int
    """Lookups that found no reply."""
    evicted: int
    """Replies dropped to stay within the bytes."""

    @property
    def hit_rate(self) -> float:
        """Hits per lookup, 0 to 1; 0 before the first lookup."""
        asked = self.hits + self.misses
        return self.hits / asked if asked else 0.0


class CachedReplies:
    """Keep each reply for `seconds` (0: do not keep any). When `most_bytes` are exceeded, drop the least recently used
    first."""

    def __init__(self, clock: Clock, *, seconds: float = 300.0, most_bytes: int = 8 * 2**20) -> None:
        self._clock = clock
        self._seconds = seconds
        self._most_bytes = most_bytes
        self._kept: OrderedDict[ReplyKey, CachedReply] = OrderedDict()
        self._bytes = 0
        self._hits = 0
        self._misses = 0
        self._evicted = 0

    def get(self, key: ReplyKey) -> CachedReply | None:
        """Return the reply kept under a key, or None."""
        reply = self._kept.get(key)
        if reply is None or reply.until <= self._clock.monotonic():
            self._misses += 1
            return None
        self._hits += 1
        self._kept.move_to_end(key)
        return reply

    def put(self, key: ReplyKey, text: str, model: str) -> None:
        """Keep a reply, unless caching is off or it alone exceeds the bytes."""
        self._drop(key)
        reply = CachedReply(text, model, self._clock.monotonic() + self._seconds)
        if self._seconds <= 0 or _size(reply) > self._most_bytes:
            return
        self._kept[key] = reply
        self._bytes += _size(reply)
        while self._bytes > self._most_bytes:
            self._drop(next(iter(self._kept)))
            self._evicted += 1

    def sweep(self) -> int:
        """Drop expired replies and return how many. Call it every minute."""
        now = self._clock.monotonic()
        return self._drop_all([key for key, reply in self._kept.items() if reply.until <= now])

    def forget(self, user_id: str = "", conversation_id: str = "") -> int:
        """Drop the replies of one user, of one conversation, or all, and return how many."""
        return self._drop_all(
            [key for key in self._kept if user_id in ("", key[0]) and conversation_id in ("", key[1])]
        )

    def stats(self) -> ReplyCacheStats:
        return ReplyCacheStats(len(self._kept), self._bytes, self._hits, self._misses, self._evicted)

    def _drop_all(self, keys: list[ReplyKey]) -> int:
        for key in keys:
            self._drop(key)
        return len(keys)

    def _drop(self, key: ReplyKey) -> None:
        reply = self._kept.pop(key, None)
        if reply is not None:
            self._bytes -= _size(reply)


def _size(reply: CachedReply) -> int:
    return OVERHEAD + len(reply.text.encode("utf-8", "surrogatepass"))
