"""Server-sent events: order, heartbeat, the reader who leaves, the error in the middle."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from everkin.domain.errors import Unavailable
from everkin.interfaces.rest.event_stream import EventStream, frame
from everkin.interfaces.views import ProblemView
from everkin.kit.clock import ManualClock, settle


class Reader:
    """The server's side of one connection."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.left = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        self.sent.append(message)

    @property
    def text(self) -> str:
        return b"".join(message.get("body", b"") for message in self.sent).decode()

    @property
    def ended(self) -> bool:
        return bool(self.sent) and self.sent[-1].get("more_body") is False


class Source:
    def __init__(self) -> None:
        self.queue: asyncio.Queue[bytes | Exception | None] = asyncio.Queue()
        self.closed = False

    async def frames(self) -> AsyncGenerator[bytes]:
        try:
            while (each := await self.queue.get()) is not None:
                if isinstance(each, Exception):
                    raise each
                yield each
        finally:
            self.closed = True


@pytest.fixture
async def reader() -> Reader:
    return Reader()


@pytest.fixture
async def source() -> Source:
    return Source()


async def test_first_then_the_rest_then_the_end(reader: Reader, source: Source) -> None:
    for each in (b"b", b"c", None):
        source.queue.put_nowait(each)
    async with asyncio.timeout(10):
        await EventStream(source.frames(), ManualClock(), first=b"a")({}, reader.receive, reader.send)
    assert reader.text == "abc"
    assert reader.ended
    assert source.closed


async def test_silence_is_filled_every_fifteen_seconds(reader: Reader, source: Source) -> None:
    clock = ManualClock()
    stream = asyncio.create_task(EventStream(source.frames(), clock)({}, reader.receive, reader.send))
    await settle()
    await clock.advance(14.9)
    assert reader.text == ""
    await clock.advance(0.1)
    await clock.advance(15)
    assert reader.text == ": still here\n\n" * 2
    source.queue.put_nowait(b"word")
    source.queue.put_nowait(None)
    async with asyncio.timeout(10):
        await stream
    assert reader.text.endswith("word")


async def test_a_reader_who_leaves_closes_what_was_opened(reader: Reader, source: Source) -> None:
    closing, left = AsyncExitStack(), []
    closing.callback(left.append, True)
    stream = EventStream(source.frames(), ManualClock(), closing=closing)
    task = asyncio.create_task(stream({}, reader.receive, reader.send))
    await settle()
    reader.left.set()
    async with asyncio.timeout(10):
        await task
    assert source.closed
    assert left == [True]


async def test_an_error_in_the_middle_is_the_last_thing_told(reader: Reader, source: Source) -> None:
    source.queue.put_nowait(b"word\n\n")
    source.queue.put_nowait(Unavailable("Too slow."))
    async with asyncio.timeout(10):
        await EventStream(source.frames(), ManualClock())({}, reader.receive, reader.send)
    assert reader.text.startswith("word\n\nevent: error\ndata: ")
    assert '"Too slow."' in reader.text
    assert reader.ended


def test_a_frame_is_one_line_of_data_whatever_it_holds() -> None:
    text = frame("error", ProblemView(code="x", sentence="a\nb\r\n\u2028c 🦊")).decode()
    assert text.startswith("event: error\ndata: {")
    assert text.endswith("}\n\n")
    assert text.strip("\n").count("\n") == 1
    assert "\r" not in text
