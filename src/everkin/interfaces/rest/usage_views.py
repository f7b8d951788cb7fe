"""Views of usage."""

from collections.abc import Sequence

from everkin.domain.usage import Amounts, UsageQuestion, UsageTotal
from everkin.interfaces.views import View


class UsageView(View):
    """`key`: a day, the id of a user or character, or a model's name. `cost` in US dollars, by the known prices.
    `firstTokenMs`, `generationMs`: time until the first token, and from there to the end; the mean of the calls that
    did not fail."""

    key: str
    """A day, the id of a user or character, or a model's name; empty for the total."""
    calls: int
    """Number of calls."""
    failures: int
    """Number of calls that failed."""
    tokens_in: int
    """Tokens read."""
    tokens_out: int
    """Tokens generated."""
    cost: float
    """US dollars, by the known prices."""
    first_token_ms: float
    """Mean milliseconds until the first token."""
    generation_ms: float
    """Mean milliseconds from the first token to the end."""


class UsageTotalsView(View):
    """Days from `since` to `until` (UTC), both included. `total` is the sum of all `items`."""

    since: str
    """The first day, included."""
    until: str
    """The last day, included."""
    by: str
    """The grouping: day, user, character or model."""
    items: list[UsageView]
    """One item per key."""
    total: UsageView
    """The sum of all items."""


def usage_totals_view(question: UsageQuestion, totals: Sequence[UsageTotal]) -> UsageTotalsView:
    whole = sum((each.amounts for each in totals), Amounts())
    return UsageTotalsView(
        since=question.since,
        until=question.until,
        by=question.by,
        items=[_usage_view(each.key, each.amounts) for each in totals],
        total=_usage_view("", whole),
    )


def _usage_view(key: str, amounts: Amounts) -> UsageView:
    spoken = max(1, amounts.calls - amounts.failures)
    return UsageView(
        key=key,
        calls=amounts.calls,
        failures=amounts.failures,
        tokens_in=amounts.tokens_in,
        tokens_out=amounts.tokens_out,
        cost=round(amounts.cost, 6),
        first_token_ms=round(amounts.first_token_ms / spoken, 1),
        generation_ms=round(amounts.generation_ms / spoken, 1),
    )
