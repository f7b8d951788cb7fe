"""What calls of language models cost, added up: for one day, person, character and model, and over many of them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from everkin.domain.ids import Millis, UserId

DAY_MS = 86_400_000

UsageKey = tuple[str, str, str, str]
"""Day (`2026-11-21`, UTC), user, character, model."""

Grouping = Literal["day", "user", "character", "model"]


@dataclass(frozen=True, slots=True)
class Amounts:
    """`first_token_ms` and `generation_ms` are sums over the calls that spoke: until the first word, and from there to
    the end."""

    calls: int = 0
    failures: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float = 0.0
    """In US dollars."""
    first_token_ms: int = 0
    generation_ms: int = 0

    @property
    def tokens(self) -> int:
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
    key: str
    """The day, user, character or model these amounts are of."""
    amounts: Amounts


@dataclass(frozen=True, slots=True)
class UsageQuestion:
    """Days from `since` to `until`, both included."""

    by: Grouping
    since: str
    until: str
    user_id: UserId | None
    """None: everybody's."""


def day_of(at: Millis) -> str:
    """`2026-11-21`, in UTC."""
    return datetime.fromtimestamp(at / 1000, UTC).date().isoformat()


def seconds_left_of_day(at: Millis) -> float:
    """Until midnight UTC."""
    return (DAY_MS - at % DAY_MS) / 1000
