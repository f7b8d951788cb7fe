"""What a person is called: they set it themselves, or the operator does."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from everkin.domain.caller import User
from everkin.domain.errors import Invalid
from everkin.domain.ids import UserId
from everkin.kit.white_space import is_blank
from everkin.security.logins import checked_name


class NamedUsers(Protocol):
    """Fulfilled by storage/sql/users.py."""

    async def set_name(self, user_id: UserId, name: str) -> User:
        """In the account and in every conversation they take part in. NotFound."""


@dataclass(frozen=True, slots=True)
class Names:
    """Sets names, and sees to it that no cache goes on with an older one."""

    users: NamedUsers
    changed: Callable[[UserId], Awaitable[None]]
    """Is called with whose name is another now, once that is in the record."""

    async def set(self, user_id: UserId, name: str) -> User:
        """Invalid for a name that `own_name` refuses; NotFound."""
        user = await self.users.set_name(user_id, own_name(name))
        await self.changed(user_id)
        return user


def own_name(name: str) -> str:
    """As it is kept. Invalid when it is empty, too long, or not one line."""
    shown = checked_name(name)
    if is_blank(shown):
        raise Invalid("A name needs at least one letter.", field="name")
    return shown
