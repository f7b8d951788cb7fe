"""Ages: a user states their year of birth once; after that only a review by the owner changes it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from everkin.domain.age import EARLIEST_BIRTH, is_adult, year_of
from everkin.domain.caller import Caller, User
from everkin.domain.errors import Forbidden, Invalid
from everkin.domain.ids import UserId
from everkin.kit.clock import Clock


class BirthYears(Protocol):
    """Storage of years of birth. Implemented by storage/sql/users.py."""

    async def set_birth_year(self, user_id: UserId, birth_year: int | None, *, review: bool) -> User:
        """Store a year of birth. Raises NotFound; Conflict when another year was stated before and this is not a
        review."""


@dataclass(frozen=True, slots=True)
class Ages:
    users: BirthYears
    """Storage."""
    clock: Clock
    """Tells the present year."""
    changed: Callable[[UserId], Awaitable[None]]
    """Called with the user's id after a change was stored."""

    async def state(self, caller: Caller, birth_year: int) -> User:
        """State the caller's own year of birth, once. Raises Conflict when it was another year before, Invalid for a
        year outside the possible range."""
        return await self._set(caller.user_id, birth_year, review=False)

    async def review(self, owner: Caller, user_id: UserId, birth_year: int | None) -> User:
        """Set a user's year of birth, as the owner. None: as if it had never been stated. Raises Forbidden, NotFound,
        Invalid."""
        if not owner.is_owner:
            raise Forbidden("Only the owner of this house may review somebody's age.")
        return await self._set(user_id, birth_year, review=True)

    def adult(self, user: User) -> bool:
        return is_adult(user.birth_year, self.clock.now())

    async def _set(self, user_id: UserId, birth_year: int | None, *, review: bool) -> User:
        this_year = year_of(self.clock.now())
        if birth_year is not None and not EARLIEST_BIRTH <= birth_year <= this_year:
            raise Invalid(f"A year of birth lies between {EARLIEST_BIRTH} and {this_year}.", field="birthYear")
        user = await self.users.set_birth_year(user_id, birth_year, review=review)
        await self.changed(user_id)
        return user
