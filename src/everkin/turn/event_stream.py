"""An inbox: one listener's queue of a conversation's turn events, with a bound."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from everkin.domain.errors import Unavailable
from everkin.domain.events import Event, TurnCompleted, TurnDelta, TurnEvent, TurnFailed, TurnStarted, TurnStopped
from everkin.domain.ids import TurnId
from everkin.domain.turn import Turn

ENDS = (TurnCompleted, TurnStopped, TurnFailed)


class TurnEventStream:
    """Holds up to `bound` events; a listener that falls further behind gets Unavailable and should ask again."""

    def __init__(self, bound: int = 2048) -> None:
        self._queue: asyncio.Queue[TurnEvent] = asyncio.Queue(bound)
        self._overrun = False

    async def put(self, event: Event) -> None:
        if not isinstance(event, TurnEvent):
            return
        try:
            self._queue.put_nowait(event)
        except asyncio.QueueFull:
            self._overrun = True

    async def story(self, turns: Sequence[Turn], so_far: Sequence[TurnEvent]) -> AsyncIterator[TurnEvent]:
        """`so_far`, then the events of `turns` as they come, each turn up to its end."""
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
    """What one listener knows of some turns. Events that were queued while `so_far` was read may be older than it, and the
    beginning of a turn that ended meanwhile may be in neither: then only its end is passed on."""

    def __init__(self, open_turns: set[TurnId]) -> None:
        self.open = open_turns
        self._length: dict[TurnId, int] = {}
        """Characters told of each turn that has started."""
        self._starting: dict[TurnId, TurnStarted] = {}
        """A second start: it counts once a text from the first character on follows it."""

    def told(self, event: TurnEvent) -> None:
        if isinstance(event, TurnStarted):
            self._length[event.turn_id] = 0
        elif isinstance(event, TurnDelta):
            self._length[event.turn_id] = event.offset + len(event.text)
        elif isinstance(event, ENDS):
            self.open.discard(event.turn_id)

    def fitting(self, event: TurnEvent) -> list[TurnEvent]:
        """What to pass on now that this event came: each text begins where the one before it ended."""
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
