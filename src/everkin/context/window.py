"""The window: which of the latest messages are shown, so that following prompts begin with the same bytes.

It starts only at a `seq` of the form 1 + k * step, so it grows at its end for several turns and then steps. Where the
tokens hold fewer messages than the budget's number, the step is smaller too: the window swings between about half of
what fits and all of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from everkin.context.budget import (
    ANSWERED_SHARE,
    LONG_SHARE,
    MESSAGE_OVERHEAD,
    RECENT_FIRST,
    Budget,
    Cost,
    shortened,
)
from everkin.context.filter import without_redundant
from everkin.context.scene import Speech

STEP_PART = 0.6
"""A step is at most this part of the messages that fit; the rest stays in sight when the window steps."""


@dataclass(frozen=True, slots=True)
class Window:
    """`begins`: the `seq` from which on everything worth showing is shown; None where nothing is. `cost` in tokens."""

    lines: tuple[Speech, ...]
    begins: int | None
    cost: int


def window_that_fits(heard: Sequence[Speech], room: int, reserve: int, budget: Budget, cost: Cost) -> Window:
    """Of `heard`, in its order, what fits into `room` tokens less `reserve`; the newest RECENT_FIRST messages may use the
    reserve. Long messages are shortened, redundant ones left out (filter.py)."""
    recent = _brief(heard[-budget.messages :], budget, cost)
    costs = [cost(line.text) + MESSAGE_OVERHEAD for line in recent]
    start = _start(heard, recent, _newest_that_fit(costs, room, reserve), budget.step)
    lines = tuple(without_redundant(recent[start:]))
    price = dict(zip((line.seq for line in recent), costs, strict=True))
    return Window(
        lines,
        recent[start].seq if start < len(recent) else None,
        sum(price[line.seq] for line in lines),
    )


def _brief(lines: Sequence[Speech], budget: Budget, cost: Cost) -> list[Speech]:
    rooms = [budget.share(LONG_SHARE)] * len(lines)
    rooms[-1:] = [budget.share(ANSWERED_SHARE)] * bool(lines)
    return [_within(line, room, cost) for line, room in zip(lines, rooms, strict=True)]


def _within(line: Speech, room: int, cost: Cost) -> Speech:
    short = shortened(line.text, room, cost)
    return replace(line, text=short) if short and short != line.text else line


def _newest_that_fit(costs: Sequence[int], room: int, reserve: int) -> int:
    count = spent = 0
    for price in reversed(costs):
        spent += price
        if spent > (room if count < RECENT_FIRST else room - reserve):
            break
        count += 1
    return count


def _start(heard: Sequence[Speech], recent: Sequence[Speech], most: int, step: int) -> int:
    """The place in `recent` of the first message shown, when the newest `most` may be."""
    if most == len(heard):
        return 0
    first = len(recent) - most
    while step > 1 and step > most * STEP_PART:
        step = next(part for part in range(step // 2, 0, -1) if step % part == 0)
    return next((place for place in range(first, len(recent)) if (recent[place].seq - 1) % step == 0), first)
