"""Errors as RFC 9457 problem documents. A problem never repeats the submitted input."""

import logging
import math
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from everkin.domain.errors import EverkinError, Forbidden, Invalid, NotFound, TooLong, Unauthenticated
from everkin.interfaces.methods import allowed
from everkin.interfaces.views import View

log = logging.getLogger("everkin.interfaces")

_LONGEST_FIELD = 120


class Problem(View):
    """An error (RFC 9457). `code` is stable and for programs, `detail` a sentence for people; `field` names the field
    at fault in dotted form, `limit` the bound it exceeded, `retryAfter` the seconds to wait; `instance` is the
    request's id, as in the server's log."""

    type: str
    """`urn:everkin:problem:` and the code."""
    title: str
    """The code as words."""
    status: int
    """The HTTP status."""
    detail: str
    """A sentence for people."""
    code: str
    """Stable; for programs."""
    instance: str
    """The request's id, as in the server's log."""
    field: str | None = None
    """The field at fault, in dotted form."""
    limit: int | None = None
    """The bound that was exceeded."""
    retry_after: float | None = None
    """Seconds to wait before trying again."""


class MethodNotAllowed(EverkinError):
    code = "method_not_allowed"
    status = 405
    default_sentence = "This address exists, but not for this method."


class BadRequest(EverkinError):
    code = "bad_request"
    status = 400
    default_sentence = "The request could not be read."


_OF_FRAMEWORK: dict[int, type[EverkinError]] = {
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    405: MethodNotAllowed,
    413: TooLong,
    422: Invalid,
}


def request_id(scope: Scope) -> str:
    """Return the request's id. It is made on first use and stays the same for the rest of the request."""
    state = scope.setdefault("state", {})
    if "request_id" not in state:
        state["request_id"] = f"req_{secrets.token_hex(10)}"
    return str(state["request_id"])


def problem_of(error: EverkinError, instance: str) -> Problem:
    return Problem(
        type=f"urn:everkin:problem:{error.code}",
        title=error.code.replace("_", " ").capitalize(),
        status=error.status,
        detail=error.sentence,
        code=error.code,
        instance=instance,
        field=error.field,
        limit=error.limit,
        retry_after=error.retry_after,
    )


def problem_response(error: EverkinError, scope: Scope, headers: Mapping[str, str] | None = None) -> Response:
    document = msgspec.to_builtins(problem_of(error, request_id(scope)))
    shown = {key: value for key, value in document.items() if value is not None}
    answer = Response(msgspec.json.encode(shown), error.status, headers, "application/problem+json")
    if error.retry_after is not None:
        answer.headers["retry-after"] = str(max(1, math.ceil(error.retry_after)))
    if error.status == 401:
        answer.headers["www-authenticate"] = "Bearer"
    return answer


def add_problem_handlers(api: FastAPI) -> None:
    api.add_exception_handler(EverkinError, _on_ours)
    api.add_exception_handler(RequestValidationError, _on_invalid)
    api.add_exception_handler(HTTPException, _on_framework)
    api.add_exception_handler(Exception, on_unforeseen)


async def _on_ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, EverkinError)
    if error.status == 500:
        log.error("request %s failed: %s", request_id(request.scope), error.code, exc_info=error)
    return problem_response(error, request.scope)


async def _on_framework(request: Request, error: Exception) -> Response:
    """Handle 404 and 405 of the router, 400 of an unreadable body, and the error raised for a body that is too
    large."""
    assert isinstance(error, HTTPException)
    ours = error.__cause__ if isinstance(error.__cause__, EverkinError) else None
    if ours is None:
        ours = _OF_FRAMEWORK.get(error.status_code, BadRequest)(_sentence_of_route(request, error.status_code))
    headers = dict(error.headers or {})
    if ours.status == 405:
        headers = {"allow": allowed(request.scope["path"], request.app.routes)}
    return problem_response(ours, request.scope, headers)


async def _on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return problem_response(invalid_of(error.errors()), request.scope)


async def on_unforeseen(request: Request, error: Exception) -> Response:
    """Answer with a general error that reveals no details; the layer that catches the exception next logs it with the
    request's id."""
    return problem_response(EverkinError(), request.scope)


def _sentence_of_route(request: Request, status: int) -> str:
    return "There is no such address. GET /api/v1/openapi.json lists them all." if status == 404 else ""


def invalid_of(errors: Sequence[Mapping[str, Any]]) -> EverkinError:
    """Turn the validator's first error into one of ours. An error about the path is a NotFound: no such id can
    exist."""
    first = errors[0]
    place = tuple(first.get("loc", ()))
    if place[:1] == ("path",):
        return NotFound()
    kind = str(first.get("type", ""))
    if kind == "json_invalid":
        return Invalid("The body is not valid JSON.")
    field = _dotted(place[1:])
    if not field and place[:1] == ("body",):
        return Invalid("The body must be a JSON object, sent with the header Content-Type: application/json.")
    return Invalid(f"{field}: {_reason(kind, first)}", field=field, limit=_limit(first))


def _dotted(place: Sequence[object]) -> str:
    """Join the path of a field. Unknown field names come from the body, so the result is shortened and made valid
    Unicode."""
    return field_name(".".join(str(part) for part in place))


def field_name(text: str) -> str:
    """Make a name from outside fit to be shown: whole Unicode, at most 120 characters."""
    return text.encode("utf-8", "replace").decode()[:_LONGEST_FIELD]


def _reason(kind: str, error: Mapping[str, Any]) -> str:
    """Return the reason in words. The validator's own message contains no input for these kinds; a custom check's
    sentence is ours."""
    if kind in _REASONS:
        return _REASONS[kind]
    if kind == "too_long" and (error.get("ctx") or {}).get("field_type") == "Value":
        return f"has more than {error['ctx']['max_length']} characters."
    return f"{str(error.get('msg', 'does not fit')).removeprefix('Value error, ')}."


_REASONS = {
    "missing": "is missing.",
    "extra_forbidden": "is not a field of this request.",
    "string_unicode": "holds half a character (a lone surrogate); send whole Unicode.",
    "string_pattern_mismatch": "has a form that is not allowed here.",
    "finite_number": "must be a finite number.",
    "recursion_loop": "is nested too deeply.",
}


def _limit(error: Mapping[str, Any]) -> int | None:
    context = error.get("ctx") or {}
    for name in ("max_length", "min_length", "le", "ge", "lt", "gt"):
        value = context.get(name)
        if isinstance(value, int):
            return value
    return None
