"""The natural delay: how long the first words of an answer are held back where an instant one would look odd.

It holds back words only. The model starts at once, the character is seen typing at once, and whoever stops an answer
that is still held back never hears of it.
"""

from dataclasses import dataclass

from everkin.domain.errors import StartError

LONG = 240
"""Characters for which the longest delay is taken."""


@dataclass(frozen=True, slots=True)
class TypingDelay:
    """`least` and `most` in seconds, counted from the moment the model was asked. StartError when they contradict."""

    least: float
    most: float

    def __post_init__(self) -> None:
        if not 0 <= self.least <= self.most:
            raise StartError("MIN_TYPING_DELAY must be 0 or more, and MAX_TYPING_DELAY no less than it.")

    def seconds(self, characters: int) -> float:
        """For first words of so many characters."""
        return self.least + (self.most - self.least) * min(1.0, characters / LONG)
