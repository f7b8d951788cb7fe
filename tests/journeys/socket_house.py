"""A house with its Socket.IO door open on a free port, and clients that remember what they heard."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import aiohttp
import socketio
import socketio.exceptions
import uvicorn

from everkin.app import App, Limits
from everkin.domain.caller import Caller
from everkin.domain.conversation import Conversation
from everkin.domain.ids import Millis, new_message_id
from everkin.domain.message import MessageType
from everkin.domain.record import NewMessage
from everkin.interfaces.sockets.chat import SocketConfig, SocketInterface, build_socket_server
from everkin.jobs.maintenance import Maintenance
from everkin.jobs.runner import JobRunner
from everkin.kit.clock import Clock, settle
from everkin.llm.registry.registry import ModelRegistry
from everkin.observability.health import Health
from everkin.observability.metrics import Metrics
from everkin.observability.usage import UsageRecorder
from everkin.security.accounts import Accounts, AccountsConfig
from everkin.security.ages import Ages
from everkin.security.guests import Guests
from everkin.security.names import Names
from everkin.services.greetings import GreetingService
from everkin.services.memories import MemoryService
from everkin.services.operations import AdminService
from everkin.services.personal_data import PersonalDataService
from everkin.services.search import SearchService
from everkin.services.sessions import SessionService
from everkin.storage.local.counts import LocalCounts
from everkin.storage.sql.record import Record
from everkin.turn.rules import TurnRules
from tests.journeys.conftest import Runtime, open_runtime

PATIENCE = 20.0
"""Seconds after which a test that hangs is given up. Nothing is measured by it."""
PASSWORD = "a kettle, a lamp and the sea"


async def eventually(check: Callable[[], object]) -> None:
    """Until it is so. For what no event tells."""
    async with asyncio.timeout(PATIENCE):
        while not check():
            await settle(1)


async def remember(record: Record, conversation: Conversation, caller: Caller, text: str) -> None:
    """Stores a message that nobody answers."""
    new = NewMessage(
        id=new_message_id(),
        conversation_id=conversation.id,
        user_id=caller.user_id,
        content=text,
        type=MessageType.TEXT,
        client_id=None,
        responders=(),
        owner="node",
        lease_until=Millis(0),
        at=Millis(1),
    )
    await record.messages.append(new)


def connect_packet(token: str) -> str:
    """A raw CONNECT, for tests that speak the protocol themselves."""
    return "40" + json.dumps({"token": token})


class Ear:
    """One client of python-socketio. `heard`: every event as (name, body), in order."""

    def __init__(self, url: str, token: str) -> None:
        self.heard: list[tuple[str, Any]] = []
        self.refusal: dict[str, Any] | None = None
        self.cut = asyncio.Event()
        self._session = aiohttp.ClientSession()
        self.socket = socketio.AsyncClient(reconnection=False, logger=False, http_session=self._session)
        self._url = url
        self._token = token
        self._news = asyncio.Condition()
        self.socket.on("*", self._hear)
        self.socket.on("disconnect", self._disconnected)
        self.socket.on("connect_error", self._refused)

    async def connect(self, **options: Any) -> "Ear":
        options.setdefault("auth", {"token": self._token})
        options.setdefault("transports", ["websocket"])
        try:
            await self.socket.connect(self._url, wait_timeout=PATIENCE, **options)
        except socketio.exceptions.ConnectionError:
            await self.close()
            raise
        return self

    async def ask(self, name: str, **body: Any) -> dict[str, Any]:
        """The acknowledgement. DisconnectedError when the connection ends before it."""
        asking = asyncio.ensure_future(self.socket.call(name, body, timeout=PATIENCE))
        cutting = asyncio.ensure_future(self.cut.wait())
        await asyncio.wait({asking, cutting}, return_when=asyncio.FIRST_COMPLETED)
        cutting.cancel()
        if not asking.done():
            asking.cancel()
            raise socketio.exceptions.DisconnectedError
        return cast(dict[str, Any], asking.result())

    async def tell(self, name: str, body: Any) -> None:
        """Without asking for an acknowledgement."""
        await self.socket.emit(name, body)

    async def until(self, wanted: Callable[["Ear"], object]) -> None:
        async with asyncio.timeout(PATIENCE), self._news:
            await self._news.wait_for(lambda: wanted(self))

    async def until_ended(self, count: int = 1) -> None:
        await self.until(lambda ear: len(ear.ends()) >= count)

    def bodies(self, name: str) -> list[Any]:
        return [body for heard, body in self.heard if heard == name]

    def responses(self, phase: str) -> list[Any]:
        return [body for body in self.bodies("character:response") if body["phase"] == phase]

    def ends(self) -> list[Any]:
        return [each for phase in ("completed", "stopped", "failed") for each in self.responses(phase)]

    def story(self) -> list[str]:
        """Names, with the phase of responses and repeated deltas drawn together."""
        names: list[str] = []
        for name, body in self.heard:
            told = body["phase"] if name == "character:response" else name
            if told != "delta" or names[-1:] != ["delta"]:
                names.append(told)
        return names

    def spoken(self, turn_id: str) -> str:
        """The text of a turn, put together the way docs/events.md says."""
        text = ""
        for body in self.bodies("character:response"):
            if body["turnId"] == turn_id and body["phase"] == "started":
                text = ""
            elif body["turnId"] == turn_id and body["phase"] == "delta":
                assert body["offset"] == len(text), "a gap or an overlap"
                text += body["text"]
        return text

    async def close(self) -> None:
        await self.socket.disconnect()
        await self._session.close()

    async def _hear(self, name: str, body: Any) -> None:
        async with self._news:
            self.heard.append((name, body))
            self._news.notify_all()

    async def _disconnected(self, reason: str) -> None:
        self.cut.set()

    async def _refused(self, problem: dict[str, Any]) -> None:
        self.refusal = problem


@dataclass
class SocketHouse:
    runtime: Runtime
    app: App
    door: SocketInterface
    url: str
    _ears: list[Ear] = field(default_factory=list)

    async def token(self, name: str = "sam") -> str:
        with contextlib.suppress(Exception):
            await self.app.accounts.add_user(name, PASSWORD, name.capitalize())
        return (await self.app.accounts.login(name, PASSWORD)).access

    async def ear(self, token: str, **options: Any) -> Ear:
        ear = Ear(self.url, token)
        self._ears.append(ear)
        return await ear.connect(**options)

    async def conversation(self, token: str, **persona: object) -> Conversation:
        caller = await self.caller(token)
        character = await self.runtime.character(caller, **persona)
        return await self.app.conversations.create(caller, [character.id])

    async def caller(self, token: str) -> Caller:
        return await self.app.accounts.caller_of(token)

    async def figures(self) -> dict[str, float]:
        return (await self.app.health.parts())["sockets"].figures

    async def until_figure(self, name: str, value: float) -> None:
        async with asyncio.timeout(PATIENCE):
            while (await self.figures()).get(name, 0) != value:
                await settle(1)

    async def close_ears(self) -> None:
        for ear in self._ears:
            await ear.close()


@asynccontextmanager
async def open_socket_house(
    data: Path,
    *,
    clock: Clock | None = None,
    rules: TurnRules | None = None,
    config: SocketConfig | None = None,
    rate: int = 0,
    typing_timeout_ms: int = 3000,
) -> AsyncIterator[SocketHouse]:
    async with AsyncExitStack() as stack:
        runtime = await stack.enter_async_context(open_runtime(data, clock=clock, rules=rules, rate=rate))
        clock = runtime.conversations._clock
        app = App(
            turns=runtime.turns,
            conversations=runtime.conversations,
            characters=runtime.characters,
            presence=runtime.presence,
            sessions=cast(SessionService, None),
            greetings=cast(GreetingService, None),
            guests=cast(Guests, None),
            admin=cast(AdminService, None),
            accounts=Accounts(
                runtime.record.users, runtime.record.tokens, clock, AccountsConfig(b"k" * 32), LocalCounts(clock)
            ),
            ages=cast(Ages, None),
            names=cast(Names, None),
            registry=cast(ModelRegistry, None),
            events=runtime.events,
            memories=cast(MemoryService, None),
            search=cast(SearchService, None),
            personal_data=cast(PersonalDataService, None),
            job_runner=cast(JobRunner, None),
            maintenance=cast(Maintenance, None),
            usage=cast(UsageRecorder, None),
            metrics=cast(Metrics, None),
            health=Health(),
            clock=clock,
            limits=Limits(max_message_length=2000, typing_timeout_ms=typing_timeout_ms),
        )
        door = await stack.enter_async_context(build_socket_server(app, config or SocketConfig()))
        url = await stack.enter_async_context(serving(door))
        house = SocketHouse(runtime, app, door, url)
        stack.push_async_callback(house.close_ears)
        yield house


@asynccontextmanager
async def serving(door: SocketInterface) -> AsyncIterator[str]:
    server = uvicorn.Server(
        uvicorn.Config(
            door, port=0, lifespan="off", ws="websockets-sansio", ws_per_message_deflate=False, log_config=None,
            timeout_graceful_shutdown=2,
        )
    )  # fmt: skip
    task = asyncio.ensure_future(server.serve())
    await eventually(lambda: server.started)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await asyncio.wait_for(task, PATIENCE)
