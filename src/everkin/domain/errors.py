"""Everything Everkin refuses or fails at, as one tree. Each class has a stable `code`, an HTTP `status` and a sentence.

EverkinError                 500 internal
+- NotFound                  404 not_found            unknown, or somebody else's
+- Unauthenticated           401 unauthenticated      no token, a wrong or an expired one
+- Forbidden                 403 forbidden
+- Invalid                   422 invalid              `field` names the culprit
|  +- EmptyText              422 empty_text
|  +- KeyReused              422 key_reused           same client id, another body
+- TooLong                   413 too_long             `limit` in characters
+- Conflict                  409 conflict
+- TooMany                   429 rate_limited         `retry_after` seconds
|  +- Busy                   429 busy                 the conversation's or the model's queue is full
|  +- BudgetSpent            429 budget_spent         the day's tokens or dollars are used up
+- Unavailable               503 unavailable          try again later, nothing was written
|  +- StorageUnavailable     503 storage_unavailable
+- ModelError                502 model_error          what a turn fails with
|  +- ModelUnreachable       502 model_unreachable
|  +- ModelTimeout           504 model_timeout
|  +- ModelRefused           502 model_refused        bad key, no credit, unknown model
|  +- ModelOverloaded        503 model_overloaded     429 and 5xx of the provider
|  +- ModelBroken            502 model_broken         not the protocol, cut stream
|  +- ModelSilent            502 model_silent         an answer without a word
|  +- ModelMissing           503 model_missing        no model installed or chosen
+- StartError                -   start_error          the program cannot start; exit code 1
"""

from typing import ClassVar


class EverkinError(Exception):
    """`sentence` is for people and names what mends it; it never holds chat text or secrets."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    default_sentence: ClassVar[str] = "Something went wrong inside Everkin. Its log says what."

    def __init__(
        self,
        sentence: str = "",
        *,
        field: str | None = None,
        limit: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        self.sentence = sentence or self.default_sentence
        self.field = field
        self.limit = limit
        self.retry_after = retry_after
        super().__init__(f"{self.code}: {self.sentence}")


class NotFound(EverkinError):
    code = "not_found"
    status = 404
    default_sentence = "There is nothing here with that id."


class Unauthenticated(EverkinError):
    code = "unauthenticated"
    status = 401
    default_sentence = "Please sign in: the token is missing, wrong or expired."


class Forbidden(EverkinError):
    code = "forbidden"
    status = 403
    default_sentence = "This account may not do that."


class Invalid(EverkinError):
    code = "invalid"
    status = 422
    default_sentence = "Something in the request does not fit."


class EmptyText(Invalid):
    code = "empty_text"
    default_sentence = "The message is empty. Write something first."


class KeyReused(Invalid):
    code = "key_reused"
    default_sentence = "This clientId was already used for another message. Use a fresh one for every message."


class TooLong(EverkinError):
    code = "too_long"
    status = 413
    default_sentence = "The text is too long."


class Conflict(EverkinError):
    code = "conflict"
    status = 409
    default_sentence = "Something else changed this at the same time. Load it again."


class TooMany(EverkinError):
    code = "rate_limited"
    status = 429
    default_sentence = "Too many messages at once. Wait a moment."


class Busy(TooMany):
    code = "busy"
    default_sentence = "There are already many messages waiting here. Wait for a reply first."


class BudgetSpent(TooMany):
    code = "budget_spent"
    default_sentence = "Today's budget for the language model is used up. It begins anew at midnight UTC."


class Unavailable(EverkinError):
    code = "unavailable"
    status = 503
    default_sentence = "Everkin is not ready. Try again in a moment."


class StorageUnavailable(Unavailable):
    code = "storage_unavailable"
    default_sentence = "The database cannot be written right now (locked, full or gone). Nothing was saved; try again."


class ModelError(EverkinError):
    code = "model_error"
    status = 502
    default_sentence = "The language model failed. Your message is safe; send it again."


class ModelUnreachable(ModelError):
    code = "model_unreachable"
    default_sentence = "The language model cannot be reached. Your message is safe; send it again when it is back."


class ModelTimeout(ModelError):
    code = "model_timeout"
    status = 504
    default_sentence = "The language model took too long. Your message is safe; send it again."


class ModelRefused(ModelError):
    code = "model_refused"
    default_sentence = "The language model's provider refused the request. Check its key, credit and model name."


class ModelOverloaded(ModelError):
    code = "model_overloaded"
    status = 503
    default_sentence = "The language model has too much to do. Your message is safe; send it again in a moment."


class ModelBroken(ModelError):
    code = "model_broken"
    default_sentence = "The language model's answer broke off. Your message is safe; send it again."


class ModelSilent(ModelError):
    code = "model_silent"
    default_sentence = "The language model said nothing. Your message is safe; send it again."


class ModelMissing(ModelError):
    code = "model_missing"
    status = 503
    default_sentence = "No language model is installed. Choose one with `everkin models list`."


class StartError(EverkinError):
    """Raised before anything serves; the command prints the sentence and exits with 1."""

    code = "start_error"
    default_sentence = "Everkin cannot start."


def model_error_sentence(code: str) -> str:
    """The sentence of a failed turn's code; also for codes written by an older version."""
    kinds: list[type[ModelError]] = [ModelError, *ModelError.__subclasses__()]
    for kind in kinds:
        if kind.code == code:
            return kind.default_sentence
    return ModelError.default_sentence
