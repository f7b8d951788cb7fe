"""Ages: a person says once when they were born; after that only a review by the owner of the house changes it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from everkin.domain.age import EARLIEST_BIRTH, is_adult, year_of
from everkin.domain.caller import Caller, User
from everkin.domain.errors import Forbidden, Invalid
from everkin.domain.ids import UserId
from everkin.kit.clock import Clock


class BirthYears(Protocol):
    """Fulfilled by storage/sql/users.py."""

    async def set_birth_year(self, user_id: UserId, birth_year: int | None, *, review: bool) -> User:
        """Conflict when another year was stated before and this is no review. NotFound."""


@dataclass(frozen=True, slots=True)
class Ages:
    users: BirthYears
    clock: Clock
    changed: Callable[[UserId], Awaitable[None]]
    """Told whose year is another now, once that is in the record."""

    async def state(self, caller: Caller, birth_year: int) -> User:
        """For oneself, once: Conflict when it was another year before. Invalid for a year nobody alive was born in."""
        return await self._set(caller.user_id, birth_year, review=False)

    async def review(self, owner: Caller, user_id: UserId, birth_year: int | None) -> User:
        """By the owner of the house, for anybody. None: as if it had never been stated. Forbidden, NotFound, Invalid."""
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
