"""Search in your conversations."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from everkin.interfaces.memory_views import HitsView, hits_view
from everkin.interfaces.rest.dependencies import CurrentApp, CurrentUser, SearchText
from everkin.interfaces.rest.responses import render, shows

router = APIRouter(tags=["search"])

Millis = Annotated[int | None, Query(ge=0, le=2**53)]


@router.get("/search", responses=shows(HitsView))
async def search(
    app: CurrentApp,
    caller: CurrentUser,
    q: SearchText,
    character: SearchText = "",
    conversation: SearchText = "",
    sender: SearchText = "",
    since: Millis = None,
    until: Millis = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: SearchText = "",
) -> Response:
    """Searches all your conversations, those of one character (id or slug), or one of them. `sender`: the author of the
    message, by id or a character's slug, or `me`, `user` (any user), `character` (any character). The last word may be
    incomplete."""
    found = await app.search.search(
        caller,
        q,
        character=character,
        conversation=conversation,
        sender=sender,
        since=since,
        until=until,
        limit=limit,
        cursor=cursor,
    )
    return render(hits_view(found))
