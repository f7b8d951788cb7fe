"""User accounts, and the authenticated user behind a request."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from everkin.domain.ids import Millis, UserId

DEFAULT_NAME = "Friend"
"""Display name of the owner account made at the first start, until the owner chooses one."""


class Role(StrEnum):
    """Rights of an account."""

    OWNER = "owner"
    """May manage everything on this server except the private data of other users."""
    USER = "user"
    """May use the server and manage only their own data."""


@dataclass(frozen=True, slots=True)
class User:
    """An account."""

    id: UserId
    """The user's id."""
    login: str
    """Unique name or address the user signs in with."""
    name: str
    """Display name, shown to characters and other users."""
    role: Role
    """Rights of the account."""
    created_at: Millis
    """Unix milliseconds."""
    password_hash: str | None = None
    """Argon2id; None: no password (local owner or external issuer)."""
    issuer: str | None = None
    """URL of the OpenID Connect issuer of an external account, else None."""
    subject: str | None = None
    """The account's `sub` at that issuer, else None."""
    last_seen_at: Millis | None = None
    """Unix milliseconds of the last use; None: never."""
    disabled: bool = False
    """True: the account cannot sign in."""
    settings: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """JSON object: the user's own settings, and those Everkin stores for the account."""

    @property
    def has_chosen_name(self) -> bool:
        """True when the name was set, and is not a default made from the login."""
        return self.name not in ("", DEFAULT_NAME, self.login, self.login.partition("@")[0])

    @property
    def birth_year(self) -> int | None:
        """The year of birth as stated by the user; None: never stated."""
        return self.settings.get("birthYear")


@dataclass(frozen=True, slots=True)
class Caller:
    """The authenticated user behind one request or socket."""

    user_id: UserId
    """The user's id."""
    role: Role
    """Rights of the account."""
    name: str
    """The user's display name."""
    token_id: str
    """Id of the access token (`jti`), for revoking it."""
    expires_at: Millis
    """Unix milliseconds at which the token ends."""

    @property
    def is_owner(self) -> bool:
        """True for the account that manages this server."""
        return self.role is Role.OWNER
