"""Turn queues: each conversation runs one batch of turns at a time, in the order of its messages."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field

from everkin.domain.errors import Busy
from everkin.domain.ids import CharacterId, ConversationId, MessageId, TurnId, UserId
from everkin.domain.message import Message
from everkin.domain.prompt import PRIORITY_NORMAL
from everkin.domain.turn import Turn
from everkin.kit.tasks import Tasks

log = logging.getLogger("everkin.lanes")


@dataclass(frozen=True, slots=True)
class LiveTurn:
    """Snapshot of a turn on this node that has not ended."""

    turn_id: TurnId
    """The turn's id."""
    message_id: MessageId
    """The id of the message it answers."""
    character_id: CharacterId
    """The id of the responding character."""
    started: bool
    """False: it waits in the queue."""
    text: str
    """The text published so far."""


@dataclass(slots=True, eq=False)
class TurnRequest:
    """A pending turn in a conversation's queue."""

    turn: Turn
    """The pending turn."""
    message: Message
    """The message to be answered."""
    audience: tuple[UserId, ...]
    """The users to whom its events are published."""
    batch_seconds: float = 0.0
    """How long this message may wait for others to be answered together with it; 0: only while its sender types."""
    priority: int = PRIORITY_NORMAL
    """0..10 in the model's queue, highest first."""
    natural: bool = False
    """The interface it came by asks for a typing delay (turn/typing_delay.py)."""
    started: bool = False
    """Its start was published."""
    stopping: bool = False
    """A stop was requested."""
    text: str = ""
    """The text published in deltas so far."""
    heard_at: float = 0.0
    """When the model last sent a chunk, in monotonic seconds."""
    stalled: bool = False
    """A stall was published since the model's last chunk."""
    telling: bool = False
    """A delta is being published right now."""
    scope: asyncio.Timeout | None = field(default=None, repr=False)
    """Open while the model generates: expiring it stops the generation, but never while a delta is being published, so
    that no interface receives half of one. Requests of one batch share a scope."""

    def stop(self) -> bool:
        """Request a stop. Return False when one was requested before."""
        if self.stopping:
            return False
        self.stopping = True
        self._end_speech()
        return True

    def told(self) -> None:
        """Note that a delta was published; a stop that waited for it takes effect."""
        self.telling = False
        if self.stopping:
            self._end_speech()

    def _end_speech(self) -> None:
        if self.scope is not None and not self.telling:
            self.scope.reschedule(0)

    def snapshot(self) -> LiveTurn:
        """Return the current state."""
        return LiveTurn(self.turn.id, self.turn.message_id, self.turn.character_id, self.started, self.text)


Choose = Callable[[Sequence[TurnRequest]], Awaitable[int]]
"""Returns how many requests at the head of a queue form a batch (at least 1). May wait for more to arrive."""


class ConversationQueues:
    """The queues of all conversations on this node.

    `run` answers a batch to its end and handles every failure of a turn itself. `max_waiting` bounds each queue.
    """

    def __init__(
        self, run: Callable[[Sequence[TurnRequest]], Awaitable[None]], choose: Choose, max_waiting: int
    ) -> None:
        self._run = run
        self._choose = choose
        self._max_waiting = max_waiting
        self._tasks = Tasks("lanes")
        self._queues: dict[ConversationId, deque[TurnRequest]] = {}

    def check_room(self, conversation_id: ConversationId, turns: int = 1) -> None:
        """Raise Busy when the queue has no room for `turns` more. Call it before storing a message."""
        if len(self._queues.get(conversation_id, ())) + turns > self._max_waiting:
            raise Busy

    def add(self, request: TurnRequest) -> None:
        """Append a request to its conversation's queue and start the queue if it is idle."""
        conversation_id = request.turn.conversation_id
        lane = self._queues.get(conversation_id)
        if lane is not None:
            lane.append(request)
            return
        self._queues[conversation_id] = deque([request])
        self._tasks.start(self._drive(conversation_id))

    def requests(self, conversation_id: ConversationId) -> tuple[TurnRequest, ...]:
        """Return the requests of a conversation in queue order, the running ones first."""
        return tuple(self._queues.get(conversation_id, ()))

    def speaking(self) -> int:
        """Return the number of conversations with queued or running turns."""
        return len(self._queues)

    def all_requests(self) -> Iterator[TurnRequest]:
        """Iterate over the requests of all conversations."""
        for lane in self._queues.values():
            yield from lane

    async def drain(self, seconds: float) -> bool:
        """Wait for the queues to empty. Return whether all did in time."""
        return await self._tasks.drain(seconds)

    async def close(self) -> None:
        """Cancel the remaining turns; they stay pending in the database and are taken up at the next start."""
        await self._tasks.close()
        self._queues.clear()

    async def _drive(self, conversation_id: ConversationId) -> None:
        lane = self._queues[conversation_id]
        try:
            while lane:
                count = await self._choose(lane)
                together = [lane[index] for index in range(count)]
                try:
                    await self._run(together)
                except Exception:
                    log.exception("turn %s was not brought to its end; it stays pending", lane[0].turn.id)
                for _ in together:
                    lane.popleft()
        finally:
            del self._queues[conversation_id]
