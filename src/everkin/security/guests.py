"""Guests: users without an account, on whose behalf a program or a bridge sends messages.

A guest is stored like other users, so that a character can tell users apart and remember each. But the login has a form
that sign-up refuses, there is no password, and no token is ever issued: signing in as a guest is impossible.
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
    """Finds and creates guests. A guest belongs to a host: the same name with the same host is the same user,
    regardless of case."""

    def __init__(self, users: Users, clock: Clock) -> None:
        self._users = users
        self._clock = clock

    async def of(self, host: UserId, name: str) -> User:
        """Return the guest of that name, created at the first call. Raises Invalid for a name that is empty, too long
        or contains control characters."""
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
    """Return the Caller with which an interface acts for a guest."""
    return Caller(guest, Role.USER, name, "guest", NEVER)
