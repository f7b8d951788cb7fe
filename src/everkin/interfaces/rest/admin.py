"""Routes for the owner: the cache, connection pools, the process's memory, and reviews of a user's age."""

from fastapi import APIRouter
from starlette.responses import Response

from everkin.domain.ids import UserId
from everkin.interfaces.rest.bodies import CachePattern, CacheUser, ReviewedAge
from everkin.interfaces.rest.dependencies import CurrentApp, CurrentOwner, Id
from everkin.interfaces.rest.responses import render, shows
from everkin.interfaces.rest.rest_views import (
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
async def cache(app: CurrentApp, owner: CurrentOwner) -> Response:
    """Hits, misses, size and condition of both tiers."""
    return render(cache_view(await app.admin.cache()))


@router.post("/cache/clear-user", responses=shows(DroppedView))
async def clear_user(app: CurrentApp, owner: CurrentOwner, body: CacheUser) -> Response:
    """Drops all cached data of one user, on every node. Stored data is not changed."""
    user = await app.accounts.known(UserId(body.user_id))
    return render(DroppedView(dropped=await app.admin.clear_user(user.id)))


@router.post("/cache/invalidate", responses=shows(DroppedView))
async def invalidate(app: CurrentApp, owner: CurrentOwner, body: CachePattern) -> Response:
    """Drops cached values by pattern, on every node. Stored data is not changed."""
    return render(DroppedView(dropped=await app.admin.invalidate(body.pattern)))


@router.put("/users/{id}/age", responses=shows(MeView))
async def review_age(app: CurrentApp, owner: CurrentOwner, id: Id, body: ReviewedAge) -> Response:
    """Changes the year of birth a user stated, after a review."""
    user = await app.ages.review(owner, UserId(id), body.birth_year)
    return render(me_view(user, app.ages.adult(user)))


@router.get("/pools", responses=shows(PoolsView))
async def pools(app: CurrentApp, owner: CurrentOwner) -> Response:
    """Connections to providers and to Redis."""
    return render(pools_view(app.admin.pools))


@router.post("/pools/clean", responses=shows(DroppedView))
async def clean_pools(app: CurrentApp, owner: CurrentOwner) -> Response:
    """Closes idle connections."""
    return render(DroppedView(dropped=await app.admin.clean_pools()))


@router.get("/memory", responses=shows(MemoryView))
async def memory(app: CurrentApp, owner: CurrentOwner) -> Response:
    """The memory of this process."""
    return render(memory_view(app.admin.memory()))
