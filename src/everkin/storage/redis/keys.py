"""Where things lie in Redis. Everything of ours begins with `everkin`, so that a Redis can be shared with others."""

VALUES = "everkin:"
LOCKS = "everkin-lock:"
COUNTS = "everkin-count:"
CHANNEL = "everkin-stale"


def glob_of(pattern: str) -> str:
    """Redis gives more signs a meaning than we do: those stand for themselves."""
    return "".join(f"\\{sign}" if sign in "[]^-\\" else sign for sign in pattern)
