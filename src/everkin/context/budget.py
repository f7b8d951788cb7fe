"""The token budget: what is kept when there is not room for everything.

Order of precedence: persona core and current message (never dropped), the person's profile, the newest RECENT_FIRST
messages, the notes (summary, memories and the rest), older messages. Example dialogues belong to the stable head: how
many fit is decided from the persona and the budget alone, so that the head never changes in a conversation.

All shares are parts of the whole budget, not of what happens to be left, so that they do not move from turn to turn.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

Cost = Callable[[str], int]
"""Tokens of a text."""

MESSAGE_OVERHEAD = 4
"""Tokens a chat template spends around one message: role, separators. Typical of ChatML."""

RECENT_FIRST = 4
"""So many of the newest messages come before the notes, and stay in sight when the window steps."""

EXAMPLES_SHARE = 0.5
"""The head with examples may take this part of the budget; recent messages come before further examples."""

PROFILE_SHARE = 0.125
"""A longer profile is shortened to this part of the budget."""

SUMMARY_SHARE = 0.15
"""A longer summary is shortened to this part of the budget."""

NOTES_SHARE = 0.25
"""Kept from older messages for summary, lore and memories, wherever there are any."""

BRIEF_NOTES_SHARE = 0.04
"""The same where there are only mood and relationship numbers to note."""

LONG_SHARE = 0.125
"""An older message longer than this part of the budget is shortened in its middle."""

ANSWERED_SHARE = 0.33
"""The same for the message just before the current one, which is being answered."""

MARK = "[…]"
"""Stands where something was left out of the middle of a text."""

_SHORTEST = 24
"""Characters. What would be shortened to fewer is left out altogether."""


@dataclass(frozen=True, slots=True)
class Budget:
    tokens: int = 2000
    """For the whole prompt; at most `messages` of the window are shown."""
    messages: int = 20

    @property
    def step(self) -> int:
        """The window's start moves in steps of this many messages, so that following prompts share their prefix."""
        return max(1, self.messages // 2)

    def share(self, part: float) -> int:
        return int(self.tokens * part)


def examples_that_fit(costs: Sequence[int], core: int, budget: Budget) -> int:
    """How many of the first dialogues fit into the head's share, given the core's cost."""
    room = budget.share(EXAMPLES_SHARE) - core
    count = 0
    for cost in costs:
        room -= cost
        if room < 0:
            break
        count += 1
    return count


def shortened(text: str, room: int, cost: Cost) -> str:
    """`text` itself where it fits into `room` tokens, else its beginning and end around MARK, cut between words where
    there are any; empty where hardly anything would be left."""
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
