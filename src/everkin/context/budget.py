"""The token budget: what is kept when there is not room for everything.

Order of precedence: persona core and current message (never dropped), the person's profile, recent messages, summary,
memories. Example dialogues belong to the stable head: how many fit is decided from the persona and the budget alone,
so that the head never changes in the middle of a conversation.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from everkin.context.scene import Speech

Cost = Callable[[str], int]
"""Tokens of a text."""

MESSAGE_OVERHEAD = 4
"""Tokens a chat template spends around one message: role, separators. Typical of ChatML."""

EXAMPLES_SHARE = 0.5
"""The head with examples may take this part of the budget; recent messages come before further examples."""


@dataclass(frozen=True, slots=True)
class Budget:
    """`tokens` for the whole prompt; at most `messages` of the window are shown."""

    tokens: int = 2000
    messages: int = 20

    @property
    def step(self) -> int:
        """The window's start moves in steps of this many messages, so that following prompts share their prefix."""
        return max(1, self.messages // 2)


def examples_that_fit(costs: Sequence[int], core: int, budget: Budget) -> int:
    """How many of the first dialogues fit into the head's share, given the core's cost."""
    room = int(budget.tokens * EXAMPLES_SHARE) - core
    count = 0
    for cost in costs:
        room -= cost
        if room < 0:
            break
        count += 1
    return count


def window_that_fits(window: Sequence[Speech], room: int, budget: Budget, cost: Cost) -> Sequence[Speech]:
    """The newest part of `window` within `room` tokens and the budget's number of messages.

    It begins at a `seq` of the form 1 + k * step wherever such a beginning fits; only a window in which not even the
    last step fits begins wherever it has to.
    """
    recent = window[-budget.messages :]
    costs = [cost(line.text) + MESSAGE_OVERHEAD for line in recent]
    total = sum(costs)
    aligned_start: int | None = None
    free_start = len(recent)
    for index, line in enumerate(recent):
        if total <= room:
            free_start = min(free_start, index)
            if (line.seq - 1) % budget.step == 0 or _whole(window, recent, index):
                aligned_start = index
                break
        total -= costs[index]
    return recent[aligned_start if aligned_start is not None else free_start :]


def _whole(window: Sequence[Speech], recent: Sequence[Speech], index: int) -> bool:
    return index == 0 and len(recent) == len(window)
