"""GET /metrics: for this machine, and for whoever knows METRICS_TOKEN. To everybody else the door is not there."""

import hmac

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from everkin.domain.errors import EverkinError, NotFound, Unauthenticated
from everkin.doors.callers import Visit, bearer_of, comes_from_this_machine
from everkin.doors.methods import HeadAsGet
from everkin.doors.problems import MethodNotAllowed, problem_response
from everkin.watch.exposition import Exposition
from everkin.watch.metrics import Metrics

PATH = "/metrics"


def build_metrics_door(metrics: Metrics, token: str) -> ASGIApp:
    """`token` empty: only this machine is let in."""
    exposition = Exposition(metrics)

    async def door(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1000})
            return
        try:
            check(scope, token)
            body, content_type = await exposition.expose(Headers(scope=scope).get("accept", ""))
            answer = Response(body, media_type=content_type)
        except MethodNotAllowed as error:
            answer = problem_response(error, scope, {"allow": "GET, HEAD"})
        except EverkinError as error:
            answer = problem_response(error, scope)
        await answer(scope, receive, send)

    return HeadAsGet(door)


def check(scope: Scope, token: str) -> None:
    """NotFound; Unauthenticated where a token would help; MethodNotAllowed."""
    if scope["path"] != PATH:
        raise NotFound
    if not comes_from_this_machine(Visit.of(scope)):
        if not token:
            raise NotFound
        if not hmac.compare_digest(bearer_of(Headers(scope=scope)).encode(), token.encode()):
            raise Unauthenticated("The metrics have a token of their own: METRICS_TOKEN.")
    if scope["method"] != "GET":
        raise MethodNotAllowed
