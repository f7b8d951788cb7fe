"""The embedder behind /v1/embeddings, against servers on loopback that do right and wrong."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest
from aiohttp import web

from everkin.domain.errors import StartError, Unavailable
from everkin.llm.providers.http import new_session
from everkin.memory.embedders import openai
from everkin.memory.embedders.openai import OpenAiEmbedder
from everkin.settings import load_settings
from everkin.wiring.memory import make_embedder
from tests.contracts.upstream import Handler, Upstream, open_upstream, refuses, sends

SECRET_TEXT = "the lighthouse keeper owes me a boat"


class Skipping:
    """A clock whose sleeper wakes at once, later."""

    def __init__(self) -> None:
        self.at = 0.0
        self.slept: list[float] = []

    def now(self) -> int:
        return round(self.at * 1000)

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds


class Server:
    """Vectors as long as `dimension`, in turned order, once the handlers in `first` are used up."""

    def __init__(self, *first: Handler) -> None:
        self.first = list(first)
        self.dimension = 3

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        if self.first:
            return await self.first.pop(0)(request)
        texts = (await request.json())["input"]
        rows = [
            {"index": n, "embedding": [len(text) + 1.0, *[0.0] * (self.dimension - 1)]} for n, text in enumerate(texts)
        ]
        return web.json_response({"data": rows[::-1]})


Opened = tuple[Upstream, OpenAiEmbedder, Skipping]


@asynccontextmanager
async def opened(handler: Handler) -> AsyncIterator[Opened]:
    clock = Skipping()
    async with open_upstream(handler) as upstream, new_session() as session:
        yield upstream, OpenAiEmbedder(session, upstream.base_url, "small", "key-1", clock), clock  # type: ignore[arg-type]


async def test_rows_are_unit_in_the_order_asked_and_in_batches() -> None:
    async with opened(Server()) as (upstream, embedder, _):
        rows = await embedder.embed([f"text {n}" for n in range(openai.BATCH + 6)])
        assert rows.shape == (openai.BATCH + 6, 3)
        assert np.allclose(np.linalg.norm(rows, axis=1), 1)
        assert [len(body["input"]) for body in upstream.bodies] == [openai.BATCH, 6]
        assert upstream.bodies[1]["input"][0] == f"text {openai.BATCH}"
        assert (embedder.name, embedder.dimension) == ("openai:small", 3)
        assert upstream.headers[0]["Authorization"] == "Bearer key-1"


async def test_nothing_asked_asks_nobody() -> None:
    async with opened(Server()) as (upstream, embedder, _):
        assert len(await embedder.embed([])) == 0
        assert not upstream.bodies


async def test_another_dimension_is_refused_and_not_mixed_in() -> None:
    server = Server()
    async with opened(server) as (_, embedder, _):
        await embedder.embed(["a"])
        server.dimension = 4
        with pytest.raises(Unavailable, match="reindex"):
            await embedder.embed(["a"])
        assert embedder.dimension == 3


async def test_a_refused_key_is_said_at_once_and_not_tried_again() -> None:
    async with opened(refuses(401, {"error": "no"})) as (upstream, embedder, clock):
        with pytest.raises(Unavailable, match="EMBEDDING_API_KEY"):
            await embedder.embed(["a"])
        assert len(upstream.bodies) == 1
        assert not clock.slept


async def test_a_limit_is_waited_for_as_long_as_it_asks() -> None:
    async with opened(Server(refuses(429, {}, {"Retry-After": "4"}))) as (_, embedder, clock):
        assert len(await embedder.embed(["a"])) == 1
        assert clock.slept == [4.0]


async def test_a_long_limit_is_left_alone_until_it_is_over() -> None:
    async with opened(Server(refuses(429, {}, {"Retry-After": "60"}))) as (upstream, embedder, clock):
        for _ in range(3):
            with pytest.raises(Unavailable):
                await embedder.embed(["a"])
        assert (len(upstream.bodies), clock.slept) == (1, [])
        clock.at += 61
        assert len(await embedder.embed(["a"])) == 1


async def test_a_broken_moment_is_tried_again_and_a_broken_server_left_alone() -> None:
    async with opened(Server(refuses(500, b"oops"), refuses(503, b""))) as (upstream, embedder, clock):
        assert len(await embedder.embed(["a"])) == 1
        assert clock.slept == [openai.PAUSE, openai.PAUSE * 2]
    async with opened(refuses(500, b"oops")) as (upstream, embedder, clock):
        for _ in range(2):
            with pytest.raises(Unavailable, match="EMBEDDING_BASE_URL"):
                await embedder.embed(["a"])
        assert len(upstream.bodies) == openai.TRIES


async def test_a_server_that_hangs_ends_in_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openai, "SECONDS", 0.2)
    async with opened(sends(b"{", then="hang")) as (_, embedder, _):
        with pytest.raises(Unavailable, match="EMBEDDING_BASE_URL"):
            await embedder.embed(["a"])


async def test_a_server_that_is_gone_is_unavailable() -> None:
    async with opened(Server()) as (upstream, embedder, _):
        await upstream.runner.cleanup()
        with pytest.raises(Unavailable, match="EMBEDDING_BASE_URL"):
            await embedder.embed(["a"])


@pytest.mark.parametrize(
    "body",
    [
        b"<html>hello</html>",
        b"[]",
        b'{"data": null}',
        b'{"data": [{"index": 0, "embedding": []}]}',
        b'{"data": [{"index": 0, "embedding": ["a"]}]}',
        b'{"data": [{"index": 0, "embedding": [1]}, {"index": 1, "embedding": [1, 2]}]}',
        b'{"data": [{"index": 0, "embedding": [1, 2]}]}',
        b'{"data": [{"index": 0, "embedding": [1e999]}, {"index": 1, "embedding": [1]}]}',
        b'{"data": [{"embedding": [1]}, {"embedding": [1]}]}',
    ],
)
async def test_garbage_is_unavailable(body: bytes) -> None:
    async with opened(refuses(200, body)) as (_, embedder, _):
        with pytest.raises(Unavailable, match="no list of embeddings"):
            await embedder.embed(["a", "b"])


async def test_the_key_does_not_follow_a_redirect() -> None:
    async with open_upstream(Server()) as elsewhere:
        moved = refuses(307, b"", {"Location": f"{elsewhere.base_url}/embeddings"})
        async with opened(moved) as (_, embedder, _):
            with pytest.raises(Unavailable):
                await embedder.embed(["a"])
        assert not elsewhere.headers


async def test_texts_and_keys_are_never_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with opened(refuses(400, SECRET_TEXT.encode())) as (_, embedder, _):
        with pytest.raises(Unavailable) as raised:
            await embedder.embed([SECRET_TEXT])
    assert SECRET_TEXT not in f"{caplog.text} {raised.value}"
    assert "key-1" not in f"{caplog.text} {raised.value}"


async def test_openai_is_asked_only_with_a_key_and_its_key_goes_nowhere_else() -> None:
    own = {"EMBEDDER": "openai", "OPENAI_API_KEY": "openai-key"}
    async with open_upstream(Server()) as upstream, new_session() as session:
        with pytest.raises(StartError, match="EMBEDDING_BASE_URL"):
            make_embedder(load_settings({"EMBEDDER": "openai"}), session)
        assert make_embedder(load_settings(own), session) is not None
        embedder = make_embedder(load_settings({**own, "EMBEDDING_BASE_URL": upstream.base_url}), session)
        assert embedder is not None
        await embedder.embed(["a"])
        assert "Authorization" not in upstream.headers[0]
