"""Patterns over keys: `*` matches any characters, `?` one; all others match themselves."""

import re

_STARS = re.compile(r"\*+")


def matcher(pattern: str) -> re.Pattern[str]:
    """Return the compiled pattern, to be used with fullmatch."""
    pieces = (".*" if sign == "*" else "." if sign == "?" else re.escape(sign) for sign in _STARS.sub("*", pattern))
    return re.compile("".join(pieces), re.DOTALL)
