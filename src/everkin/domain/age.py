"""Age, as far as a house knows it: the year of birth that a person stated. Nobody is taken for an adult unasked."""

from datetime import UTC, datetime

from everkin.domain.ids import Millis

ADULT = 18
EARLIEST_BIRTH = 1900


def year_of(at: Millis) -> int:
    return datetime.fromtimestamp(at / 1000, UTC).year


def is_adult(birth_year: int | None, now: Millis) -> bool:
    """A year alone says it for certain only when the year of the eighteenth birthday is over."""
    return birth_year is not None and year_of(now) - birth_year > ADULT
