"""Guests: people without an account whom a program or a bridge speaks for.

A guest is a user like others in the record, so that a character can tell people apart and remember each. But their login
has a form nobody can sign up with, they have no password, and no token is ever made for them: nobody can sign in as one.
"""

import hashlib

from everkin.domain.caller import Caller, Role, User
from everkin.domain.errors import Conflict, Invalid
from everkin.domain.ids import Millis, UserId, new_user_id
from everkin.kit.clock import Clock
from everkin.security.logins import checked_name
from everkin.security.ports import Users

NEVER = Millis(2**53)


class Guests:
    """A guest belongs to their host: the same name with the same host is the same person, whatever its case."""

    def __init__(self, users: Users, clock: Clock) -> None:
        self._users = users
        self._clock = clock

    async def of(self, host: UserId, name: str) -> User:
        """Made at the first call. Invalid for a name that is empty, too long or holds control characters."""
        shown = checked_name(name)
        if not shown:
            raise Invalid("A participant needs a name.", field="participants")
        login = guest_login(host, shown)
        if (known := await self._users.by_login(login)) is not None:
            return known
        try:
            return await self._users.create(User(new_user_id(), login, shown, Role.USER, self._clock.now()))
        except Conflict:  # made at the same moment
            known = await self._users.by_login(login)
            if known is None:
                raise
            return known


def guest_login(host: UserId, name: str) -> str:
    return f"guest:{hashlib.sha256(f'{host}|{name.casefold()}'.encode()).hexdigest()[:40]}"


def caller_for(guest: UserId, name: str) -> Caller:
    """What a door speaks for a guest with."""
    return Caller(guest, Role.USER, name, "guest", NEVER)
