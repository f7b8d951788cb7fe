"""Typing delay: how long the first words of a reply are held back where an instant reply would look odd.

Only text is held back. The model starts at once, the character is shown typing at once, and a reply that is stopped
while it is held back is never shown.
"""

from dataclasses import dataclass

from everkin.domain.errors import StartError

LONG = 240
"""Length in characters from which the longest delay applies."""


@dataclass(frozen=True, slots=True)
class TypingDelay:
    """Bounds of the delay, counted from the model call. Raises StartError unless 0 <= least <= most."""

    least: float
    """Seconds for the shortest text."""
    most: float
    """Seconds for texts of LONG characters and more."""

    def __post_init__(self) -> None:
        if not 0 <= self.least <= self.most:
            raise StartError("MIN_TYPING_DELAY must be 0 or more, and MAX_TYPING_DELAY no less than it.")

    def seconds(self, characters: int) -> float:
        """Return the delay for a first text of this length."""
        return self.least + (self.most - self.least) * min(1.0, characters / LONG)
