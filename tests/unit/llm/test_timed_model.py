"""Time-outs count the model's silence and nothing else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from everkin.domain.errors import ModelTimeout
from everkin.domain.prompt import Chunk, ChunkEnd, ChunkText, Prompt
from everkin.llm.gateway.timeout import TimeoutModel, Timeouts

TINY = 0.02


class Puppet:
    """Speaks when pulled; `left` tells whether its stream was left."""

    name = "Puppet"

    def __init__(self) -> None:
        self.strings: asyncio.Queue[Chunk] = asyncio.Queue()
        self.may_enter = asyncio.Event()
        self.may_enter.set()
        self.left = False

    @asynccontextmanager
    async def stream(self, prompt: Prompt) -> AsyncIterator[AsyncIterator[Chunk]]:
        await self.may_enter.wait()
        try:
            yield self._speak()
        finally:
            self.left = True

    async def _speak(self) -> AsyncIterator[Chunk]:
        while True:
            chunk = await self.strings.get()
            yield chunk
            if isinstance(chunk, ChunkEnd):
                return


async def _listen_to_chatter(puppet: Puppet, chunks: AsyncIterator[Chunk]) -> None:
    while True:
        puppet.strings.put_nowait(ChunkText("and"))
        await anext(chunks)
        await asyncio.sleep(0)


@pytest.fixture
def puppet() -> Puppet:
    return Puppet()


async def test_silence_before_the_first_token_times_out(puppet: Puppet) -> None:
    with pytest.raises(ModelTimeout):
        async with TimeoutModel(puppet, Timeouts(TINY, 60)).stream(Prompt(())) as chunks:
            await anext(chunks)
    assert puppet.left


async def test_a_door_that_does_not_open_times_out(puppet: Puppet) -> None:
    puppet.may_enter.clear()
    with pytest.raises(ModelTimeout):
        async with TimeoutModel(puppet, Timeouts(TINY, 60)).stream(Prompt(())):
            pass


async def test_silence_between_tokens_times_out(puppet: Puppet) -> None:
    puppet.strings.put_nowait(ChunkText("one"))
    async with TimeoutModel(puppet, Timeouts(TINY, 60)).stream(Prompt(())) as chunks:
        assert await anext(chunks) == ChunkText("one")
        with pytest.raises(ModelTimeout):
            await anext(chunks)
    assert puppet.left


async def test_a_slow_reader_is_no_silence(puppet: Puppet) -> None:
    for word in ("one", "two"):
        puppet.strings.put_nowait(ChunkText(word))
    puppet.strings.put_nowait(ChunkEnd("stop", "puppet"))
    heard = []
    async with TimeoutModel(puppet, Timeouts(TINY, 60)).stream(Prompt(())) as chunks:
        async for chunk in chunks:
            heard.append(chunk)
            await asyncio.sleep(TINY * 3)
    assert len(heard) == 3


async def test_the_total_ends_a_model_that_never_stops(puppet: Puppet) -> None:
    async with TimeoutModel(puppet, Timeouts(60, TINY)).stream(Prompt(())) as chunks:
        with pytest.raises(ModelTimeout):
            await _listen_to_chatter(puppet, chunks)


async def test_the_total_counts_a_slow_reader_too(puppet: Puppet) -> None:
    async with TimeoutModel(puppet, Timeouts(60, TINY)).stream(Prompt(())) as chunks:
        await asyncio.sleep(TINY * 3)
        puppet.strings.put_nowait(ChunkText("late"))
        with pytest.raises(ModelTimeout):
            await anext(chunks)


async def test_a_cancellation_from_outside_stays_one(puppet: Puppet) -> None:
    async def listen() -> None:
        async with TimeoutModel(puppet, Timeouts(60, 60)).stream(Prompt(())) as chunks:
            await anext(chunks)

    listener = asyncio.ensure_future(listen())
    await asyncio.sleep(0)
    listener.cancel()
    with pytest.raises(asyncio.CancelledError):
        await listener
    assert puppet.left
