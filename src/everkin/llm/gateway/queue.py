"""A limit of concurrent calls at one endpoint; further calls wait for a slot (slots.py decides the order)."""

from collections.abc import AsyncIterator
from types import TracebackType

from everkin.domain.chat_model import ChatModel
from everkin.domain.prompt import Chunk, Prompt
from everkin.kit.clock import Clock
from everkin.llm.gateway.slots import Slots
from everkin.llm.gateway.streams import Opening


class QueuedModel:
    """Hold a slot from entering the inner stream until the block is left, however it is left."""

    def __init__(self, model: ChatModel, places: Slots, clock: Clock) -> None:
        self.model = model
        self.places = places
        self.clock = clock

    @property
    def name(self) -> str:
        return self.model.name

    def stream(self, prompt: Prompt) -> Opening:
        return _Queued(self, prompt)


class _Queued:
    __slots__ = ("_entered_at", "_opening", "_policy", "_prompt")

    def __init__(self, policy: QueuedModel, prompt: Prompt) -> None:
        self._policy = policy
        self._prompt = prompt
        self._opening = policy.model.stream(prompt)
        self._entered_at = 0.0

    async def __aenter__(self) -> AsyncIterator[Chunk]:
        policy = self._policy
        await policy.places.enter(self._prompt.purpose)
        self._entered_at = policy.clock.monotonic()
        try:
            return await self._opening.__aenter__()
        except BaseException:
            policy.places.leave()
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        policy = self._policy
        try:
            return await self._opening.__aexit__(kind, error, trace)
        finally:
            policy.places.leave(policy.clock.monotonic() - self._entered_at)
