"""The cache as the rooms see it, its keys and how long each kind of value lives.

A cache only makes things faster: what is true is in the record, and every method here may be answered by an empty cache.
Fulfilled by storage/local/cache.py (in this process) and storage/redis/cache.py (shared by several nodes), which pass the
same contract suite. The rules of freshness are in docs/cache.md.
"""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from everkin.domain.cache import CacheStats, Limit, Refusal, Stale
from everkin.domain.ids import CharacterId, ConversationId, UserId

TTL_PROFILE = 3600.0
TTL_GREETING = 120.0
TTL_SETTINGS = 1800.0
TTL_STATE = 300.0
TTL_CONTEXT = 300.0
TTL_CHARACTER = 3600.0
TTL_MEMORIES = 1800.0
TTL_CHAT = 86_400.0
TTL_CHAT_IDLE = 3600.0
TTL_LOCK = 10.0
"""Seconds."""

CHAT = "chat:"
FAMILIES = ("user:", "context:", "character:", "memories:", CHAT)
"""What every key begins with: the key space of this cache."""


def profile_key(user_id: UserId) -> str:
    return f"user:{user_id}:profile"


def greeting_key(user_id: UserId) -> str:
    return f"user:{user_id}:greeting_instructions"


def settings_key(user_id: UserId) -> str:
    return f"user:{user_id}:settings"


def state_key(user_id: UserId) -> str:
    return f"user:{user_id}:state"


def context_key(conversation_id: ConversationId) -> str:
    return f"context:{conversation_id}"


def character_key(character_id: CharacterId) -> str:
    return f"character:{character_id}"


def memories_key(character_id: CharacterId, user_id: UserId) -> str:
    return f"memories:{character_id}:{user_id}"


def chat_key(conversation_id: ConversationId) -> str:
    """The hot copy of a log (history/shared_log_cache.py): 24 h while one of its people is active, else 1 h."""
    return f"{CHAT}{conversation_id}"


def patterns_of_user(user_id: UserId) -> tuple[str, ...]:
    """All that is cached about one person alone."""
    return (f"user:{user_id}:*", f"memories:*:{user_id}")


class Cache(Protocol):
    """None of these raises because a cache is away. Values are not empty."""

    @property
    def believed_seconds(self) -> float:
        """How long a copy taken from here may be believed without asking again: short where changes made by other nodes
        are not heard of."""

    async def get(self, key: str) -> bytes | None: ...

    async def set(self, key: str, value: bytes, ttl_seconds: float) -> None:
        """Whatever is there. Not for copies of the record: two writers may arrive in the wrong order; use `add`."""

    async def add(self, key: str, value: bytes, ttl_seconds: float) -> bool:
        """Keeps a copy of what was just read, unless there is one or the key was deleted within the last 10 s: a copy
        read before an update never replaces it. False: not kept."""

    async def delete(self, *keys: str) -> None:
        """When it returns no `get` here answers the old value, and as soon as the others have heard of it none there.
        What could not be sent is owed, and sent before the cache is read again."""

    async def delete_matching(self, pattern: str, most: int = 10_000) -> int:
        """How many were deleted, at most `most`. `*` stands for any characters, `?` for one; all else for itself."""

    def lock(self, key: str, ttl_seconds: float = TTL_LOCK) -> AbstractAsyncContextManager[bool]:
        """Enters at once, with whether the lock is ours; leaving releases it if it still is. A courtesy between workers:
        nothing that has to be true may depend on it."""

    def watch(self, stale: Stale) -> None:
        """`stale` is called, at once, for every deletion here and for those of other nodes."""

    async def stats(self) -> CacheStats: ...


class Counts(Protocol):
    """Sliding windows. Fulfilled by storage/local/counts.py and storage/redis/counts.py."""

    @property
    def fallbacks(self) -> int:
        """How often this process had to count alone because what all nodes share was away."""

    async def take(self, *limits: Limit, mark: str = "") -> Refusal | None:
        """Counts once under every limit, or under none and says which was passed. What has the same `mark` counts once in a
        window, and is not refused a second time; without a mark everything counts."""

    async def check(self, *limits: Limit) -> Refusal | None:
        """Which limit has no room for one more, without counting anything."""

    async def give_back(self, *limits: Limit, mark: str) -> None:
        """What was taken under this mark does not count any more."""
