"""Housekeeping and reindexing, for the owner only: started and watched here, done in the background."""

from fastapi import APIRouter
from starlette.responses import Response

from everkin.domain.errors import NotFound
from everkin.interfaces.rest.bodies import Housekeep
from everkin.interfaces.rest.dependencies import CurrentApp, CurrentOwner
from everkin.interfaces.rest.maintenance_views import LongTaskView, long_task_view
from everkin.interfaces.rest.responses import render, shows
from everkin.jobs.long_task import LongTask

router = APIRouter(prefix="/admin", tags=["admin"])


@router.post("/housekeeping", responses=shows(LongTaskView, 202), status_code=202)
async def housekeeping(app: CurrentApp, owner: CurrentOwner, body: Housekeep) -> Response:
    """Starts it; 409 while it is running. `dryRun`: only counts. `purge`: also deletes permanently the memories and
    conversations that have been resting or archived for as long again."""
    started = app.maintenance.housekeeping.start(dry_run=body.dry_run, purge=body.purge)
    return render(long_task_view(started), 202)


@router.get("/housekeeping", responses=shows(LongTaskView))
async def housekeeping_so_far(app: CurrentApp, owner: CurrentOwner) -> Response:
    """Its progress or result. 404 when it has not run since the start of the server."""
    return _last(app.maintenance.housekeeping.errand)


@router.post("/reindex", responses=shows(LongTaskView, 202), status_code=202)
async def reindex(app: CurrentApp, owner: CurrentOwner) -> Response:
    """Rebuilds the index of all memory from the database; 409 while it is running."""
    return render(long_task_view(app.maintenance.reindexing.start()), 202)


@router.get("/reindex", responses=shows(LongTaskView))
async def reindex_so_far(app: CurrentApp, owner: CurrentOwner) -> Response:
    """Its progress or result. 404 when it has not run since the start of the server."""
    return _last(app.maintenance.reindexing.errand)


def _last(errand: LongTask) -> Response:
    if errand.last is None:
        raise NotFound("Nobody has asked for this since Everkin was started.")
    return render(long_task_view(errand.last))
