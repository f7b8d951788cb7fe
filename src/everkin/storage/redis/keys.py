"""Names of keys in Redis. All begin with `everkin`, so that a Redis server can be shared with other programs."""

VALUES = "everkin:"
LOCKS = "everkin-lock:"
COUNTS = "everkin-count:"
CHANNEL = "everkin-stale"


def glob_of(pattern: str) -> str:
    """Escape the characters that are special in Redis but not in Everkin's patterns."""
    return "".join(f"\\{sign}" if sign in "[]^-\\" else sign for sign in pattern)
