"""Turn event stream: one subscriber's bounded queue of a conversation's turn events."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from everkin.domain.errors import Unavailable
from everkin.domain.events import Event, TurnCompleted, TurnDelta, TurnEvent, TurnFailed, TurnStarted, TurnStopped
from everkin.domain.ids import TurnId
from everkin.domain.turn import Turn

ENDS = (TurnCompleted, TurnStopped, TurnFailed)
"""The event types that end a turn."""


class TurnEventStream:
    """Holds up to `bound` events; a subscriber that falls further behind gets Unavailable and should request again."""

    def __init__(self, bound: int = 2048) -> None:
        self._queue: asyncio.Queue[TurnEvent] = asyncio.Queue(bound)
        self._overrun = False

    async def put(self, event: Event) -> None:
        """Queue a turn event; ignore other events. Never blocks."""
        if not isinstance(event, TurnEvent):
            return
        try:
            self._queue.put_nowait(event)
        except asyncio.QueueFull:
            self._overrun = True

    async def story(self, turns: Sequence[Turn], so_far: Sequence[TurnEvent]) -> AsyncIterator[TurnEvent]:
        """Yield `so_far`, then the events of `turns` as they arrive, each turn up to its end. Raises Unavailable."""
        followed = Followed({turn.id for turn in turns})
        for event in so_far:
            followed.told(event)
            yield event
        while followed.open:
            if self._overrun:
                raise Unavailable("This connection reads too slowly to follow the answer. Fetch the messages instead.")
            for event in followed.fitting(await self._queue.get()):
                followed.told(event)
                yield event


class Followed:
    """Tracks which events of some turns one subscriber has received.

    Events queued while `so_far` was read may be older than it, and the beginning of a turn that ended meanwhile may be
    in neither: then only its end is passed on.
    """

    def __init__(self, open_turns: set[TurnId]) -> None:
        self.open = open_turns
        self._length: dict[TurnId, int] = {}
        """Code points delivered of each turn that has started."""
        self._starting: dict[TurnId, TurnStarted] = {}
        """Repeated start events; each is passed on only when a delta at offset 0 follows it."""

    def told(self, event: TurnEvent) -> None:
        """Note an event that was delivered."""
        if isinstance(event, TurnStarted):
            self._length[event.turn_id] = 0
        elif isinstance(event, TurnDelta):
            self._length[event.turn_id] = event.offset + len(event.text)
        elif isinstance(event, ENDS):
            self.open.discard(event.turn_id)

    def fitting(self, event: TurnEvent) -> list[TurnEvent]:
        """Return the events to pass on for this event, so that each delta begins where the one before it ended."""
        turn_id = event.turn_id
        if turn_id not in self.open:
            return []
        if isinstance(event, TurnStarted) and turn_id in self._length:
            self._starting[turn_id] = event
            return []
        if isinstance(event, TurnDelta):
            again = self._starting.pop(turn_id, None)
            if again is not None and event.offset == 0:
                return [again, event]
            return [event] if event.offset == self._length.get(turn_id) else []
        return [event]
