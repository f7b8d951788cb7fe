"""What trust needs from storage. Fulfilled by storage/sql/users.py, storage/sql/tokens.py, storage/local/counts.py and
storage/redis/counts.py."""

from typing import Protocol

from everkin.domain.cache import Limit, Refusal
from everkin.domain.caller import User
from everkin.domain.ids import Millis, UserId


class Users(Protocol):
    async def create(self, user: User) -> User:
        """Conflict when the login, or the (issuer, subject), is taken."""

    async def get(self, user_id: UserId) -> User: ...

    async def by_login(self, login: str) -> User | None: ...

    async def by_subject(self, issuer: str, subject: str) -> User | None: ...

    async def first_owner(self) -> User | None:
        """The first-run owner: the oldest user of role owner."""

    async def set_password(self, user_id: UserId, password_hash: str) -> None: ...

    async def set_name(self, user_id: UserId, name: str) -> User:
        """In the account and in every conversation they take part in. NotFound."""

    async def list(self) -> list[User]: ...


class Tokens(Protocol):
    """Refresh tokens and the deny-list. Only sha256 digests of refresh tokens are stored."""

    async def store_refresh(
        self, digest: str, family: str, user_id: UserId, expires_at: Millis, at: Millis
    ) -> None: ...

    async def use_refresh(self, digest: str, at: Millis) -> tuple[UserId, str] | None:
        """Marks it used and returns (user, family). None: unknown or expired. A token used before revokes its whole
        family and raises Unauthenticated (somebody else has a copy)."""

    async def knows_refresh(self, digest: str) -> bool:
        """Whether it was ever given, used or not. Reads only."""

    async def revoke_family(self, family: str) -> None: ...

    async def revoke_user(self, user_id: UserId, since: Millis, until: Millis) -> None:
        """No refresh token of theirs serves any more, and every sign-in that got tokens at `since` or later is denied until
        `until`: both at once, or neither."""

    async def deny(self, token_id: str, expires_at: Millis) -> bool:
        """False when it was denied before. Of several that deny the same at once exactly one is answered with True."""

    async def denied(self, token_id: str) -> bool: ...

    async def denials(self, now: Millis) -> frozenset[str]:
        """All that are denied and would not have expired yet."""

    async def forget_expired(self, now: Millis) -> int: ...


class Counts(Protocol):
    """Sliding windows."""

    async def take(self, *limits: Limit) -> Refusal | None:
        """Counts once under every limit, or under none and says which was passed."""

    async def check(self, *limits: Limit) -> Refusal | None:
        """Which limit has no room for one more, without counting anything."""
