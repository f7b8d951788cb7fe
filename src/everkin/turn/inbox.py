"""An inbox: one listener's queue of a conversation's turn events, with a bound."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from everkin.domain.errors import Unavailable
from everkin.domain.events import Event, TurnCompleted, TurnDelta, TurnEvent, TurnFailed, TurnStopped
from everkin.domain.turn import Turn

ENDS = (TurnCompleted, TurnStopped, TurnFailed)


class Inbox:
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
        open_turns = {turn.id for turn in turns}
        told: dict[str, int] = {}
        for event in so_far:
            yield event
            if isinstance(event, TurnDelta):
                told[event.turn_id] = len(event.text)
            if isinstance(event, ENDS):
                open_turns.discard(event.turn_id)
        while open_turns:
            if self._overrun:
                raise Unavailable("This connection reads too slowly to follow the answer. Fetch the messages instead.")
            event = await self._queue.get()
            if event.turn_id not in open_turns:
                continue
            if isinstance(event, TurnDelta) and event.offset < told.get(event.turn_id, 0):
                continue
            if isinstance(event, ENDS):
                open_turns.discard(event.turn_id)
            yield event
