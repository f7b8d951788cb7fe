"""The rules for text that people write. Whatever passes is kept byte for byte."""

from everkin.domain.errors import EmptyText, Invalid, TooLong
from everkin.kit.white_space import is_blank

MAX_CLIENT_ID = 64


def check_text(text: str, limit: int) -> str:
    """EmptyText; Invalid for what no database keeps (NUL, lone surrogates); TooLong with the limit in characters."""
    if len(text) > limit:
        raise TooLong(
            f"The message is {len(text)} characters long; at most {limit} are allowed.", field="content", limit=limit
        )
    check_characters(text, "content")
    if is_blank(text):
        raise EmptyText(field="content")
    return text


def check_characters(text: str, field: str) -> None:
    if "\0" in text:
        raise Invalid("The text holds a NUL character, which cannot be stored. Remove it.", field=field)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Invalid("The text holds half of a surrogate pair, which is not valid Unicode.", field=field) from None


def check_client_id(client_id: str | None) -> None:
    if client_id is None:
        return
    if not 1 <= len(client_id) <= MAX_CLIENT_ID:
        raise Invalid(f"clientId takes 1 to {MAX_CLIENT_ID} characters.", field="clientId")
    check_characters(client_id, "clientId")


def storable(text: str) -> str:
    """A model's text without what no database keeps."""
    if "\0" in text:
        text = text.replace("\0", "")
    return text.encode("utf-8", "replace").decode() if not _is_valid(text) else text


def _is_valid(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text)


def title_from(text: str, limit: int = 48) -> str:
    """A conversation's first title: the beginning of what was said, cut between words, one line."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    cut = line[:limit].rsplit(" ", 1)[0] if " " in line[:limit] else line[:limit]
    return cut.rstrip(" ,;:.-") + "…"
