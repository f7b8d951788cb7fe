"""Housekeeping and reindexing: begun here, looked at here, done while everybody goes on talking. For the owner only."""

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
    """Begins it; 409 while it is being done. `dryRun`: only counts. `purge`: also deletes for good what has rested."""
    started = app.maintenance.housekeeping.start(dry_run=body.dry_run, purge=body.purge)
    return render(long_task_view(started), 202)


@router.get("/housekeeping", responses=shows(LongTaskView))
async def housekeeping_so_far(app: CurrentApp, owner: CurrentOwner) -> Response:
    """How far it is, or how it ended. 404 when it has not been done since the start."""
    return _last(app.maintenance.housekeeping.errand)


@router.post("/reindex", responses=shows(LongTaskView, 202), status_code=202)
async def reindex(app: CurrentApp, owner: CurrentOwner) -> Response:
    """Makes the index of all memory anew from the record; 409 while it is being done."""
    return render(long_task_view(app.maintenance.reindexing.start()), 202)


@router.get("/reindex", responses=shows(LongTaskView))
async def reindex_so_far(app: CurrentApp, owner: CurrentOwner) -> Response:
    """How far it is, or how it ended. 404 when it has not been done since the start."""
    return _last(app.maintenance.reindexing.errand)


def _last(errand: LongTask) -> Response:
    if errand.last is None:
        raise NotFound("Nobody has asked for this since Everkin was started.")
    return render(long_task_view(errand.last))
