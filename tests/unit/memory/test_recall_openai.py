"""An embedder behind /v1/embeddings, against a real small server."""

from collections.abc import AsyncIterator

import aiohttp
import numpy as np
import pytest
from aiohttp import web

from everkin.domain.errors import Unavailable
from everkin.kit.clock import SystemClock
from everkin.memory.embedders.openai import OpenAiEmbedder


class Server:
    """Answers with vectors as long as `dimension`, in turned order; `statuses` are used up first."""

    def __init__(self) -> None:
        self.dimension = 3
        self.statuses: list[int] = []
        self.asked = 0
        self.url = ""

    async def embeddings(self, request: web.Request) -> web.Response:
        self.asked += 1
        if self.statuses:
            return web.Response(status=self.statuses.pop(0))
        texts = (await request.json())["input"]
        rows = [
            {"index": n, "embedding": [len(text) + 1.0] + [0.0] * (self.dimension - 1)} for n, text in enumerate(texts)
        ]
        return web.json_response({"data": rows[::-1]})


class NoWaiting(SystemClock):
    async def sleep(self, seconds: float) -> None:
        del seconds


Opened = tuple[Server, OpenAiEmbedder]


@pytest.fixture
async def opened() -> AsyncIterator[Opened]:
    server, app = Server(), web.Application()
    app.router.add_post("/v1/embeddings", server.embeddings)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    async with aiohttp.ClientSession() as session:
        yield server, OpenAiEmbedder(session, f"http://{host}:{port}/v1", "small", "key", NoWaiting())
    await runner.cleanup()


async def test_the_dimension_is_the_servers_and_rows_are_unit(opened: Opened) -> None:
    _, embedder = opened
    await embedder.probe()
    assert (embedder.dimension, embedder.name) == (3, "small:3")
    assert np.allclose(np.linalg.norm(await embedder.embed(["a", "bcd"]), axis=1), 1)


async def test_it_tries_again_but_not_after_a_refusal(opened: Opened) -> None:
    server, embedder = opened
    server.statuses = [503, 429]
    await embedder.embed(["a"])
    assert server.asked == 3
    server.statuses = [401]
    with pytest.raises(Unavailable, match="EMBEDDING_API_KEY"):
        await embedder.embed(["a"])
    assert server.asked == 4


async def test_another_dimension_is_never_mixed_in(opened: Opened) -> None:
    server, embedder = opened
    await embedder.embed(["a"])
    server.dimension = 4
    with pytest.raises(Unavailable, match="reindex"):
        await embedder.embed(["a"])


async def test_a_server_that_is_gone_is_unavailable() -> None:
    async with aiohttp.ClientSession() as session:
        embedder = OpenAiEmbedder(session, "http://127.0.0.1:9/v1", "small", clock=NoWaiting())
        with pytest.raises(Unavailable, match="EMBEDDING_BASE_URL"):
            await embedder.embed(["a"])
