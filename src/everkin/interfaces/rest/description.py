"""The OpenAPI document: the one of the framework, completed with views, examples and security."""

from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from starlette.responses import JSONResponse, Response

from everkin.interfaces.rest.examples import examples
from everkin.interfaces.rest.responses import view_schemas

_BEARER = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}

router = APIRouter()


@router.get("/openapi.json", include_in_schema=False)
async def document(request: Request) -> Response:
    """Return the document. It has its own route, so that its requests are checked like all others."""
    return JSONResponse(request.app.openapi())


def described(api: FastAPI, public: frozenset[str]) -> dict[str, Any]:
    """Build the document on the first call and keep it. `public`: the paths under /api that need no token."""
    if api.openapi_schema is None:
        document = get_openapi(title=api.title, version=api.version, description=api.description, routes=api.routes)
        schemas = document["components"]["schemas"]
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        schemas.update(view_schemas())
        document["components"]["securitySchemes"] = {"bearer": _BEARER}
        document["security"] = [{"bearer": []}]
        shown = {**_examples_of_bodies(schemas), **examples()}
        for path, operations in document["paths"].items():
            for operation in operations.values():
                _complete(operation, is_open=path in public or not path.startswith("/api"), shown=shown)
        api.openapi_schema = document
    return api.openapi_schema


def _examples_of_bodies(schemas: dict[str, Any]) -> dict[str, Any]:
    return {name: schema["examples"][0] for name, schema in schemas.items() if schema.get("examples")}


def _complete(operation: dict[str, Any], *, is_open: bool, shown: dict[str, Any]) -> None:
    """Mark operations that need no token, add examples of requests and responses, and remove the framework's 422, which
    is a problem document like all other errors."""
    if is_open:
        operation["security"] = []
    operation["responses"].pop("422", None)
    for content in _contents(operation):
        schema = content.get("schema", {})
        first = schema.get("anyOf", [schema])[0]
        name = first.get("$ref", "").rpartition("/")[2]
        if name in shown:
            content["example"] = shown[name]


def _contents(operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for part in (operation.get("requestBody", {}), *operation["responses"].values()):
        yield from part.get("content", {}).values()
