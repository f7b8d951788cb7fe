"""Usage and cost of language model calls: per day, user, character and model, and totals."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from everkin.domain.ids import Millis, UserId

DAY_MS = 86_400_000
"""Milliseconds of a day."""

UsageKey = tuple[str, str, str, str]
"""Day (`2026-11-21`, UTC), user, character, model."""

Grouping = Literal["day", "user", "character", "model"]


@dataclass(frozen=True, slots=True)
class Amounts:
    """Sums over a number of calls."""

    calls: int = 0
    """Number of calls."""
    failures: int = 0
    """Number of calls that failed."""
    tokens_in: int = 0
    """Prompt tokens."""
    tokens_out: int = 0
    """Generated tokens."""
    cost: float = 0.0
    """US dollars."""
    first_token_ms: int = 0
    """Milliseconds to the first token, summed over the calls that generated text."""
    generation_ms: int = 0
    """Milliseconds from the first token to the end, summed over the same calls."""

    @property
    def tokens(self) -> int:
        """Prompt and generated tokens."""
        return self.tokens_in + self.tokens_out

    def __add__(self, other: "Amounts") -> "Amounts":
        return Amounts(
            self.calls + other.calls,
            self.failures + other.failures,
            self.tokens_in + other.tokens_in,
            self.tokens_out + other.tokens_out,
            self.cost + other.cost,
            self.first_token_ms + other.first_token_ms,
            self.generation_ms + other.generation_ms,
        )


@dataclass(frozen=True, slots=True)
class UsageTotal:
    """Amounts of one group."""

    key: str
    """The day, user id, character id or model name of the group."""
    amounts: Amounts
    """Sums of the group."""


@dataclass(frozen=True, slots=True)
class UsageQuestion:
    """A query for totals of the days `since`..`until`, both included."""

    by: Grouping
    """The property to group by."""
    since: str
    """First day, `2026-11-21`, UTC."""
    until: str
    """Last day, `2026-11-21`, UTC."""
    user_id: UserId | None
    """Only this user's calls; None: all users."""


def day_of(at: Millis) -> str:
    """Return the day in UTC, e.g. `2026-11-21`."""
    return datetime.fromtimestamp(at / 1000, UTC).date().isoformat()


def seconds_left_of_day(at: Millis) -> float:
    """Return the seconds until midnight UTC."""
    return (DAY_MS - at % DAY_MS) / 1000
