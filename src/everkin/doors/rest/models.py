"""Language models: which there are, which one speaks."""

from collections.abc import AsyncGenerator

from fastapi import APIRouter
from starlette.responses import Response

from everkin.app import App
from everkin.doors.rest.asking import Asker, Everkin, Owner
from everkin.doors.rest.bodies import ModelChoice
from everkin.doors.rest.model_views import ModelsView, models_view, pull_view
from everkin.doors.rest.rendering import render, shows
from everkin.doors.rest.streaming import EventStream, frame

router = APIRouter(prefix="/models", tags=["models"])

_STREAM = "Event `progress` (PullView) again and again, then `done` (ModelsView), or `error` (ProblemView)."


@router.get("", responses=shows(ModelsView))
async def find(app: Everkin, caller: Asker) -> Response:
    """Who speaks now, and who else could."""
    return render(await _view(app))


@router.put("/current", responses=shows(ModelsView))
async def use(app: Everkin, owner: Owner, body: ModelChoice) -> Response:
    """From the next answer on, and after a restart. For the owner of the house."""
    await app.shelf.use(body.name)
    return render(await _view(app))


@router.post("/{name:path}/pull", response_class=Response, responses=shows(None, stream=_STREAM))
async def pull(app: Everkin, owner: Owner, name: str) -> Response:
    """Fetches a model's weights, with its progress as server-sent events. For the owner of the house."""
    frames = _progress(app, name)
    return EventStream(frames, app.clock, first=await anext(frames))


async def _progress(app: App, name: str) -> AsyncGenerator[bytes]:
    async for progress in app.shelf.pull(name):
        yield frame("progress", pull_view(progress))
    yield frame("done", await _view(app))


async def _view(app: App) -> ModelsView:
    return models_view(await app.shelf.status(), await app.shelf.entries())
