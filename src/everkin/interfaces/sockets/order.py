"""Order of messages: the messages of a conversation are delivered by `seq`, although users' and characters' messages
are published by two independent tasks."""

from collections.abc import Iterator

from everkin.domain.events import Event, TurnStarted
from everkin.interfaces.sockets.encoded_events import seq_of

MOST_WAITING = 100


class SeqOrder:
    """The order in one conversation. An event that would overtake a message waits for it, and so do all later events.
    When the next turn starts, the waiting events are delivered: by then the end of the earlier turn has been published,
    or never will be."""

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
        """Return the next event that may be delivered: a message once its predecessor was delivered, any other event
        once no earlier one waits."""
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
