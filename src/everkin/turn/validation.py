"""Validation of text that users send. Accepted text is stored byte for byte."""

from everkin.domain.errors import EmptyText, Invalid, TooLong
from everkin.kit.white_space import is_blank

MAX_CLIENT_ID = 64
"""Characters of a client id."""


def check_text(text: str, limit: int) -> str:
    """Return the text unchanged.

    Raises:
        TooLong: It has more than `limit` characters.
        Invalid: It holds NUL or lone surrogates, which no database stores.
        EmptyText: It is empty or white space.
    """
    if len(text) > limit:
        raise TooLong(
            f"The message is {len(text)} characters long; at most {limit} are allowed.", field="content", limit=limit
        )
    check_characters(text, "content")
    if is_blank(text):
        raise EmptyText(field="content")
    return text


def check_characters(text: str, field: str) -> None:
    """Raise Invalid for NUL and lone surrogates."""
    if "\0" in text:
        raise Invalid("The text holds a NUL character, which cannot be stored. Remove it.", field=field)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Invalid("The text holds half of a surrogate pair, which is not valid Unicode.", field=field) from None


def check_client_id(client_id: str | None) -> None:
    """Raise Invalid unless the client id is None or 1 to 64 storable characters."""
    if client_id is None:
        return
    if not 1 <= len(client_id) <= MAX_CLIENT_ID:
        raise Invalid(f"clientId takes 1 to {MAX_CLIENT_ID} characters.", field="clientId")
    check_characters(client_id, "clientId")


def storable(text: str) -> str:
    """Return a model's text without NUL, and with lone surrogates replaced."""
    if "\0" in text:
        text = text.replace("\0", "")
    return text.encode("utf-8", "replace").decode() if not _is_valid(text) else text


def _is_valid(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text)


def title_from(text: str, limit: int = 48) -> str:
    """Return a conversation's first title: the beginning of the message on one line, cut between words."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    cut = line[:limit].rsplit(" ", 1)[0] if " " in line[:limit] else line[:limit]
    return cut.rstrip(" ,;:.-") + "…"
