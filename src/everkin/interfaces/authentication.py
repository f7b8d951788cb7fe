"""Authentication of callers: a bearer token becomes a Caller; the owner can also sign in with a sign-in key from the
machine Everkin runs on."""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from everkin.domain.errors import EverkinError, Forbidden, Unauthenticated
from everkin.interfaces.problems import problem_response
from everkin.security.accounts import Accounts
from everkin.security.loopback import is_loopback
from everkin.security.peer_user import uid_of_peer

_BY_PASSWORD = "Sign in with a login and a password; `everkin users password owner` sets the owner's."
_FORWARDING = ("forwarded", "via", "x-real-ip", "cf-connecting-ip", "true-client-ip")


def bearer_of(headers: Mapping[str, str]) -> str:
    """Return the token of `Authorization: Bearer ...`. Raises Unauthenticated without one."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated
    return token.strip()


class AuthenticationMiddleware:
    """Require a valid token for every path under `guarded` that is not in `public`, before the body is read and the
    route is looked up. Stores the Caller in the request's state."""

    def __init__(self, inner: ASGIApp, accounts: Accounts, public: frozenset[str], guarded: str) -> None:
        self._inner = inner
        self._accounts = accounts
        self._public = public
        self._guarded = guarded

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._needs_token(scope["path"]):
            try:
                caller = await self._accounts.caller_of(bearer_of(Headers(scope=scope)))
            except EverkinError as error:
                await problem_response(error, scope)(scope, receive, send)
                return
            scope.setdefault("state", {})["caller"] = caller
        await self._inner(scope, receive, send)

    def _needs_token(self, path: str) -> bool:
        return path.startswith(self._guarded) and path not in self._public


@dataclass(frozen=True, slots=True)
class RequestOrigin:
    """Where a request claims to come from."""

    peer: str
    """The address of the connection's other end; empty if unknown."""
    scheme: str
    """`http` or `https`."""
    hosts: Sequence[str]
    """Every Host header of the request."""
    origins: Sequence[str]
    """Every Origin header of the request."""
    headers: Mapping[str, str]
    """All headers of the request."""

    @classmethod
    def of(cls, scope: Scope) -> "RequestOrigin":
        headers = Headers(scope=scope)
        client = scope.get("client")
        return cls(
            peer=client[0] if client else "",
            scheme=scope.get("scheme", "http"),
            hosts=headers.getlist("host"),
            origins=headers.getlist("origin"),
            headers=headers,
        )


@dataclass(frozen=True, slots=True)
class LocalOwnerPolicy:
    """Decide whether a request may sign in as the owner without a password. Refuses requests that visibly come from
    elsewhere: another machine, a proxy that names itself, a page of another site in the owner's browser (Origin),
    another host name that points here (Host: DNS rebinding), another user of this machine.

    A proxy that adds no forwarding header cannot be told from the owner. That is why the owner also needs a sign-in
    key.
    """

    bound_to: str
    """The address the server listens on."""
    other_origins: tuple[str, ...] = ()
    """Further origins that may sign in this way (CORS_ORIGINS), besides the request's own."""
    enabled: bool = True
    """LOCAL_SIGN_IN."""

    @property
    def possible(self) -> bool:
        """Whether any request can sign in this way."""
        return self.enabled and is_loopback(self.bound_to)

    def check(self, visit: RequestOrigin) -> None:
        """Check the addresses and headers of a request. Raises Forbidden with the reason."""
        if not self.enabled:
            raise Forbidden("Here everybody signs in with a login and a password (LOCAL_SIGN_IN is off).")
        if not is_loopback(self.bound_to):
            raise Forbidden(
                "This Everkin listens to other machines, so everybody signs in with a login and a password."
            )
        if not is_loopback(visit.peer):
            raise Forbidden("Only the machine Everkin runs on gets in without a login.")
        if _was_forwarded(visit):
            raise Forbidden("This request came through a proxy; through one everybody signs in.")
        if len(visit.hosts) != 1 or not is_loopback(_name_of(visit.hosts[0])):
            raise Forbidden("Open Everkin by the address 127.0.0.1 or localhost to get in without a login.")
        if not all(self._known(origin, visit) for origin in visit.origins):
            raise Forbidden("A page of another site may not get in without a login. CORS_ORIGINS lists those that may.")

    async def check_user(self, scope: Scope) -> None:
        """Refuse a program of another user of this machine, except root. Call after `check`. Only Linux reports the
        user; on other systems the sign-in key alone decides. Raises Forbidden."""
        if not sys.platform.startswith("linux"):
            return
        uid = await asyncio.to_thread(uid_of_peer, tuple(scope["client"]), tuple(scope["server"]))
        if uid is None:
            raise Forbidden(f"It cannot be told which user of this machine asks. {_BY_PASSWORD}")
        if uid not in (0, os.geteuid()):
            raise Forbidden(f"The program that asks belongs to another user of this machine. {_BY_PASSWORD}")

    def _known(self, origin: str, visit: RequestOrigin) -> bool:
        return origin == f"{visit.scheme}://{visit.hosts[0]}" or origin in self.other_origins


def _was_forwarded(visit: RequestOrigin) -> bool:
    return any(name in _FORWARDING or name.startswith("x-forwarded-") for name in visit.headers)


def _name_of(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
