"""Live sessions: conversations held in memory because of recent activity."""

from fastapi import APIRouter
from starlette.responses import Response

from everkin.interfaces.rest.dependencies import CurrentApp, CurrentUser, Id
from everkin.interfaces.rest.responses import render, shows
from everkin.interfaces.rest.rest_views import SessionStatsView, SessionsView, session_stats_view, sessions_view

router = APIRouter(prefix="/sessions", tags=["sessions"])


@router.get("", responses=shows(SessionsView))
async def active(app: CurrentApp, caller: CurrentUser) -> Response:
    """Your own sessions, the latest first. The owner also sees the number of all users' sessions."""
    house = app.sessions.house() if caller.is_owner else None
    return render(sessions_view(await app.sessions.active(caller), house))


@router.get("/{id}", responses=shows(SessionStatsView))
async def stats(app: CurrentApp, caller: CurrentUser, id: Id) -> Response:
    """The state of one of your conversations (by its id), live or not. Asking does not keep it live."""
    return render(session_stats_view(await app.sessions.stats(caller, id)))


@router.delete("/{id}", responses=shows(None, 204), status_code=204)
async def clear(app: CurrentApp, caller: CurrentUser, id: Id) -> Response:
    """Removes the session from memory and stops its replies. The conversation itself is not changed."""
    await app.sessions.clear(caller, id)
    return Response(status_code=204)
