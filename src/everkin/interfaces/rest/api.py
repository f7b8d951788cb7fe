"""The REST interface as one ASGI app: routes, error responses, authentication, size limits, and its OpenAPI
description."""

from importlib.metadata import version

from fastapi import APIRouter, Depends, FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from everkin.app import App
from everkin.interfaces.authentication import AuthenticationMiddleware, LocalOwnerPolicy
from everkin.interfaces.methods import HeadAsGet
from everkin.interfaces.problems import add_problem_handlers
from everkin.interfaces.rest import (
    admin,
    analytics,
    auth,
    characters,
    conversations,
    description,
    health,
    maintenance,
    memory,
    messages,
    models,
    personal_data,
    search,
    sessions,
)
from everkin.interfaces.rest.body_size import BodySize
from everkin.interfaces.rest.query import check_body, check_query
from everkin.interfaces.rest.rest_views import AboutView

PREFIX = "/api/v1"
PUBLIC = frozenset(
    f"{PREFIX}/{path}"
    for path in ("auth/local", "auth/login", "auth/register", "auth/refresh", "openapi.json", "about")
)
"""The paths under /api that need no token. All others do, including those that do not exist."""

_DESCRIPTION = """A home for AI companions. Get a token first (`everkin token` on the machine itself, else
`auth/login`), send it as `Authorization: Bearer TOKEN`. Times are Unix milliseconds. Errors are `application/problem+json`
(RFC 9457) with a stable `code`. What lives is in docs/rest.md and, for Socket.IO, docs/events.md."""


def build_api(app: App, own_machine: LocalOwnerPolicy, about: AboutView) -> FastAPI:
    """Build the routes alone, without the middleware of `build_rest`."""
    api = FastAPI(
        title="Everkin",
        version=version("everkin"),
        description=_DESCRIPTION,
        openapi_url=None,
        redirect_slashes=False,
        dependencies=[Depends(check_query), Depends(check_body)],
        generate_unique_id_function=lambda route: f"{str(route.tags[0]) if route.tags else 'api'}_{route.name}",
    )
    api.state.everkin, api.state.own_machine, api.state.about = app, own_machine, about
    versioned = APIRouter(prefix=PREFIX)
    for part in (
        auth,
        characters,
        memory,
        conversations,
        messages,
        search,
        models,
        sessions,
        analytics,
        personal_data,
        admin,
        maintenance,
        health,
        description,
    ):
        versioned.include_router(part.router)
    api.include_router(versioned)
    api.include_router(characters.media)
    api.include_router(health.probes)
    add_problem_handlers(api)
    api.openapi = lambda: description.described(api, PUBLIC)  # type: ignore[method-assign]
    return api


def build_rest(
    app: App, own_machine: LocalOwnerPolicy, about: AboutView, cors_origins: tuple[str, ...] = ()
) -> ASGIApp:
    sized = BodySize(HeadAsGet(build_api(app, own_machine, about)))
    gated = AuthenticationMiddleware(sized, app.accounts, PUBLIC, guarded="/api")
    if not cors_origins:
        return gated
    return CORSMiddleware(
        gated,
        allow_origins=cors_origins,
        allow_methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
        allow_headers=["authorization", "content-type", "idempotency-key"],
        expose_headers=["location", "retry-after", "x-request-id"],
        max_age=3600,
    )
