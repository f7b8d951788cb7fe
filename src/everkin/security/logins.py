"""What may be a login and a name. A login is compared without regard to case, width or Unicode form."""

import unicodedata

from everkin.domain.errors import Conflict, Invalid
from everkin.kit.white_space import is_one_line

OWNER_LOGIN = "owner"


def normal_login(login: str) -> str:
    """The form that is stored and looked up. Never raises; what cannot be text becomes a login nobody can have."""
    text = login[:256].encode("utf-8", "replace").decode().replace("\0", "?")
    return unicodedata.normalize("NFKC", text).strip().casefold()


def checked_login(login: str) -> str:
    """Letters and digits of any script and . _ - + @; 2 to 64 characters. Invalid; Conflict for the owner's."""
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
