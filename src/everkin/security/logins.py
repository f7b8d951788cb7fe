"""The form of logins and names. A login is compared without regard to case, width or Unicode form."""

import unicodedata

from everkin.domain.errors import Conflict, Invalid
from everkin.kit.white_space import is_one_line

OWNER_LOGIN = "owner"


def normal_login(login: str) -> str:
    """Return the form of a login that is stored and looked up. Never raises; invalid text becomes a login that cannot
    exist."""
    text = login[:256].encode("utf-8", "replace").decode().replace("\0", "?")
    return unicodedata.normalize("NFKC", text).strip().casefold()


def checked_login(login: str) -> str:
    """Return a new login in its normal form: letters and digits of any script and . _ - + @; 2 to 64 characters. Raises
    Invalid; Conflict for the owner's."""
    name = normal_login(login)
    if not 2 <= len(name) <= 64 or not all(char.isalnum() or char in "._-+@" for char in name):
        raise Invalid("A login has 2 to 64 letters, digits or . _ - + @", field="login", limit=64)
    if name == OWNER_LOGIN:
        raise Conflict("The login `owner` belongs to the first-run owner. Choose another.", field="login")
    return name


def checked_name(name: str) -> str:
    shown = unicodedata.normalize("NFC", name).strip()
    if len(shown) > 120 or not is_one_line(shown):
        raise Invalid("A name has up to 120 characters on one line.", field="name", limit=120)
    return shown
