"""The protocols of the cache and of rate limit counters, the keys, and the lifetime of each kind of value.

A cache only saves time: the database holds the truth, and an empty cache is a valid answer to each method. Implemented
by storage/local/cache.py (in this process) and storage/redis/cache.py (shared by several nodes), which pass the same
contract tests. docs/cache.md describes the consistency rules.
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
"""Lifetimes in seconds."""

CHAT = "chat:"
"""Prefix of the keys of conversations' messages."""
FAMILIES = ("user:", "context:", "character:", "memories:", CHAT)
"""The prefixes of all keys of this cache."""


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
    """Return the key of a conversation's recent messages (history/shared_log_cache.py).

    They are kept for 24 h while one of its users is active, else 1 h.
    """
    return f"{CHAT}{conversation_id}"


def patterns_of_user(user_id: UserId) -> tuple[str, ...]:
    """Return patterns for all keys with data of this user alone."""
    return (f"user:{user_id}:*", f"memories:*:{user_id}")


class Cache(Protocol):
    """A key-value cache. Its methods do not raise when the cache is unavailable. Values must not be empty."""

    @property
    def believed_seconds(self) -> float:
        """Seconds for which a copy of a value may be used without another read; short where invalidations by other
        nodes do not arrive."""

    async def get(self, key: str) -> bytes | None:
        """Return the value, if any."""

    async def set(self, key: str, value: bytes, ttl_seconds: float) -> None:
        """Store a value, replacing any other.

        Not for copies of database rows, because two writers may arrive in the wrong order; use `add`.
        """

    async def add(self, key: str, value: bytes, ttl_seconds: float) -> bool:
        """Store a copy of a value just read from the database, unless there is one already or the key was deleted
        within the last 10 s.

        So a copy read before an update never replaces it. Returns False if not stored.
        """

    async def delete(self, *keys: str) -> None:
        """Delete values.

        After it returns, `get` on this node never returns the old value; on other nodes from the moment the
        invalidation arrives. An invalidation that could not be sent is kept, and sent before the cache is read again.
        """

    async def delete_matching(self, pattern: str, most: int = 10_000) -> int:
        """Delete at most `most` keys that match and return their number.

        `*` matches any characters, `?` one; all others match themselves.
        """

    def lock(self, key: str, ttl_seconds: float = TTL_LOCK) -> AbstractAsyncContextManager[bool]:
        """Enter at once, with True if the lock was acquired; leaving releases it if it is still held.

        Only avoids duplicate work; correctness must not depend on it.
        """

    def watch(self, stale: Stale) -> None:
        """Call `stale` immediately for each deletion on this node and on others."""

    async def stats(self) -> CacheStats:
        """Return the cache's figures."""


class Counts(Protocol):
    """Rate limit counters with sliding windows. Implemented by storage/local/counts.py and storage/redis/counts.py."""

    @property
    def fallbacks(self) -> int:
        """How often this process counted alone because the shared counters were unavailable."""

    async def take(self, *limits: Limit, mark: str = "") -> Refusal | None:
        """Count one event under all limits, or under no limit and return the exceeded one.

        Events with the same `mark` count once in a window and are not refused later; without a mark each event counts.
        """

    async def check(self, *limits: Limit) -> Refusal | None:
        """Return the limit without room for one more event, if any; counts no event."""

    async def give_back(self, *limits: Limit, mark: str) -> None:
        """Remove the event counted under this mark."""
