"""Accounts: who a token belongs to, signing in and out. (Signatures first; bodies follow.)"""

from dataclasses import dataclass

from everkin.domain.caller import Caller, User
from everkin.domain.ids import Millis, UserId


@dataclass(frozen=True, slots=True)
class TokenPair:
    """`access` goes into the Authorization header or Socket.IO's auth.token; `refresh` buys the next pair, once."""

    access: str
    refresh: str
    expires_at: Millis
    user: User


class Accounts:
    async def caller_of(self, token: str) -> Caller:
        """Unauthenticated when the token is wrong, expired, denied, or its user is gone or disabled."""
        raise NotImplementedError

    async def still_valid(self, caller: Caller) -> bool:
        """Cheap enough for every event: not expired, not logged out, not disabled."""
        raise NotImplementedError

    async def login(self, login: str, password: str) -> TokenPair:
        raise NotImplementedError

    async def register(self, login: str, password: str, name: str = "") -> TokenPair:
        """Forbidden unless ALLOW_SIGNUP; Conflict when the login is taken; Invalid for a weak password."""
        raise NotImplementedError

    async def add_user(self, login: str, password: str, name: str = "") -> User:
        """By the operator (`everkin users add`)."""
        raise NotImplementedError

    async def refresh(self, refresh: str) -> TokenPair:
        raise NotImplementedError

    async def logout(self, caller: Caller) -> None:
        """Denies the access token and revokes the refresh tokens of the same sign-in."""
        raise NotImplementedError

    async def owner_tokens(self) -> TokenPair:
        """Tokens of the first-run owner, for the owner's own machine only; the door checks that it is."""
        raise NotImplementedError

    async def user(self, user_id: UserId) -> User:
        raise NotImplementedError
