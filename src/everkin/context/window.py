"""The window: selects the newest messages so that following prompts begin with the same bytes.

It starts only at a `seq` of the form 1 + k * step, so it grows at its end for several turns and then steps. If fewer
messages than `budget.messages` fit the tokens, the step is a smaller power of two: after a step the newest RECENT_FIRST
messages and two fifths of those that fit are still in the window.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from everkin.context.budget import (
    ANSWERED_SHARE,
    LONG_SHARE,
    MESSAGE_OVERHEAD,
    NOTES_SHARE,
    PROFILE_SHARE,
    RECENT_FIRST,
    Budget,
    Cost,
    shortened,
)
from everkin.context.filter import without_redundant
from everkin.context.scene import Speech


@dataclass(frozen=True, slots=True)
class Window:
    """The selected messages."""

    lines: tuple[Speech, ...]
    """The messages in display order, filtered and shortened."""
    begins: int | None
    """`seq` from which on all messages worth showing are included; None: an empty window."""
    cost: int
    """Tokens of the messages."""


def window_that_fits(heard: Sequence[Speech], room: int, reserve: int, budget: Budget, cost: Cost) -> Window:
    """Return the newest of `heard` that fit into `room` tokens less `reserve`; the newest RECENT_FIRST messages may use
    the reserve.

    Long messages are shortened, redundant ones removed (filter.py).
    """
    recent, costs = _brief(heard[-budget.messages :], budget, cost)
    start = _start(heard, recent, _newest_that_fit(costs, room, reserve), budget.step)
    lines = tuple(without_redundant(recent[start:]))
    price = dict(zip((line.seq for line in recent), costs, strict=True))
    begins = recent[start].seq if start < len(recent) else None
    return Window(lines, begins, sum(price[line.seq] for line in lines))


def surely_shown(heard: Sequence[Speech], spent: int, budget: Budget, cost: Cost) -> frozenset[int]:
    """Return the `seq` of each of `heard` that the prompt will contain, however long its notes are.

    `spent`: tokens of the head and of the current message.
    """
    room = budget.tokens - spent - budget.share(PROFILE_SHARE)
    reserve = budget.share(NOTES_SHARE)
    begins = window_that_fits(heard, room, reserve, budget, cost).begins
    return frozenset(line.seq for line in heard if begins is not None and line.seq >= begins)


def _brief(lines: Sequence[Speech], budget: Budget, cost: Cost) -> tuple[list[Speech], list[int]]:
    """Return the lines, long ones shortened, and the tokens of each."""
    brief, prices = [], []
    for place, line in enumerate(lines, 1):
        price = cost(line.text)
        room = budget.share(ANSWERED_SHARE if place == len(lines) else LONG_SHARE)
        if price > room and (short := shortened(line.text, room, cost)):
            line, price = replace(line, text=short), cost(short)
        brief.append(line)
        prices.append(price + MESSAGE_OVERHEAD)
    return brief, prices


def _newest_that_fit(costs: Sequence[int], room: int, reserve: int) -> int:
    """Return how many of the newest messages fit."""
    count = spent = 0
    for price in reversed(costs):
        spent += price
        if spent > (room if count < RECENT_FIRST else room - reserve):
            break
        count += 1
    return count


def _start(heard: Sequence[Speech], recent: Sequence[Speech], most: int, step: int) -> int:
    """Return the index in `recent` of the first message shown, when at most the newest `most` fit."""
    if most == len(heard):
        return 0
    first = len(recent) - most
    step = _shorter(step, most - max(min(RECENT_FIRST, most), most * 2 // 5) + 1)
    return next((place for place in range(first, len(recent)) if (recent[place].seq - 1) % step == 0), first)


def _shorter(step: int, longest: int) -> int:
    """Return `step`, or the largest power of two up to `longest`.

    A few fixed lengths keep the start in place when slightly more or less fits.
    """
    return step if step <= longest else 1 << max(0, longest.bit_length() - 1)
