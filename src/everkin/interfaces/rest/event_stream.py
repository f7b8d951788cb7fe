"""Server-sent events: a stream of frames with a heartbeat, which ends when its source ends or its client
disconnects."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack

import msgspec
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from everkin.domain.errors import EverkinError
from everkin.interfaces.views import problem_view
from everkin.kit.clock import Clock
from everkin.kit.tasks import Tasks

HEARTBEAT_SECONDS = 15.0


def frame(event: str, body: msgspec.Struct) -> bytes:
    """Encode an event. JSON contains no line break, so the data is always one line."""
    return b"event: " + event.encode() + b"\ndata: " + msgspec.json.encode(body) + b"\n\n"


class EventStream(Response):
    """The response. `first` is sent before the other frames; `closing` is closed when the stream ends, for any reason;
    an EverkinError in the middle becomes the last frame, event `error`. Frames are taken from the source only as fast
    as the client reads them."""

    media_type = "text/event-stream"

    def __init__(
        self,
        frames: AsyncGenerator[bytes],
        clock: Clock,
        *,
        first: bytes = b"",
        closing: AsyncExitStack | None = None,
        status: int = 200,
    ) -> None:
        super().__init__(status_code=status)
        del self.headers["content-length"]
        self.headers["cache-control"] = "no-store"
        self.headers["x-accel-buffering"] = "no"
        self._frames = frames
        self._clock = clock
        self._first = first
        self._closing = closing or AsyncExitStack()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        tasks = Tasks("event streams")
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            await send(_body(self._first))
            await self._pump(tasks, receive, send)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            await tasks.close()
            await self._frames.aclose()
            await self._closing.aclose()

    async def _pump(self, tasks: Tasks, receive: Receive, send: Send) -> None:
        gone = tasks.start(_gone(receive))
        coming = tasks.start(self._next())
        beat = tasks.start(self._clock.sleep(HEARTBEAT_SECONDS))
        while not gone.done():
            await asyncio.wait({gone, coming, beat}, return_when=asyncio.FIRST_COMPLETED)
            if coming.done():
                if (piece := coming.result()) is None:
                    return
                await send(_body(piece))
                coming = tasks.start(self._next())
            if beat.done():
                await send(_body(b": still here\n\n"))
                beat = tasks.start(self._clock.sleep(HEARTBEAT_SECONDS))

    async def _next(self) -> bytes | None:
        """Return the next frame, None after the last one."""
        try:
            return await anext(self._frames, None)
        except EverkinError as error:
            return frame("error", problem_view(error))


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _body(piece: bytes) -> Message:
    return {"type": "http.response.body", "body": piece, "more_body": True}
