"""Housekeeping and reindexing: begun here, looked at here, done while everybody goes on talking. For the owner only."""

from fastapi import APIRouter
from starlette.responses import Response

from everkin.domain.errors import NotFound
from everkin.doors.rest.asking import Everkin, Owner
from everkin.doors.rest.bodies import Housekeep
from everkin.doors.rest.rendering import render, shows
from everkin.doors.rest.upkeep_views import ErrandView, errand_view
from everkin.jobs.errands import Errand

router = APIRouter(prefix="/admin", tags=["admin"])


@router.post("/housekeeping", responses=shows(ErrandView, 202), status_code=202)
async def housekeeping(app: Everkin, owner: Owner, body: Housekeep) -> Response:
    """Begins it; 409 while it is being done. `dryRun`: only counts. `purge`: also deletes for good what has rested."""
    started = app.upkeep.housekeeping.start(dry_run=body.dry_run, purge=body.purge)
    return render(errand_view(started), 202)


@router.get("/housekeeping", responses=shows(ErrandView))
async def housekeeping_so_far(app: Everkin, owner: Owner) -> Response:
    """How far it is, or how it ended. 404 when it has not been done since the start."""
    return _last(app.upkeep.housekeeping.errand)


@router.post("/reindex", responses=shows(ErrandView, 202), status_code=202)
async def reindex(app: Everkin, owner: Owner) -> Response:
    """Makes the index of all memory anew from the record; 409 while it is being done."""
    return render(errand_view(app.upkeep.reindexing.start()), 202)


@router.get("/reindex", responses=shows(ErrandView))
async def reindex_so_far(app: Everkin, owner: Owner) -> Response:
    """How far it is, or how it ended. 404 when it has not been done since the start."""
    return _last(app.upkeep.reindexing.errand)


def _last(errand: Errand) -> Response:
    if errand.last is None:
        raise NotFound("Nobody has asked for this since Everkin was started.")
    return render(errand_view(errand.last))
