"""Whether the user of a genuine token still has access: not signed out, not disabled, not deleted."""

from collections import OrderedDict
from dataclasses import dataclass

from everkin.domain.caller import User
from everkin.domain.errors import NotFound, Unauthenticated
from everkin.domain.ids import UserId
from everkin.kit.clock import Clock
from everkin.security.denials import Denials
from everkin.security.ports import Users

FRESH_SECONDS = 30.0
"""How long a user's row is kept: a disabled user is refused after this time at the latest."""

_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class _Seen:
    user: User
    """The user as last read."""
    at: float
    """When it was read (monotonic seconds)."""


class AccountStatus:
    def __init__(self, users: Users, denials: Denials, clock: Clock) -> None:
        self._users = users
        self._denials = denials
        self._clock = clock
        self._seen: OrderedDict[UserId, _Seen] = OrderedDict()

    async def user_of(self, user_id: UserId, token_id: str) -> User:
        """Return the user of a token. Raises Unauthenticated when access has ended."""
        if await self._denials.hold(token_id):
            raise Unauthenticated
        seen = self._seen.get(user_id)
        if seen is None or self._clock.monotonic() - seen.at >= FRESH_SECONDS:
            seen = await self._ask(user_id)
        if seen.user.disabled:
            raise Unauthenticated("This account is switched off.")
        return seen.user

    async def _ask(self, user_id: UserId) -> _Seen:
        self._seen.pop(user_id, None)
        try:
            user = await self._users.get(user_id)
        except NotFound:
            raise Unauthenticated from None
        seen = self._seen[user_id] = _Seen(user, self._clock.monotonic())
        while len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        return seen
