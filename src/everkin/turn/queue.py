"""Lanes: one turn at a time in each conversation, in the order of the messages."""

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
    """A turn not yet ended, on this node."""

    turn_id: TurnId
    message_id: MessageId
    character_id: CharacterId
    started: bool
    """False: it waits for its lane."""
    text: str
    """Said so far."""


@dataclass(slots=True, eq=False)
class TurnRequest:
    """A turn on its way through a lane."""

    turn: Turn
    message: Message
    audience: tuple[UserId, ...]
    batch_seconds: float = 0.0
    """How long this message may wait for others to be answered together with it."""
    priority: int = PRIORITY_NORMAL
    natural: bool = False
    """The door it came in by wants no instant answer (turn/typing_delay.py)."""
    started: bool = False
    stopping: bool = False
    text: str = ""
    """What its deltas have told so far."""
    heard_at: float = 0.0
    """(monotonic seconds) is when the model was last heard."""
    stalled: bool = False
    telling: bool = False
    scope: asyncio.Timeout | None = field(default=None, repr=False)
    """Open while the model speaks: ending it stops the speech, though never in the middle of telling a delta, so that
    no door gets half of one. Rides answered together share a scope."""

    def stop(self) -> bool:
        """False when it is already past stopping."""
        if self.stopping:
            return False
        self.stopping = True
        self._end_speech()
        return True

    def told(self) -> None:
        """A delta has been told; a stop that waited for it takes effect."""
        self.telling = False
        if self.stopping:
            self._end_speech()

    def _end_speech(self) -> None:
        if self.scope is not None and not self.telling:
            self.scope.reschedule(0)

    def snapshot(self) -> LiveTurn:
        return LiveTurn(self.turn.id, self.turn.message_id, self.turn.character_id, self.started, self.text)


Choose = Callable[[Sequence[TurnRequest]], Awaitable[int]]
"""How many rides at the head of a lane go together (at least one). May wait for more to come."""


class ConversationQueues:
    """`run` takes rides that go together to their end and does not raise for anything that can happen to a turn."""

    def __init__(
        self, run: Callable[[Sequence[TurnRequest]], Awaitable[None]], choose: Choose, max_waiting: int
    ) -> None:
        self._run = run
        self._choose = choose
        self._max_waiting = max_waiting
        self._tasks = Tasks("lanes")
        self._queues: dict[ConversationId, deque[TurnRequest]] = {}

    def check_room(self, conversation_id: ConversationId, turns: int = 1) -> None:
        """Busy when the lane is full. Ask before writing a message."""
        if len(self._queues.get(conversation_id, ())) + turns > self._max_waiting:
            raise Busy

    def add(self, request: TurnRequest) -> None:
        conversation_id = request.turn.conversation_id
        lane = self._queues.get(conversation_id)
        if lane is not None:
            lane.append(request)
            return
        self._queues[conversation_id] = deque([request])
        self._tasks.start(self._drive(conversation_id))

    def requests(self, conversation_id: ConversationId) -> tuple[TurnRequest, ...]:
        return tuple(self._queues.get(conversation_id, ()))

    def speaking(self) -> int:
        """Conversations with an answer under way."""
        return len(self._queues)

    def all_requests(self) -> Iterator[TurnRequest]:
        for lane in self._queues.values():
            yield from lane

    async def drain(self, seconds: float) -> bool:
        """True when every lane came to rest in time."""
        return await self._tasks.drain(seconds)

    async def close(self) -> None:
        """Cancels what is left; those turns stay pending in the record and are taken up again."""
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
