"""Query strings: a parameter that a route does not declare is refused by name, and so is one that is given twice."""

from collections import Counter
from collections.abc import Iterator

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from everkin.domain.errors import Invalid
from everkin.doors.problems import field_name


async def check_query(request: Request) -> None:
    """A dependency of every route. Raises Invalid, which names the parameter and lists those there are."""
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


def _parameters(dependant: Dependant) -> Iterator[str]:
    yield from (field.alias for field in dependant.query_params)
    for each in dependant.dependencies:
        yield from _parameters(each)
