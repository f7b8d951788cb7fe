"""Storage interfaces of this package. Implemented by storage/sql/users.py, storage/sql/tokens.py,
storage/local/counts.py and storage/redis/counts.py."""

from typing import Protocol

from everkin.domain.cache import Limit, Refusal
from everkin.domain.caller import User
from everkin.domain.ids import Millis, UserId


class Users(Protocol):
    async def create(self, user: User) -> User:
        """Store a new user. Raises Conflict when the login, or the (issuer, subject), is taken."""

    async def get(self, user_id: UserId) -> User: ...

    async def by_login(self, login: str) -> User | None: ...

    async def by_subject(self, issuer: str, subject: str) -> User | None: ...

    async def first_owner(self) -> User | None:
        """Return the first-run owner: the oldest user of role owner."""

    async def set_password(self, user_id: UserId, password_hash: str) -> None: ...

    async def set_name(self, user_id: UserId, name: str) -> User:
        """Set the name in the account and in all conversations of the user. Raises NotFound."""

    async def list(self) -> list[User]: ...


class Tokens(Protocol):
    """Refresh tokens and the deny-list. Only sha256 digests of refresh tokens are stored."""

    async def store_refresh(
        self, digest: str, family: str, user_id: UserId, expires_at: Millis, at: Millis
    ) -> None: ...

    async def use_refresh(self, digest: str, at: Millis) -> tuple[UserId, str] | None:
        """Mark a refresh token as used and return (user, family). None: unknown or expired. A token used before revokes
        its whole family and raises Unauthenticated (a second holder has a copy)."""

    async def knows_refresh(self, digest: str) -> bool:
        """Whether it was ever issued, used or not. Reads only."""

    async def revoke_family(self, family: str) -> None: ...

    async def revoke_user(self, user_id: UserId, since: Millis, until: Millis) -> None:
        """Revoke all refresh tokens of a user, and deny every sign-in that got tokens at `since` or later until
        `until`: both at once, or neither."""

    async def deny(self, token_id: str, expires_at: Millis) -> bool:
        """Deny a token. False when it was denied before. Of several simultaneous calls for the same token exactly one
        returns True."""

    async def denied(self, token_id: str) -> bool: ...

    async def denials(self, now: Millis) -> frozenset[str]:
        """Return all denied tokens that have not expired yet."""

    async def forget_expired(self, now: Millis) -> int: ...


class Counts(Protocol):
    """Sliding windows."""

    async def take(self, *limits: Limit) -> Refusal | None:
        """Count once under every limit, or under none if one is exceeded, and return that one's refusal."""

    async def check(self, *limits: Limit) -> Refusal | None:
        """Return the refusal of a limit without room for one more, without counting."""
