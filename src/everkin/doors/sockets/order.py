"""Order: the messages of a conversation are told by their `seq`, though a person's and a character's are announced by two
tasks that know nothing of each other."""

from collections import deque
from collections.abc import Iterator

from everkin.domain.events import Event, TurnStarted
from everkin.doors.sockets.parcels import seq_of

MOST_WAITING = 100


class InOrder:
    """Of one conversation. An event that would overtake a message waits for it, and all that follows waits too. When the
    next turn starts the wait is over: the earlier turn has told its end by then, or never will."""

    def __init__(self) -> None:
        self._told: int | None = None
        self._early: deque[Event] = deque()

    def take(self, event: Event) -> Iterator[Event]:
        seq = seq_of(event)
        if isinstance(event, TurnStarted) or len(self._early) >= MOST_WAITING:
            yield from self._release(everything=True)
        if self._fits(seq) if seq is not None else not self._early:
            yield self._told_now(event, seq)
            yield from self._release()
        else:
            self._early.append(event)

    def _fits(self, seq: int) -> bool:
        return self._told is None or seq <= self._told + 1

    def _told_now(self, event: Event, seq: int | None) -> Event:
        if seq is not None:
            self._told = max(self._told or 0, seq)
        return event

    def _release(self, *, everything: bool = False) -> Iterator[Event]:
        while self._early:
            seq = seq_of(self._early[0])
            if not (everything or seq is None or self._fits(seq)):
                return
            yield self._told_now(self._early.popleft(), seq)
