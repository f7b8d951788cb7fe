"""Meaning of a provider's refusal, and advice on how to mend it. Pure.

A provider's own message is used to distinguish causes, never shown or logged: it may quote a key or the chat. The
error's `field` is "key" if another key might work: refused (401, 403), without credit (402), or at its limit (429).
"""

import re
from typing import Any

import msgspec

from everkin.domain.errors import ModelBroken, ModelError, ModelOverloaded, ModelRefused
from everkin.llm.providers.endpoint import Endpoint

_TOKEN = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,47}")
_TOO_LONG = re.compile(r"context.?(length|size|window)|maximum context|too many tokens|exceed_context", re.IGNORECASE)
_NO_CREDIT = re.compile(
    r"insufficient.?(quota|credit|balance|funds)|billing|exceeded your current quota", re.IGNORECASE
)
_NO_MODEL = re.compile(r"model_not_found|model.{0,80}(not found|does not exist|not exist|unknown)", re.IGNORECASE)
_BUSY = re.compile(r"overload|rate.?limit|too many requests|capacity|unavailable", re.IGNORECASE)


def refusal(endpoint: Endpoint, status: int, body: bytes, retry_after: float | None = None) -> ModelError:
    """Return the error for an HTTP response of 400 or more."""
    try:
        error = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        error = None
    return _judged(endpoint, status, error, retry_after)


def broken_off(endpoint: Endpoint, error: Any) -> ModelError:
    """Return the error for an `error` object in an answer that began with 200."""
    inner = error if isinstance(error, dict) else {"message": str(error)}
    status = next((value for value in (inner.get("code"), inner.get("status")) if _is_status(value)), None)
    if status is not None:
        return _judged(endpoint, int(status), inner, None)
    if _BUSY.search(_words(inner)):
        return ModelOverloaded()
    return ModelBroken(f"{endpoint.title} failed in the middle of its answer. Your message is safe; send it again.")


def rejects_usage(body: bytes) -> bool:
    """Return whether a 400 concerns `stream_options`, which some older servers do not know."""
    return b"stream_options" in body or b"include_usage" in body


def _judged(endpoint: Endpoint, status: int, error: Any, retry_after: float | None) -> ModelError:
    words = _words(error)
    if status in (402, 429) and (status == 402 or _NO_CREDIT.search(words)):
        return ModelRefused(
            f"{endpoint.title} says there is no credit left. Add some there, or choose another model: `everkin models list`.",
            field="key",
        )
    if status in (408, 409, 425, 429) or status >= 500:
        return ModelOverloaded(
            f"{endpoint.title} has too much to do (HTTP {status}). Your message is safe; send it again in a moment.",
            field="key" if status == 429 else None,
            retry_after=retry_after,
        )
    return ModelRefused(_refused_because(endpoint, status, error, words), field="key" if status in (401, 403) else None)


def _refused_because(endpoint: Endpoint, status: int, error: Any, words: str) -> str:
    title, model = endpoint.title, endpoint.model
    if status == 401:
        if endpoint.key:
            return f"{title} does not accept the key. Put the right one into {endpoint.key_env}."
        return f"{title} asks for a key. Put it into {endpoint.key_env}."
    if status == 403:
        return f"{title} does not let this key use {model}. Check the key in {endpoint.key_env} and what it may do."
    if _TOO_LONG.search(words):
        return f"The prompt is longer than {model} can read. Lower MAX_CONTEXT_TOKENS or LLM_MAX_TOKENS."
    if status == 404 or _NO_MODEL.search(words):
        return (
            f"{title} knows no model {model!r}. Set MODEL_NAME to one it has, and check MODEL_BASE_URL if you set it."
        )
    return f"{title} did not accept the request (HTTP {status}{_code(error)}). Check the model's name and its settings."


def _code(error: Any) -> str:
    """Return the provider's short codes, e.g. `, unsupported_parameter temperature`; never prose or a secret."""
    inner = _inner(error)
    named = [inner.get("code"), inner.get("type"), inner.get("param")]
    codes = [value for value in named if isinstance(value, str) and _TOKEN.fullmatch(value)]
    return f", {' '.join(codes)}" if codes else ""


def _words(error: Any) -> str:
    """Return all text of a provider's error, in any of the usual shapes."""
    inner = _inner(error)
    values = [inner.get(key) for key in ("message", "code", "type", "detail", "param")]
    return " ".join(str(value) for value in values if value is not None)


def _inner(error: Any) -> dict[str, Any]:
    """Accepts `{"error": {...}}`, `{"error": "text"}`, `{"message": ...}`, `{"detail": ...}`, and a list of one of
    them; {} for anything else."""
    if isinstance(error, list) and error:
        error = error[0]
    if isinstance(error, dict) and "error" in error:
        error = error["error"]
    if isinstance(error, dict):
        return error
    return {"message": error} if isinstance(error, str) else {}


def _is_status(value: Any) -> bool:
    return (isinstance(value, int) or (isinstance(value, str) and value.isdigit())) and 400 <= int(value) <= 599
