"""Age checks. Everkin knows the year of birth that a user stated; without one the user counts as a minor."""

from datetime import UTC, datetime

from everkin.domain.ids import Millis

ADULT = 18
EARLIEST_BIRTH = 1900


def year_of(at: Millis) -> int:
    """Return the calendar year of a point in time, in UTC."""
    return datetime.fromtimestamp(at / 1000, UTC).year


def is_adult(birth_year: int | None, now: Millis) -> bool:
    """Return True when the user is certainly 18: with the year alone, only after the year of the eighteenth
    birthday."""
    return birth_year is not None and year_of(now) - birth_year > ADULT
