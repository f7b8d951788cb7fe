"""A language model provider that costs almost nothing: OpenAI's streaming chat completions, answered from bytes made once.

`python -m benchmarks.upstream [--port 0] [--tokens 50] [--first-ms 0] [--pace-ms 0]` prints `listening PORT`.
Without a pace all tokens leave at once; with one, each leaves on its own at its time. GET /v1/models names its one model;
GET /pace/FIRST_MS/PACE_MS changes both times for answers that begin later.
"""

import argparse
import asyncio
import json
from dataclasses import dataclass
from typing import cast

import uvloop

MODEL = "bench-model"

_SENTENCE = "the rain had stopped and somewhere below us a door opened so I listened for the first time that evening"


def tokens(count: int) -> list[str]:
    words = _SENTENCE.split()
    return [("" if n == 0 else " ") + words[n % len(words)] for n in range(count)]


@dataclass(slots=True)
class Script:
    """`opening` goes out after `first` seconds, each of `rest` after another `pace` seconds."""

    opening: bytes
    rest: tuple[bytes, ...]
    first: float
    pace: float


def script(count: int, first: float, pace: float) -> Script:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    events = [_event({"role": "assistant", "content": token}, None) for token in tokens(count)]
    events[-1] += _event({}, "stop") + _chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n"
    return Script(head + events[0], tuple(events[1:]), first, pace)


def _event(delta: dict[str, str], finish: str | None) -> bytes:
    body = {
        "id": "chatcmpl-bench",
        "object": "chat.completion.chunk",
        "created": 1_800_000_000,
        "model": MODEL,
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }
    return _chunk(b"data: " + json.dumps(body, separators=(",", ":")).encode() + b"\n\n")


def _chunk(body: bytes) -> bytes:
    return f"{len(body):x}\r\n".encode() + body + b"\r\n"


_MODELS_BODY = json.dumps({"object": "list", "data": [{"id": MODEL, "object": "model"}]}).encode()
_MODELS = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (
    len(_MODELS_BODY),
    _MODELS_BODY,
)


class Provider(asyncio.Protocol):
    """One kept-alive connection: requests one after another, bodies by content-length or chunked."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._buffer = b""
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._transport = None

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._request_end()) is not None:
            request, self._buffer = self._buffer[:end], self._buffer[end:]
            self._answer(request)

    def _request_end(self) -> int | None:
        """Where the first whole request in the buffer ends."""
        head_end = self._buffer.find(b"\r\n\r\n")
        if head_end < 0:
            return None
        head = self._buffer[:head_end].lower()
        if (at := head.find(b"content-length:")) >= 0:
            end = head_end + 4 + int(head[at + 15 :].split(b"\r\n", 1)[0])
            return end if len(self._buffer) >= end else None
        if b"transfer-encoding: chunked" in head:
            last = self._buffer.find(b"0\r\n\r\n", head_end)
            return None if last < 0 else last + 5
        return head_end + 4

    def _answer(self, request: bytes) -> None:
        assert self._transport is not None
        if request.startswith(b"GET"):
            if request.startswith(b"GET /pace/"):
                first, pace = request.split(b" ", 2)[1].split(b"/")[2:4]
                self._script.first, self._script.pace = float(first) / 1000, float(pace) / 1000
            self._transport.write(_MODELS)
        elif self._script.first:
            self._timer = asyncio.get_running_loop().call_later(self._script.first, self._speak)
        else:
            self._speak()

    def _speak(self) -> None:
        if self._transport is None:
            return
        self._transport.write(self._script.opening)
        if self._script.pace:
            self._schedule(0, asyncio.get_running_loop().time() + self._script.pace)
        else:
            self._transport.writelines(self._script.rest)

    def _schedule(self, position: int, at: float) -> None:
        self._timer = asyncio.get_running_loop().call_at(at, self._continue, position, at)

    def _continue(self, position: int, at: float) -> None:
        if self._transport is None:
            return
        self._transport.write(self._script.rest[position])
        if position + 1 < len(self._script.rest):
            self._schedule(position + 1, at + self._script.pace)


async def serve(port: int, script: Script) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: Provider(script), "127.0.0.1", port, backlog=1024)
    print(f"listening {server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--tokens", type=int, default=50)
    parser.add_argument("--first-ms", type=float, default=0.0, help="before the first token")
    parser.add_argument("--pace-ms", type=float, default=0.0, help="between two tokens")
    given = parser.parse_args()
    uvloop.run(serve(given.port, script(given.tokens, given.first_ms / 1000, given.pace_ms / 1000)))


if __name__ == "__main__":
    main()
