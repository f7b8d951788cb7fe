"""A relationship's level in a word."""

LEVELS = (
    (0.0, "stranger"),
    (5.0, "acquaintance"),
    (20.0, "companion"),
    (40.0, "friend"),
    (60.0, "close friend"),
    (80.0, "confidant"),
)
"""(from which level, name), ascending."""


def name_of_level(level: float) -> str:
    """`level` 0..100."""
    return next(name for least, name in reversed(LEVELS) if level >= least)
