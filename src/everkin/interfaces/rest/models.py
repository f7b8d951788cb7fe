"""Language models: the available ones, and the current one."""

from collections.abc import AsyncGenerator

from fastapi import APIRouter
from starlette.responses import Response

from everkin.app import App
from everkin.interfaces.rest.bodies import ModelChoice
from everkin.interfaces.rest.dependencies import CurrentApp, CurrentOwner, CurrentUser
from everkin.interfaces.rest.event_stream import EventStream, frame
from everkin.interfaces.rest.model_views import ModelsView, models_view, pull_view
from everkin.interfaces.rest.responses import render, shows

router = APIRouter(prefix="/models", tags=["models"])

_STREAM = "Event `progress` (PullView) again and again, then `done` (ModelsView), or `error` (ProblemView)."


@router.get("", responses=shows(ModelsView))
async def find(app: CurrentApp, caller: CurrentUser) -> Response:
    """The current model, and the others to choose from."""
    return render(await _view(app))


@router.put("/current", responses=shows(ModelsView))
async def use(app: CurrentApp, owner: CurrentOwner, body: ModelChoice) -> Response:
    """Sets the current model, from the next reply on and after a restart. For the owner only."""
    await app.registry.use(body.name)
    return render(await _view(app))


@router.post("/{name:path}/pull", response_class=Response, responses=shows(None, stream=_STREAM))
async def pull(app: CurrentApp, owner: CurrentOwner, name: str) -> Response:
    """Downloads a model's weights, with its progress as server-sent events. For the owner only."""
    frames = _progress(app, name)
    return EventStream(frames, app.clock, first=await anext(frames))


async def _progress(app: App, name: str) -> AsyncGenerator[bytes]:
    async for progress in app.registry.pull(name):
        yield frame("progress", pull_view(progress))
    yield frame("done", await _view(app))


async def _view(app: App) -> ModelsView:
    return models_view(await app.registry.status(), await app.registry.entries())
