"""GET /metrics, for METRICS_TOKEN or an access token of the owner."""

import hmac

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from everkin.domain.errors import EverkinError, Forbidden, NotFound
from everkin.interfaces.authentication import bearer_of
from everkin.interfaces.methods import HeadAsGet
from everkin.interfaces.problems import MethodNotAllowed, problem_response
from everkin.observability.exposition import Exposition
from everkin.observability.metrics import Metrics
from everkin.security.accounts import Accounts

PATH = "/metrics"


def build_metrics_interface(metrics: Metrics, accounts: Accounts, token: str) -> ASGIApp:
    """Build the ASGI app. With an empty `token` only the owner's access token is accepted."""
    exposition = Exposition(metrics)

    async def door(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1000})
            return
        try:
            await check(scope, accounts, token)
            body, content_type = await exposition.expose(Headers(scope=scope).get("accept", ""))
            answer = Response(body, media_type=content_type)
        except MethodNotAllowed as error:
            answer = problem_response(error, scope, {"allow": "GET, HEAD"})
        except EverkinError as error:
            answer = problem_response(error, scope)
        await answer(scope, receive, send)

    return HeadAsGet(door)


async def check(scope: Scope, accounts: Accounts, token: str) -> None:
    """Check path, method and token. Raises NotFound, MethodNotAllowed, Unauthenticated, or Forbidden for an account
    other than the owner's."""
    if scope["path"] != PATH:
        raise NotFound
    if scope["method"] != "GET":
        raise MethodNotAllowed
    bearer = bearer_of(Headers(scope=scope))
    if not (token and hmac.compare_digest(bearer.encode(), token.encode())):
        caller = await accounts.caller_of(bearer)
        if not caller.is_owner:
            raise Forbidden("Only the owner of this Everkin, or who has METRICS_TOKEN, may read the metrics.")
