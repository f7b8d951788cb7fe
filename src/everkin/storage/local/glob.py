"""Patterns over keys: `*` any characters, `?` one, everything else itself."""

import re

_STARS = re.compile(r"\*+")


def matcher(pattern: str) -> re.Pattern[str]:
    """To be used with fullmatch."""
    pieces = (".*" if sign == "*" else "." if sign == "?" else re.escape(sign) for sign in _STARS.sub("*", pattern))
    return re.compile("".join(pieces), re.DOTALL)
