"""Usage of language models: your own calls, and for the owner those of all users."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from everkin.domain.errors import Forbidden, Invalid
from everkin.domain.usage import Grouping, UsageQuestion
from everkin.interfaces.rest.dependencies import CurrentApp, CurrentUser
from everkin.interfaces.rest.responses import render, shows
from everkin.interfaces.rest.usage_views import UsageTotalsView, usage_totals_view

router = APIRouter(prefix="/analytics", tags=["analytics"])

MOST_DAYS = 366
USUAL_DAYS = 30

From = Annotated[date | None, Query(alias="from", description="First day; default: 30 days up to `to`.")]
To = Annotated[date | None, Query(alias="to", description="Last day, included; default: today (UTC).")]
Everybody = Annotated[bool, Query(description="Of everybody, not only your own (owner).")]


@router.get("/usage", responses=shows(UsageTotalsView))
async def usage(
    app: CurrentApp,
    caller: CurrentUser,
    by: Grouping = "day",
    since: From = None,
    until: To = None,
    everybody: Everybody = False,
) -> Response:
    """Calls, tokens, cost and times by day, character or model. The owner can also ask for all users, and by user."""
    everybody = everybody or by == "user"
    if everybody and not caller.is_owner:
        raise Forbidden("Only the owner of this Everkin sees what others use.")
    first, last = period(since, until, datetime.fromtimestamp(app.clock.now() / 1000, UTC).date())
    question = UsageQuestion(by, first.isoformat(), last.isoformat(), None if everybody else caller.user_id)
    return render(usage_totals_view(question, await app.usage.totals(question)))


def period(since: date | None, until: date | None, today: date) -> tuple[date, date]:
    """Return the first and last day asked for. Raises Invalid when the last comes before the first, or they span more
    than 366 days."""
    last = until or today
    first = since or last - min(timedelta(USUAL_DAYS - 1), last - date.min)
    if first > last:
        raise Invalid("`from` comes after `to`.", field="from")
    if (last - first).days >= MOST_DAYS:
        raise Invalid(f"At most {MOST_DAYS} days at a time.", field="from", limit=MOST_DAYS)
    return first, last
