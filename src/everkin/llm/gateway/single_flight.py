"""Single flight: identical requests of one user share one running call and its stream."""

import asyncio
from collections.abc import AsyncIterator
from types import TracebackType

from everkin.domain.chat_model import ChatModel
from everkin.domain.errors import ModelBroken
from everkin.domain.prompt import Chunk, ChunkEnd, Prompt, PromptMessage, SamplingParams
from everkin.kit.tasks import Tasks
from everkin.llm.gateway.streams import Opening

FlightKey = tuple[str, str, str, tuple[PromptMessage, ...], SamplingParams, tuple[str, ...]]
"""User, conversation, reuse key, messages, sampling parameters, stop texts."""


class SingleFlightModel:
    """Share one call between prompts that are cacheable (`purpose.reuse`) and equal to the last byte; others pass
    through unchanged.

    Every reader receives the whole stream from its beginning. A reader that leaves does not disturb the others; the
    call is cancelled when the last one leaves. The first reader that reaches the end receives the token counts, the
    others 0, since the tokens are spent once. `shared` counts the calls saved.
    """

    def __init__(self, model: ChatModel) -> None:
        self.shared = 0
        self.model = model
        self.flights: dict[FlightKey, _Flight] = {}
        self.tasks = Tasks("shared streams")

    @property
    def name(self) -> str:
        return self.model.name

    def stream(self, prompt: Prompt) -> Opening:
        purpose = prompt.purpose
        if not (purpose.reuse and purpose.user_id):
            return self.model.stream(prompt)
        return _Listening(self, prompt)

    def board(self, prompt: Prompt) -> "_Flight":
        """Join the running call for this prompt, or start one."""
        purpose = prompt.purpose
        key = (purpose.user_id, purpose.conversation_id, purpose.reuse, prompt.messages, prompt.sampling, prompt.stop)
        flight = self.flights.get(key)
        if flight is None:
            flight = self.flights[key] = _Flight(self, key, prompt)
        else:
            self.shared += 1
        flight.listeners += 1
        return flight


class _Flight:
    """A running call with its readers. `chunks` holds all chunks so far; time-outs and the length of an answer bound
    it."""

    def __init__(self, policy: SingleFlightModel, key: FlightKey, prompt: Prompt) -> None:
        self.listeners = 0
        self.chunks: list[Chunk] = []
        self.landed = False
        self.failure: BaseException | None = None
        self.counted = False
        self._policy = policy
        self._key = key
        self._waiting: list[asyncio.Future[None]] = []
        self._task = policy.tasks.start(self._fly(prompt))

    async def leave(self) -> None:
        self.listeners -= 1
        if self.listeners:
            return
        self._close()
        if not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task])

    async def more(self) -> None:
        """Wait for the next chunk or the end."""
        news = asyncio.get_running_loop().create_future()
        self._waiting.append(news)
        await news

    async def _fly(self, prompt: Prompt) -> None:
        try:
            async with self._policy.model.stream(prompt) as chunks:
                async for chunk in chunks:
                    self.chunks.append(chunk)
                    self._tell()
                    if len(self.chunks) == 1:
                        await asyncio.sleep(0)  # readers get the first chunk at once, even if the rest is here already
        except asyncio.CancelledError:
            self.failure = ModelBroken()
            raise
        except Exception as error:  # noqa: BLE001 - the edge of a task; each reader raises the error itself
            self.failure = error
        finally:
            self.landed = True
            self._close()
            self._tell()

    def _tell(self) -> None:
        waiting, self._waiting = self._waiting, []
        for news in waiting:
            if not news.done():
                news.set_result(None)

    def _close(self) -> None:
        """Keep further readers from joining."""
        if self._policy.flights.get(self._key) is self:
            del self._policy.flights[self._key]


class _Listening:
    __slots__ = ("_flight", "_heard", "_policy", "_prompt")

    def __init__(self, policy: SingleFlightModel, prompt: Prompt) -> None:
        self._policy = policy
        self._prompt = prompt
        self._heard = 0
        self._flight: _Flight | None = None

    async def __aenter__(self) -> AsyncIterator[Chunk]:
        self._flight = self._policy.board(self._prompt)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._flight is not None
        await self._flight.leave()

    def __aiter__(self) -> "_Listening":
        return self

    async def __anext__(self) -> Chunk:
        flight = self._flight
        assert flight is not None
        while self._heard == len(flight.chunks):
            if flight.landed:
                raise StopAsyncIteration if flight.failure is None else flight.failure
            await flight.more()
        chunk = flight.chunks[self._heard]
        self._heard += 1
        return self._counted(chunk, flight) if isinstance(chunk, ChunkEnd) else chunk

    def _counted(self, end: ChunkEnd, flight: _Flight) -> ChunkEnd:
        if flight.counted:
            return ChunkEnd(end.reason, end.model, 0, 0)
        flight.counted = True
        return end
