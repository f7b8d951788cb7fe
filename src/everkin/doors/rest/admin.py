"""What the operator may see and tidy up: for the owner of the house only."""

from fastapi import APIRouter
from starlette.responses import Response

from everkin.domain.ids import UserId
from everkin.doors.rest.asking import Everkin, Id, Owner
from everkin.doors.rest.bodies import CachePattern, CacheUser, ReviewedAge
from everkin.doors.rest.rendering import render, shows
from everkin.doors.rest.shapes import (
    CacheView,
    DroppedView,
    MemoryView,
    MeView,
    PoolsView,
    cache_view,
    me_view,
    memory_view,
    pools_view,
)

router = APIRouter(prefix="/admin", tags=["admin"])


@router.get("/cache", responses=shows(CacheView))
async def cache(app: Everkin, owner: Owner) -> Response:
    """Hits, misses, size and condition of both tiers."""
    return render(cache_view(await app.operating.cache()))


@router.post("/cache/clear-user", responses=shows(DroppedView))
async def clear_user(app: Everkin, owner: Owner, body: CacheUser) -> Response:
    """Drops what is cached about one person, on every node. The record is not touched."""
    user = await app.accounts.known(UserId(body.user_id))
    return render(DroppedView(dropped=await app.operating.clear_user(user.id)))


@router.post("/cache/invalidate", responses=shows(DroppedView))
async def invalidate(app: Everkin, owner: Owner, body: CachePattern) -> Response:
    """Drops cached values by pattern, on every node. The record is not touched."""
    return render(DroppedView(dropped=await app.operating.invalidate(body.pattern)))


@router.put("/users/{id}/age", responses=shows(MeView))
async def review_age(app: Everkin, owner: Owner, id: Id, body: ReviewedAge) -> Response:
    """Changes the year of birth somebody said, after a review."""
    user = await app.ages.review(owner, UserId(id), body.birth_year)
    return render(me_view(user, app.ages.adult(user)))


@router.get("/pools", responses=shows(PoolsView))
async def pools(app: Everkin, owner: Owner) -> Response:
    """Connections to providers and to Redis."""
    return render(pools_view(app.operating.pools))


@router.post("/pools/clean", responses=shows(DroppedView))
async def clean_pools(app: Everkin, owner: Owner) -> Response:
    """Closes idle connections."""
    return render(DroppedView(dropped=await app.operating.clean_pools()))


@router.get("/memory", responses=shows(MemoryView))
async def memory(app: Everkin, owner: Owner) -> Response:
    """What this process holds."""
    return render(memory_view(app.operating.memory()))
