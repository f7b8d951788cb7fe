"""Health for load balancers and operators, and the description of the server for clients that have not signed in
yet."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from everkin.interfaces.rest.dependencies import CurrentApp, CurrentUser
from everkin.interfaces.rest.responses import render, shows
from everkin.interfaces.rest.rest_views import AboutView, HealthView, LiveView, ReadyView, part_view
from everkin.observability.health import overall

probes = APIRouter(tags=["health"])
router = APIRouter(tags=["health"])


@probes.get("/healthz", responses=shows(LiveView))
async def live() -> Response:
    """The process answers. Checks no other part."""
    return render(LiveView())


@probes.get("/readyz", responses=shows(ReadyView, also={503: ReadyView}))
async def ready(app: CurrentApp) -> Response:
    """Whether messages are accepted: 503 while an essential part is down, such as a database that cannot be written,
    and from the moment the server is asked to stop."""
    is_ready, parts = await app.health.ready()
    conditions = {name: part.condition.value for name, part in parts.items()}
    view = ReadyView(ready=is_ready, draining=app.health.draining, parts=conditions)
    return render(view, 200 if is_ready else 503)


@router.get("/health", responses=shows(HealthView))
async def health(app: CurrentApp, caller: CurrentUser) -> Response:
    """Each part: its condition, a note for the operator, its counters."""
    parts = await app.health.parts()
    views = {name: part_view(part) for name, part in parts.items()}
    return render(HealthView(condition=overall(parts).value, parts=views))


@router.get("/about", responses=shows(AboutView))
async def about(request: Request) -> Response:
    """Version and limits; needs no token."""
    view: AboutView = request.app.state.about
    return render(view)
