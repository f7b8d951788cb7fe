"""Finished replies kept for a few minutes, in memory, bounded in bytes. What may be kept and given is cached.py's affair."""

from collections import OrderedDict
from dataclasses import dataclass

from everkin.kit.clock import Clock

ReplyKey = tuple[str, str, str]
"""User, conversation, reuse key. The first two are in the third as well: a key made wrongly still crosses nobody's border."""

OVERHEAD = 512
"""Bytes an entry takes beside its text, roughly."""


@dataclass(frozen=True, slots=True)
class CachedReply:
    text: str
    model: str
    until: float


@dataclass(frozen=True, slots=True)
class ReplyCacheStats:
    entries: int
    bytes: int
    hits: int
    misses: int
    evicted: int

    @property
    def hit_rate(self) -> float:
        asked = self.hits + self.misses
        return self.hits / asked if asked else 0.0


class CachedReplies:
    """Each for `seconds`; 0 keeps none. The least recently used go first once `most_bytes` are reached."""

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
        reply = self._kept.get(key)
        if reply is None or reply.until <= self._clock.monotonic():
            self._misses += 1
            return None
        self._hits += 1
        self._kept.move_to_end(key)
        return reply

    def put(self, key: ReplyKey, text: str, model: str) -> None:
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
        """Drops what is too old; how many those were. To be called every minute."""
        now = self._clock.monotonic()
        return self._drop_all([key for key, reply in self._kept.items() if reply.until <= now])

    def forget(self, user_id: str = "", conversation_id: str = "") -> int:
        """Drops one person's replies, one conversation's, or all; how many those were."""
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
