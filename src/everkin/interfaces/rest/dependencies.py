"""Dependencies of route handlers: the App, the Caller, an id, the idempotency key."""

from typing import Annotated

from fastapi import Depends, Header, Path, Query, Request

from everkin.app import App
from everkin.domain.caller import Caller
from everkin.domain.errors import Forbidden, Invalid, TooLong, Unauthenticated
from everkin.interfaces.rest.bodies import NewMessage


def _app(request: Request) -> App:
    app: App = request.app.state.everkin
    return app


def _caller(request: Request) -> Caller:
    """Return the Caller that AuthenticationMiddleware stored; a route that needs no token must not use it."""
    caller: Caller | None = request.scope.get("state", {}).get("caller")
    if caller is None:
        raise Unauthenticated
    return caller


def _address(request: Request) -> str:
    """Return the client's address: the one reported by a trusted proxy (interfaces/proxies.py), else the
    connection's."""
    return request.client.host if request.client else ""


def _owner(caller: Annotated[Caller, Depends(_caller)]) -> Caller:
    if not caller.is_owner:
        raise Forbidden("Only the owner of this Everkin may do that.")
    return caller


CurrentApp = Annotated[App, Depends(_app)]
Address = Annotated[str, Depends(_address)]
CurrentUser = Annotated[Caller, Depends(_caller)]
CurrentOwner = Annotated[Caller, Depends(_owner)]

Id = Annotated[str, Path(max_length=80, pattern=r"^[A-Za-z0-9_-]+$")]
"""An id of another form cannot exist: 404."""

SearchText = Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$")]
Seq = Annotated[int | None, Query(ge=0, le=2**53)]


def client_id_of(
    request: Request,
    body: NewMessage,
    idempotency_key: Annotated[
        str | None, Header(max_length=64, pattern=r"^[\x21-\x7e]+$", description="The same thing as `clientId`.")
    ] = None,
) -> str | None:
    """Return the idempotency key of the body or the header Idempotency-Key. Raises Invalid for two different ones, or a
    header given twice."""
    if len(request.headers.getlist("idempotency-key")) > 1:
        raise Invalid("idempotency-key: is given several times; give it once.", field="idempotency-key")
    if idempotency_key and body.client_id and idempotency_key != body.client_id:
        raise Invalid("clientId and the header Idempotency-Key differ; send one of them.", field="clientId")
    return body.client_id or idempotency_key


async def read_bytes(request: Request, limit: int, sentence: str) -> bytes:
    """Read the raw body. Raises TooLong as soon as it is longer than `limit` bytes."""
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > limit:
            raise TooLong(sentence, limit=limit)
    return bytes(content)
