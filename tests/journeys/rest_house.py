"""A whole house behind a real server on a free port, for the REST journeys."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import uvicorn

from everkin.app import App
from everkin.domain.receipt import Receipt
from everkin.interfaces.web import WebConfig, build_web
from everkin.security.receipts import is_genuine
from everkin.security.tokens import AccessTokens, new_family
from everkin.settings import load_settings
from everkin.wiring.app import open_app

PASSWORD = "three quiet herons"
SECRET = "0123456789abcdef0123456789abcdef"


@dataclass
class Answer:
    status: int
    headers: Any
    body: Any

    @property
    def code(self) -> str:
        """Of a problem; and that it is one, whole."""
        assert self.headers["content-type"] == "application/problem+json", self
        assert {"type", "title", "status", "detail", "code", "instance"} <= set(self.body)
        assert self.body["status"] == self.status
        assert self.body["instance"] == self.headers["x-request-id"]
        return str(self.body["code"])


class Client:
    """One person with a token (or none), as curl would be."""

    def __init__(self, session: aiohttp.ClientSession, url: str, token: str = "") -> None:
        self.session = session
        self.url = url
        self.token = token

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"} if self.token else {}

    async def ask(self, method: str, path: str, body: Any = None, **named: Any) -> Answer:
        """`path` under /api/v1 unless it begins with a slash."""
        address = path if path.startswith("/") else f"/api/v1/{path}"
        headers = {**self.headers, **named.pop("headers", {})}
        if body is not None:
            named["json"] = body
        async with self.session.request(method, self.url + address, headers=headers, **named) as response:
            content = await response.read()
            is_json = "json" in response.headers.get("content-type", "")
            return Answer(
                response.status, response.headers, await response.json(content_type=None) if is_json else content
            )

    async def get(self, path: str, **named: Any) -> Answer:
        return await self.ask("GET", path, **named)

    async def post(self, path: str, body: Any = None, **named: Any) -> Answer:
        return await self.ask("POST", path, body, **named)

    async def put(self, path: str, body: Any = None, **named: Any) -> Answer:
        return await self.ask("PUT", path, body, **named)

    async def patch(self, path: str, body: Any = None, **named: Any) -> Answer:
        return await self.ask("PATCH", path, body, **named)

    async def delete(self, path: str, **named: Any) -> Answer:
        return await self.ask("DELETE", path, **named)

    async def chat(self) -> str:
        """A fresh conversation with somebody who has no instructions of their own; its id."""
        ada = await self.post("characters", {"name": "Ada", "firstMessage": "Hello."})
        answer = await self.post("conversations", {"characterId": ada.body["id"]})
        assert answer.status == 201, answer
        return str(answer.body["id"])

    @asynccontextmanager
    async def streaming(
        self, path: str, body: Any = None, **named: Any
    ) -> AsyncIterator[tuple[aiohttp.ClientResponse, AsyncIterator[tuple[str, Any]]]]:
        headers = {**self.headers, "accept": "text/event-stream"}
        request = self.session.post(f"{self.url}/api/v1/{path}", json=body, headers=headers, **named)
        async with request as response:
            yield response, _events(response)


async def _events(response: aiohttp.ClientResponse) -> AsyncIterator[tuple[str, Any]]:
    name = ""
    async for line in response.content:
        text = line.decode().rstrip("\n")
        if text.startswith("event: "):
            name = text.removeprefix("event: ")
        elif text.startswith("data: "):
            yield name, json.loads(text.removeprefix("data: "))


@dataclass
class RestHouse:
    app: App
    url: str
    session: aiohttp.ClientSession
    owner: Client
    stranger: Client
    data: Path

    def key(self) -> dict[str, str]:
        """The body of `POST auth/local` with a fresh sign-in key."""
        return {"key": self.app.accounts.sign_in_keys.issue(60)}

    async def person(self, name: str = "robin") -> Client:
        """Somebody new, signed in. The token is signed here: a login would cost a second password check."""
        login = f"{name}-{new_family()}"
        user = await self.app.accounts.add_user(login, PASSWORD, name)
        token, _ = AccessTokens(SECRET.encode(), self.app.clock).issue(user, new_family(), 15)
        return Client(self.session, self.url, token)


@asynccontextmanager
async def open_rest_house(data: Path, config: WebConfig | None = None, **settings: Any) -> AsyncIterator[RestHouse]:
    told = {"model": "scripted", "message_rate_limit": 0, "discover": False, "jwt_secret": SECRET, **settings}
    loaded = load_settings({}, data / "no.env", data=data, **told)
    async with AsyncExitStack() as stack:
        app = await stack.enter_async_context(open_app(loaded))
        web = await stack.enter_async_context(build_web(app, config or WebConfig()))
        url = await stack.enter_async_context(serving(web))
        session = await stack.enter_async_context(aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)))
        pair = await app.accounts.owner_tokens()
        yield RestHouse(app, url, session, Client(session, url, pair.access), Client(session, url), data)


class _Server(uvicorn.Server):
    """Leaves signals to the tests' runner; says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    def capture_signals(self) -> AbstractContextManager[None]:
        return nullcontext()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()


@asynccontextmanager
async def serving(web: Any) -> AsyncIterator[str]:
    # The protocol is named: asyncio switches Nagle's algorithm off only where it is, and that costs 40 ms an answer.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        web, log_config=None, lifespan="off", ws="none", timeout_graceful_shutdown=2, proxy_headers=False
    )
    server = _Server(config)
    async with asyncio.TaskGroup() as group:
        group.create_task(server.serve([listener]))
        async with asyncio.timeout(20):
            await server.listening.wait()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True


def receipt_is_genuine(body: dict[str, Any], public_key: str) -> bool:
    """Whether the key signed this receipt, as REST shows it."""
    fields = ("id", "userId", "what", "targetDigest", "counts", "at", "scrubbed", "signature")
    return is_genuine(Receipt(*(body[name] for name in fields)), public_key)
