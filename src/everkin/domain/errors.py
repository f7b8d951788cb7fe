"""All errors of Everkin, as one tree. Each class has a stable `code`, an HTTP `status` and a sentence.

EverkinError                 500 internal
+- NotFound                  404 not_found            unknown, or another user's
+- Unauthenticated           401 unauthenticated      no token, a wrong or an expired one
+- Forbidden                 403 forbidden
+- Invalid                   422 invalid              `field` names the invalid field
|  +- EmptyText              422 empty_text
|  +- KeyReused              422 key_reused           same client id, different body
+- TooLong                   413 too_long             `limit` in characters
+- Conflict                  409 conflict
+- TooMany                   429 rate_limited         `retry_after` seconds
|  +- Busy                   429 busy                 the conversation's or the model's queue is full
|  +- BudgetSpent            429 budget_spent         the day's tokens or dollars are used up
+- Unavailable               503 unavailable          try again later, no data was written
|  +- StorageUnavailable     503 storage_unavailable
+- ModelError                502 model_error          why a turn failed
|  +- ModelUnreachable       502 model_unreachable
|  +- ModelTimeout           504 model_timeout
|  +- ModelRefused           502 model_refused        bad key, no credit, unknown model
|  +- ModelOverloaded        503 model_overloaded     429 and 5xx of the provider
|  +- ModelBroken            502 model_broken         wrong protocol, or a cut stream
|  +- ModelSilent            502 model_silent         no text generated
|  +- ModelMissing           503 model_missing        no model installed or chosen
+- StartError                -   start_error          the program cannot start; exit code 1
"""

from typing import ClassVar


class EverkinError(Exception):
    """Base of all errors."""

    code: ClassVar[str] = "internal"
    """Stable name, part of the API."""
    status: ClassVar[int] = 500
    """HTTP status of the response."""
    default_sentence: ClassVar[str] = "Something went wrong inside Everkin. Its log says what."
    """The sentence used when the error is raised without one."""

    def __init__(
        self,
        sentence: str = "",
        *,
        field: str | None = None,
        limit: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        """Create an error.

        `sentence` is shown to users and names the remedy; it never contains message text or secrets. `field` names the
        invalid field, `limit` is the limit that was exceeded, `retry_after` is in seconds.
        """
        self.sentence = sentence or self.default_sentence
        self.field = field
        self.limit = limit
        self.retry_after = retry_after
        super().__init__(f"{self.code}: {self.sentence}")


class NotFound(EverkinError):
    """Unknown id, or an object of another user."""

    code = "not_found"
    status = 404
    default_sentence = "There is nothing here with that id."


class Unauthenticated(EverkinError):
    """The access token is missing, wrong or expired."""

    code = "unauthenticated"
    status = 401
    default_sentence = "Please sign in: the token is missing, wrong or expired."


class Forbidden(EverkinError):
    """The account lacks the right for this operation."""

    code = "forbidden"
    status = 403
    default_sentence = "This account may not do that."


class Invalid(EverkinError):
    """A value in the request is invalid; `field` names it."""

    code = "invalid"
    status = 422
    default_sentence = "Something in the request does not fit."


class EmptyText(Invalid):
    """The message text is empty."""

    code = "empty_text"
    default_sentence = "The message is empty. Write something first."


class KeyReused(Invalid):
    """The client id was already used with another body."""

    code = "key_reused"
    default_sentence = "This clientId was already used for another message. Use a fresh one for every message."


class TooLong(EverkinError):
    """The text exceeds `limit` characters."""

    code = "too_long"
    status = 413
    default_sentence = "The text is too long."


class Conflict(EverkinError):
    """The object was changed concurrently, or its state does not allow the operation."""

    code = "conflict"
    status = 409
    default_sentence = "Something else changed this at the same time. Load it again."


class TooMany(EverkinError):
    """A rate limit was reached; try again after `retry_after` seconds."""

    code = "rate_limited"
    status = 429
    default_sentence = "Too many messages at once. Wait a moment."


class Busy(TooMany):
    """The conversation's or the model's queue is full."""

    code = "busy"
    default_sentence = "There are already many messages waiting here. Wait for a reply first."


class BudgetSpent(TooMany):
    """The day's budget of tokens or dollars is used up."""

    code = "budget_spent"
    default_sentence = "Today's budget for the language model is used up. It begins anew at midnight UTC."


class Unavailable(EverkinError):
    """Try again later; no data was written."""

    code = "unavailable"
    status = 503
    default_sentence = "Everkin is not ready. Try again in a moment."


class StorageUnavailable(Unavailable):
    """The database cannot be written."""

    code = "storage_unavailable"
    default_sentence = "The database cannot be written right now (locked, full or gone). Nothing was saved; try again."


class ModelError(EverkinError):
    """The reason for which a turn failed."""

    code = "model_error"
    status = 502
    default_sentence = "The language model failed. Your message is safe; send it again."


class ModelUnreachable(ModelError):
    """No connection to the provider."""

    code = "model_unreachable"
    default_sentence = "The language model cannot be reached. Your message is safe; send it again when it is back."


class ModelTimeout(ModelError):
    """The model did not answer in time."""

    code = "model_timeout"
    status = 504
    default_sentence = "The language model took too long. Your message is safe; send it again."


class ModelRefused(ModelError):
    """The provider refused the request: wrong key, no credit or an unknown model."""

    code = "model_refused"
    default_sentence = "The language model's provider refused the request. Check its key, credit and model name."


class ModelOverloaded(ModelError):
    """The provider answered 429 or 5xx."""

    code = "model_overloaded"
    status = 503
    default_sentence = "The language model has too much to do. Your message is safe; send it again in a moment."


class ModelBroken(ModelError):
    """The response did not follow the protocol, or the stream was cut."""

    code = "model_broken"
    default_sentence = "The language model's answer broke off. Your message is safe; send it again."


class ModelSilent(ModelError):
    """The model generated no text."""

    code = "model_silent"
    default_sentence = "The language model said nothing. Your message is safe; send it again."


class ModelMissing(ModelError):
    """No model is installed or chosen."""

    code = "model_missing"
    status = 503
    default_sentence = "No language model is installed. Choose one with `everkin models list`."


class StartError(EverkinError):
    """The program cannot start; the command prints the sentence and exits with 1."""

    code = "start_error"
    default_sentence = "Everkin cannot start."


def model_error_sentence(code: str) -> str:
    """Return the sentence for a failed turn's code; the default one for a code of an older version."""
    kinds: list[type[ModelError]] = [ModelError, *ModelError.__subclasses__()]
    for kind in kinds:
        if kind.code == code:
            return kind.default_sentence
    return ModelError.default_sentence
