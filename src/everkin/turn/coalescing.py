"""Coalescing: decide which waiting messages are answered together and how long the first of them waits for more."""

from collections.abc import Sequence

from everkin.domain.ids import ConversationId, UserId
from everkin.kit.clock import Clock
from everkin.turn.queue import TurnRequest

LONGEST_WAITS = 3
"""The longest total wait, in windows: an answer begins after it even while messages keep arriving."""

LOOK_SECONDS = 0.05
"""Interval at which a waiting queue is checked for new messages."""


class TypingClock:
    """Typing state per conversation and user, as reported to this node. Entries expire after `timeout_seconds`."""

    def __init__(self, clock: Clock, timeout_seconds: float) -> None:
        self._clock = clock
        self._timeout = timeout_seconds
        self._until: dict[tuple[ConversationId, UserId], float] = {}

    def note(self, conversation_id: ConversationId, user_id: UserId, is_typing: bool) -> None:
        """Record that a user started or stopped typing."""
        self._forget()
        if is_typing:
            self._until[conversation_id, user_id] = self._clock.monotonic() + self._timeout
        else:
            self._until.pop((conversation_id, user_id), None)

    def is_typing(self, conversation_id: ConversationId, user_id: UserId) -> bool:
        """Whether the user's last typing report is neither withdrawn nor expired."""
        return self._until.get((conversation_id, user_id), 0.0) > self._clock.monotonic()

    def _forget(self) -> None:
        """Drop expired entries."""
        now = self._clock.monotonic()
        for key in [key for key, until in self._until.items() if until <= now]:
            del self._until[key]


class Coalescing:
    """Chooses the requests at the head of a queue that one reply answers.

    `window_seconds` is the longest a message waits for the next one of a user who is still typing.
    """

    def __init__(self, clock: Clock, typing: TypingClock, window_seconds: float) -> None:
        self._clock = clock
        self._typing = typing
        self._window = window_seconds

    async def choose(self, lane: Sequence[TurnRequest]) -> int:
        """Wait while more messages may arrive, then return how many requests at the head of `lane` form a batch (at
        least 1)."""
        begun = self._clock.monotonic()
        held = False
        newest, newest_at = len(lane), begun
        while (wait := self._wait(lane)) and not lane[0].stopping:
            held = True
            now = self._clock.monotonic()
            if len(lane) != newest:
                newest, newest_at = len(lane), now
            if now - newest_at >= wait or now - begun >= LONGEST_WAITS * wait:
                break
            await self._clock.sleep(min(LOOK_SECONDS, wait))
        return self._together(lane, held)

    def _wait(self, lane: Sequence[TurnRequest]) -> float:
        """Return the seconds to wait for another message; 0 for no wait."""
        last = lane[-1]
        if last.batch_seconds > 0:
            return last.batch_seconds
        still = self._typing.is_typing(last.turn.conversation_id, UserId(last.message.sender_id))
        return self._window if still else 0.0

    def _together(self, lane: Sequence[TurnRequest], held: bool) -> int:
        """Return the size of the batch at the head of the queue.

        With several users all waiting requests form one batch. With one user only requests for the same message, or
        those that arrived while the first was held, join. A request that is to be stopped forms its own batch.
        """
        first = lane[0]
        company = len(first.audience) > 1
        count = 1
        while count < len(lane) and not first.stopping and not lane[count].stopping:
            request = lane[count]
            same_message = request.message.id == first.message.id
            same_person = held and request.message.sender_id == first.message.sender_id
            if not (company or same_message or same_person):
                break
            count += 1
        return count
