"""Who asks. Every door turns its token into a Caller before it calls anything else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from everkin.domain.ids import Millis, UserId

DEFAULT_NAME = "Friend"
"""Of the first-run owner, who was never asked for one."""


class Role(StrEnum):
    OWNER = "owner"
    """The person whose machine it is; may manage everything that is not another user's private data."""
    USER = "user"


@dataclass(frozen=True, slots=True)
class User:
    """An account."""

    id: UserId
    login: str
    name: str
    role: Role
    created_at: Millis
    password_hash: str | None = None
    """Argon2id or None (no password: local owner, external issuer)."""
    issuer: str | None = None
    subject: str | None = None
    last_seen_at: Millis | None = None
    disabled: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """What the person told the house, and what it settled for them."""

    @property
    def has_chosen_name(self) -> bool:
        """Somebody gave this name; it is not one that stands in until they do."""
        return self.name not in ("", DEFAULT_NAME, self.login, self.login.partition("@")[0])

    @property
    def birth_year(self) -> int | None:
        """As stated; None: never."""
        return self.settings.get("birthYear")


@dataclass(frozen=True, slots=True)
class Caller:
    """The authenticated user behind one request or socket."""

    user_id: UserId
    role: Role
    name: str
    token_id: str
    expires_at: Millis
    """When the right ends."""

    @property
    def is_owner(self) -> bool:
        return self.role is Role.OWNER
