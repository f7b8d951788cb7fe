"""Checks of every request: undeclared query parameters, repeated ones, and a body on a route that takes none."""

from collections import Counter
from collections.abc import Iterator

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from everkin.domain.errors import Invalid
from everkin.interfaces.problems import field_name


async def check_query(request: Request) -> None:
    """A dependency of every route. Raises Invalid, naming the parameter and listing the known ones."""
    given = Counter(name for name, _ in request.query_params.multi_items())
    route = request.scope["route"]
    if not given or not isinstance(route, APIRoute):
        return
    declared = sorted(_parameters(route.dependant))
    for name, times in given.items():
        shown = field_name(name)
        if name not in declared:
            known = f"Known here: {', '.join(declared)}." if declared else "This address takes none."
            raise Invalid(f"{shown}: is not a parameter of this address. {known}", field=shown)
        if times > 1:
            raise Invalid(f"{shown}: is given {times} times; give it once.", field=shown)


async def check_body(request: Request) -> None:
    """A dependency of every route. Raises Invalid for a body on a route that takes none: it would be ignored silently.
    An empty object is allowed."""
    route = request.scope["route"]
    if not isinstance(route, APIRoute) or route.body_field or "requestBody" in (route.openapi_extra or {}):
        return
    if (await request.body()).strip() not in _NOTHING:
        raise Invalid("This address takes no body; nothing was done.")


_NOTHING = (b"", b"{}", b"null")


def _parameters(dependant: Dependant) -> Iterator[str]:
    yield from (field.alias for field in dependant.query_params)
    for each in dependant.dependencies:
        yield from _parameters(each)
