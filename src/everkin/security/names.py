"""The names of users, set by themselves or by the operator."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from everkin.domain.caller import User
from everkin.domain.errors import Invalid
from everkin.domain.ids import UserId
from everkin.kit.white_space import is_blank
from everkin.security.logins import checked_name


class NamedUsers(Protocol):
    """Storage of names. Implemented by storage/sql/users.py."""

    async def set_name(self, user_id: UserId, name: str) -> User:
        """Set the name in the account and in all conversations of the user. Raises NotFound."""


@dataclass(frozen=True, slots=True)
class Names:
    """Sets names and invalidates cached copies of the older one."""

    users: NamedUsers
    """Storage."""
    changed: Callable[[UserId], Awaitable[None]]
    """Called with the user's id after a change was stored."""

    async def set(self, user_id: UserId, name: str) -> User:
        """Set a user's name. Raises NotFound; Invalid for a name that `own_name` refuses."""
        user = await self.users.set_name(user_id, own_name(name))
        await self.changed(user_id)
        return user


def own_name(name: str) -> str:
    """Return a name in the form that is stored. Raises Invalid when it is empty, too long, or not one line."""
    shown = checked_name(name)
    if is_blank(shown):
        raise Invalid("A name needs at least one letter.", field="name")
    return shown
