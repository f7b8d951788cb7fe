"""What REST tells about usage."""

from collections.abc import Sequence

from everkin.domain.usage import Amounts, UsageQuestion, UsageTotal
from everkin.interfaces.views import View


class UsageView(View):
    """`key`: a day, or the id of a user or character, or a model's name. `cost` in US dollars, by the known prices.
    `firstTokenMs`, `generationMs`: until the first word and from there to the end, a mean over the calls that did not
    fail."""

    key: str
    calls: int
    failures: int
    tokens_in: int
    tokens_out: int
    cost: float
    first_token_ms: float
    generation_ms: float


class UsageTotalsView(View):
    """Days from `since` to `until` (UTC), both included. `total` is of all `items`."""

    since: str
    until: str
    by: str
    items: list[UsageView]
    total: UsageView


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
