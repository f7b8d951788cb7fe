"""A server can fail in many ways; each ends in the right error, with the sentence that mends it, and leaks nothing."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from everkin.domain.errors import (
    ModelBroken,
    ModelError,
    ModelOverloaded,
    ModelRefused,
    ModelSilent,
    ModelTimeout,
    ModelUnreachable,
)
from everkin.domain.prompt import Chunk, ChunkEnd, ChunkText, Prompt, PromptMessage
from everkin.kit.clock import ManualClock, SystemClock
from everkin.llm.gateway.stack import gateway
from everkin.llm.gateway.streams import NothingSaid
from everkin.llm.gateway.timeout import Timeouts
from everkin.llm.providers.endpoint import Endpoint
from everkin.llm.providers.http import new_session
from everkin.llm.providers.openai_compatible import OpenAICompatible
from tests.contracts.upstream import DONE, USAGE, Handler, answers, open_upstream, piece, refuses, sends

PATIENCE = 10
PROMPT = Prompt((PromptMessage("user", "Good evening."),))
KEY = "sk-secret-123"


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with new_session() as session:
        yield session


def _model(session: aiohttp.ClientSession, base_url: str, key: str = KEY) -> OpenAICompatible:
    endpoint = Endpoint("Groq", base_url, "llama-x", key=key, key_env="GROQ_API_KEY")
    return OpenAICompatible(endpoint, session, SystemClock(), tail_seconds=0.05)


async def _say(model: Any) -> list[Chunk]:
    async with asyncio.timeout(PATIENCE), model.stream(PROMPT) as chunks:
        return [chunk async for chunk in chunks]


async def _fails(session: aiohttp.ClientSession, handler: Handler, key: str = KEY) -> ModelError:
    async with open_upstream(handler) as upstream:
        with pytest.raises(ModelError) as failure:
            await _say(_model(session, upstream.base_url, key))
        assert len(upstream.bodies) == 1
    assert KEY not in failure.value.sentence
    return failure.value


OPENAI_401 = {"error": {"message": f"Incorrect API key provided: {KEY}", "type": "invalid_request_error", "code": "x"}}
OPENAI_LONG = {"error": {"message": "maximum context length is 8192 tokens", "code": "context_length_exceeded"}}
OPENAI_QUOTA = {"error": {"message": "You exceeded your current quota", "code": "insufficient_quota"}}
OPENAI_PARAM = {"error": {"message": "no", "code": "unsupported_parameter", "param": "temperature"}}
OPENROUTER_402 = {"error": {"code": 402, "message": "Insufficient credits"}}
LLAMA_LONG = {"error": {"code": 400, "message": "too big", "type": "exceed_context_size_error", "n_ctx": 2048}}
OLLAMA_404 = {"error": "model 'llama9' not found, try pulling it first"}
VLLM_404 = {"object": "error", "message": "The model `x` does not exist.", "type": "NotFoundError", "code": 404}
FASTAPI_422 = {"detail": [{"loc": ["body"], "msg": "field required"}]}
GOOGLE_400 = [{"error": {"code": 400, "message": "bad", "status": "INVALID_ARGUMENT"}}]


@pytest.mark.parametrize(
    ("status", "body", "kind", "mends"),
    [
        (400, OPENAI_PARAM, ModelRefused, "unsupported_parameter temperature"),
        (400, OPENAI_LONG, ModelRefused, "MAX_CONTEXT_TOKENS"),
        (400, LLAMA_LONG, ModelRefused, "MAX_CONTEXT_TOKENS"),
        (400, GOOGLE_400, ModelRefused, "HTTP 400"),
        (401, OPENAI_401, ModelRefused, "GROQ_API_KEY"),
        (402, OPENROUTER_402, ModelRefused, "credit"),
        (403, {"error": {"message": "forbidden"}}, ModelRefused, "GROQ_API_KEY"),
        (404, OLLAMA_404, ModelRefused, "MODEL_NAME"),
        (404, VLLM_404, ModelRefused, "MODEL_NAME"),
        (404, b"<html>not found</html>", ModelRefused, "MODEL_BASE_URL"),
        (422, FASTAPI_422, ModelRefused, "HTTP 422"),
        (429, OPENAI_QUOTA, ModelRefused, "credit"),
        (429, {"error": {"message": "slow down"}}, ModelOverloaded, "in a moment"),
        (500, b"", ModelOverloaded, "in a moment"),
        (503, {"error": {"message": "overloaded"}}, ModelOverloaded, "in a moment"),
        (529, b"\xff\xfe", ModelOverloaded, "in a moment"),
        (302, b"", ModelRefused, "MODEL_BASE_URL"),
    ],
)
async def test_a_refusal_names_what_mends_it(
    session: aiohttp.ClientSession, status: int, body: Any, kind: type[ModelError], mends: str
) -> None:
    error = await _fails(session, refuses(status, body))
    assert type(error) is kind
    assert mends in error.sentence


async def test_without_a_key_it_asks_for_one(session: aiohttp.ClientSession) -> None:
    error = await _fails(session, refuses(401, {"error": "unauthorized"}), key="")
    assert "asks for a key" in error.sentence
    assert "GROQ_API_KEY" in error.sentence


@pytest.mark.parametrize("said", ["7", "date", "soon"])
async def test_retry_after_is_seconds_whichever_way_it_was_said(session: aiohttp.ClientSession, said: str) -> None:
    clock = ManualClock()
    now = datetime.fromtimestamp(clock.now() / 1000, UTC)
    value = format_datetime(now + timedelta(seconds=90), usegmt=True) if said == "date" else said
    async with open_upstream(refuses(429, {}, {"Retry-After": value})) as upstream:
        model = OpenAICompatible(Endpoint("Groq", upstream.base_url, "x"), session, clock)
        with pytest.raises(ModelOverloaded) as failure:
            await _say(model)
    assert failure.value.retry_after == {"7": 7.0, "date": 90.0, "soon": None}[said]


HELLO = piece("Hello")


@pytest.mark.parametrize(
    ("handler", "kind"),
    [
        pytest.param(sends(HELLO, then="reset"), ModelBroken, id="reset in the middle"),
        pytest.param(sends(HELLO), ModelBroken, id="cut without a reason"),
        pytest.param(sends(HELLO, b"data: {not json}\n\n"), ModelBroken, id="invalid JSON"),
        pytest.param(sends(HELLO, b"data: [1, 2]\n\n"), ModelBroken, id="JSON of another shape"),
        pytest.param(sends(b"data: \xff\xfe{}\n\n"), ModelBroken, id="not UTF-8"),
        pytest.param(sends(b"data: " + b"x" * (1 << 21)), ModelBroken, id="gigantic event"),
        pytest.param(sends(b"<html><p>Welcome</p></html>", content_type="text/html"), ModelBroken, id="a web page"),
        pytest.param(sends(b"hello there", content_type="text/plain"), ModelBroken, id="plain text"),
        pytest.param(sends(b"\x89PNG\r\n", content_type="image/png"), ModelBroken, id="a picture"),
        pytest.param(sends(b'{"hello": 1}', content_type="application/json"), ModelBroken, id="other JSON"),
        pytest.param(sends(b'"hi"', content_type="application/json"), ModelBroken, id="a JSON string"),
        pytest.param(sends(b"{", content_type="application/json"), ModelBroken, id="half a JSON"),
        pytest.param(sends(b"", content_type="application/json"), ModelBroken, id="empty JSON"),
        pytest.param(sends(), ModelBroken, id="nothing at all"),
        pytest.param(sends(b'data: {"choices": []}\n\n', DONE), NothingSaid, id="no choices"),
        pytest.param(sends(b'{"choices": []}', content_type="application/json"), NothingSaid, id="no choices in JSON"),
        pytest.param(sends(piece(finish="stop"), DONE), ModelSilent, id="no word"),
        pytest.param(sends(piece("  \n"), piece(finish="stop"), DONE), ModelSilent, id="blanks only"),
        pytest.param(sends(piece(finish="content_filter"), DONE), ModelSilent, id="withheld"),
        pytest.param(sends(piece(finish="length"), DONE), ModelSilent, id="all tokens thought away"),
        pytest.param(sends(HELLO, b'data: {"error": "boom"}\n\n'), ModelBroken, id="error text in the middle"),
        pytest.param(
            sends(HELLO, b'data: {"error": {"message": "x", "code": 502}}\n\n'),
            ModelOverloaded,
            id="error with a status",
        ),
        pytest.param(
            sends(HELLO, b'data: {"error": {"message": "Overloaded"}}\n\n'), ModelOverloaded, id="error by its words"
        ),
        pytest.param(
            sends(b'data: {"error": {"code": "401", "message": "no"}}\n\n'), ModelRefused, id="401 inside 200"
        ),
        pytest.param(refuses(204, b""), ModelRefused, id="no content"),
        pytest.param(refuses(200, b"no gzip", {"Content-Encoding": "gzip"}), ModelBroken, id="broken gzip"),
    ],
)
async def test_a_faulty_answer_is_told_as_what_it_is(
    session: aiohttp.ClientSession, handler: Handler, kind: type[ModelError]
) -> None:
    assert type(await _fails(session, handler)) is kind


async def test_nobody_there_is_unreachable(session: aiohttp.ClientSession) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    for base_url in (f"http://127.0.0.1:{port}/v1", "http://no-such-host.invalid/v1"):
        with pytest.raises(ModelUnreachable) as failure:
            await _say(_model(session, base_url))
        assert "Groq" in failure.value.sentence


async def test_a_connection_cut_before_the_answer_is_unreachable(session: aiohttp.ClientSession) -> None:
    async def cut(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    assert type(await _fails(session, cut)) is ModelUnreachable


@pytest.mark.parametrize("base_url", ["no url at all", "ftp://127.0.0.1/v1", "http://"])
async def test_a_malformed_address_is_refused(session: aiohttp.ClientSession, base_url: str) -> None:
    with pytest.raises(ModelRefused) as failure:
        await _say(_model(session, base_url))
    assert "MODEL_BASE_URL" in failure.value.sentence


async def test_a_malformed_key_is_refused_and_not_repeated(session: aiohttp.ClientSession) -> None:
    with pytest.raises(ModelRefused) as failure:
        await _say(_model(session, "http://127.0.0.1:9/v1", key="two\nlines"))
    assert "GROQ_API_KEY" in failure.value.sentence
    assert "lines" not in failure.value.sentence


WHOLE = json.dumps(
    {
        "model": "test-1",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello you"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 7, "completion_tokens": 2},
    }
).encode()


@pytest.mark.parametrize(
    ("handler", "end"),
    [
        pytest.param(
            sends(HELLO, piece(" you", "stop"), USAGE, DONE), ChunkEnd("stop", "test-1", 7, 2), id="as it should be"
        ),
        pytest.param(
            sends(HELLO, piece(" you", "stop"), USAGE, DONE, zipped=True), ChunkEnd("stop", "test-1", 7, 2), id="gzip"
        ),
        pytest.param(sends(HELLO, piece(" you"), DONE), ChunkEnd("stop", "test-1"), id="no reason, but [DONE]"),
        pytest.param(sends(HELLO, piece(" you", "length")), ChunkEnd("length", "test-1"), id="no [DONE]"),
        pytest.param(sends(HELLO, piece(" you", "stop"), then="reset"), ChunkEnd("stop", "test-1"), id="reset after"),
        pytest.param(sends(HELLO, piece(" you", "stop"), then="hang"), ChunkEnd("stop", "test-1"), id="stays open"),
        pytest.param(
            sends(HELLO, piece(" you", "stop"), DONE, then="hang"), ChunkEnd("stop", "test-1"), id="stays open, [DONE]"
        ),
        pytest.param(
            sends(HELLO, piece(" you", "content_filter"), DONE),
            ChunkEnd("content_filter", "test-1"),
            id="filtered late",
        ),
        pytest.param(
            sends(WHOLE, content_type="application/json"), ChunkEnd("stop", "test-1", 7, 2), id="not streamed"
        ),
        pytest.param(
            sends(b"\xef\xbb\xbf: hi\r\n\r\n", (HELLO + piece(" you", "stop") + DONE).replace(b"\n", b"\r\n")),
            ChunkEnd("stop", "test-1"),
            id="BOM, comment, CRLF",
        ),
    ],
)
async def test_a_server_with_manners_of_its_own_is_understood(
    session: aiohttp.ClientSession, handler: Handler, end: ChunkEnd
) -> None:
    async with open_upstream(handler) as upstream:
        *texts, last = await _say(_model(session, upstream.base_url))
    assert "".join(chunk.text for chunk in texts if isinstance(chunk, ChunkText)) == "Hello you"
    assert last == end


async def test_a_nul_in_the_answer_is_left_out(session: aiohttp.ClientSession) -> None:
    async with open_upstream(sends(piece("a\0b", "stop"), DONE)) as upstream:
        assert (await _say(_model(session, upstream.base_url)))[0] == ChunkText("ab")


@pytest.mark.parametrize("handler", [sends(then="hang"), sends(HELLO, then="hang")], ids=["from the start", "midway"])
async def test_silence_times_out_and_hangs_up(session: aiohttp.ClientSession, handler: Handler) -> None:
    async with open_upstream(handler) as upstream:
        with pytest.raises(ModelTimeout):
            await _say(gateway(_model(session, upstream.base_url), Timeouts(token=0.05, total=60)))
        async with asyncio.timeout(PATIENCE):
            await upstream.left.wait()


async def test_a_server_that_never_answers_the_request_times_out(session: aiohttp.ClientSession) -> None:
    async def never(request: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        return web.Response()

    async with open_upstream(never) as upstream:
        with pytest.raises(ModelTimeout):
            await _say(gateway(_model(session, upstream.base_url), Timeouts(token=0.05, total=60)))
        async with asyncio.timeout(PATIENCE):
            await upstream.left.wait()


async def test_a_never_ending_answer_is_ended(session: aiohttp.ClientSession) -> None:
    async def chatter(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        while True:
            await response.write(piece("and "))
            await asyncio.sleep(0)

    async with open_upstream(chatter) as upstream:
        with pytest.raises(ModelTimeout):
            await _say(gateway(_model(session, upstream.base_url), Timeouts(token=60, total=0.1)))
        async with asyncio.timeout(PATIENCE):
            await upstream.left.wait()


async def test_leaving_early_hangs_up_on_the_server(session: aiohttp.ClientSession) -> None:
    async with open_upstream(sends(HELLO, then="hang")) as upstream:
        model = gateway(_model(session, upstream.base_url), Timeouts(60, 60))
        async with asyncio.timeout(PATIENCE):
            async with model.stream(PROMPT) as chunks:
                assert await anext(chunks) == ChunkText("Hello")
            await upstream.left.wait()


async def test_cancelling_the_reader_hangs_up_and_stays_a_cancellation(session: aiohttp.ClientSession) -> None:
    async with open_upstream(sends(HELLO, then="hang")) as upstream, asyncio.timeout(PATIENCE):
        begun = asyncio.Event()

        async def read() -> None:
            async with gateway(_model(session, upstream.base_url), Timeouts(60, 60)).stream(PROMPT) as chunks:
                async for _ in chunks:
                    begun.set()

        reader = asyncio.ensure_future(read())
        await begun.wait()
        reader.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reader
        await upstream.left.wait()


async def test_answers_one_after_the_other_share_one_connection(session: aiohttp.ClientSession) -> None:
    async with open_upstream(answers) as upstream:
        model = gateway(_model(session, upstream.base_url), Timeouts(60, 60))
        for _ in range(5):
            await _say(model)
        assert upstream.open_connections == 1


async def test_the_request_says_what_was_asked_and_only_that(session: aiohttp.ClientSession) -> None:
    async with open_upstream(answers) as upstream:
        await _say(_model(session, upstream.base_url))
    body = upstream.bodies[0]
    assert body["messages"] == [{"role": "user", "content": "Good evening."}]
    assert (body["model"], body["stream"], body["max_tokens"]) == ("llama-x", True, 500)
    assert (body["temperature"], body["top_p"]) == (0.8, 0.9)
    assert upstream.headers[0]["Authorization"] == f"Bearer {KEY}"


async def test_a_server_that_cannot_count_is_asked_only_once_to(session: aiohttp.ClientSession) -> None:
    async def old(request: web.Request) -> web.StreamResponse:
        if b"stream_options" in await request.read():
            return web.json_response({"error": "unknown field stream_options"}, status=400)
        return await answers(request)

    async with open_upstream(old) as upstream:
        model = _model(session, upstream.base_url)
        with pytest.raises(ModelRefused):
            await _say(model)
        assert isinstance((await _say(model))[-1], ChunkEnd)


async def test_a_redirect_does_not_carry_the_key_elsewhere(session: aiohttp.ClientSession) -> None:
    async with open_upstream(answers) as thief:
        away = refuses(307, b"", {"Location": f"{thief.base_url}/chat/completions"})
        async with open_upstream(away) as upstream:
            with pytest.raises(ModelRefused):
                await _say(_model(session, upstream.base_url))
        assert thief.headers == []
