"""Order: the messages of a conversation are told by their `seq`, though a person's and a character's are announced by two
tasks that know nothing of each other."""

from collections.abc import Iterator

from everkin.domain.events import Event, TurnStarted
from everkin.interfaces.sockets.encoded_events import seq_of

MOST_WAITING = 100


class SeqOrder:
    """Of one conversation. An event that would overtake a message waits for it, and all that follows waits too. When the
    next turn starts the wait is over: the earlier turn has told its end by then, or never will."""

    def __init__(self) -> None:
        self._told: int | None = None
        self._early: list[Event] = []

    def take(self, event: Event) -> Iterator[Event]:
        if isinstance(event, TurnStarted) or len(self._early) >= MOST_WAITING:
            early, self._early = self._early, []
            yield from map(self._now, early)
        self._early.append(event)
        while (due := self._due()) is not None:
            self._early.remove(due)
            yield self._now(due)

    def _due(self) -> Event | None:
        """A message when the one before it has been told; anything else once nothing waits before it."""
        for place, event in enumerate(self._early):
            seq = seq_of(event)
            if place == 0 if seq is None else self._told is None or seq <= self._told + 1:
                return event
        return None

    def _now(self, event: Event) -> Event:
        seq = seq_of(event)
        if seq is not None:
            self._told = max(self._told or 0, seq)
        return event
