"""The token budget: which parts of a prompt are kept when they do not all fit.

Order of precedence: persona core and current message (never dropped), the user's profile, the newest RECENT_FIRST
messages, the notes (summary, memories and others), older messages. Example dialogues belong to the stable head: their
number depends on the persona and the budget alone, so that the head never changes in a conversation.

All shares are parts of the whole budget and not of the remainder, so that they stay the same from turn to turn.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

Cost = Callable[[str], int]
"""Returns the tokens of a text."""

MESSAGE_OVERHEAD = 4
"""Tokens a chat template adds to each message for role and separators; typical of ChatML."""

RECENT_FIRST = 4
"""Number of newest messages that precede the notes, and stay in the window when it steps."""

EXAMPLES_SHARE = 0.5
"""Largest part of the budget for the head with examples; recent messages precede further examples."""

PROFILE_SHARE = 0.125
"""A longer profile is shortened to this part of the budget."""

SUMMARY_SHARE = 0.15
"""A longer summary is shortened to this part of the budget."""

NOTES_SHARE = 0.25
"""Part of the budget reserved for summary, lore and memories, if there are any; older messages do not use it."""

BRIEF_NOTES_SHARE = 0.04
"""The same if there are only mood and relationship numbers."""

LONG_SHARE = 0.125
"""An older message longer than this part of the budget is shortened in its middle."""

ANSWERED_SHARE = 0.33
"""The same for the message directly before the current one, which the current one answers."""

MARK = "[…]"
"""Replaces the text removed from the middle."""

_SHORTEST = 24
"""Characters; a text that would be shortened below this is omitted."""


@dataclass(frozen=True, slots=True)
class Budget:
    """The size limits of a prompt."""

    tokens: int = 2000
    """Most tokens of the whole prompt."""
    messages: int = 20
    """Most messages of the window."""

    @property
    def step(self) -> int:
        """The window's start moves in steps of this many messages, so that following prompts share their prefix."""
        return max(1, self.messages // 2)

    def share(self, part: float) -> int:
        """Return the tokens of a part (0..1) of the budget."""
        return int(self.tokens * part)


def examples_that_fit(costs: Sequence[int], core: int, budget: Budget) -> int:
    """Return how many of the first dialogues fit into the head's share, given the tokens of the persona's core."""
    room = budget.share(EXAMPLES_SHARE) - core
    count = 0
    for cost in costs:
        room -= cost
        if room < 0:
            break
        count += 1
    return count


def shortened(text: str, room: int, cost: Cost) -> str:
    """Return `text` if it fits into `room` tokens, else its beginning and end around MARK, cut between words where
    possible; empty if fewer than 24 characters would remain."""
    price = cost(text)
    if price <= room:
        return text
    keep = len(text) * max(0, room) // price
    while keep >= _SHORTEST:
        short = f"{_without_last_word(text[: keep * 2 // 3])} {MARK} {_without_first_word(text[-(keep // 3) :])}"
        if cost(short) <= room:
            return short
        keep = keep * 9 // 10
    return ""


def _without_last_word(text: str) -> str:
    return text.rsplit(maxsplit=1)[0] if text.split() else ""


def _without_first_word(text: str) -> str:
    return text.split(maxsplit=1)[-1] if text.split() else ""
