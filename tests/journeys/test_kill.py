"""The delivery promise under kill -9: nothing acknowledged is lost, doubled, out of order or left without an answer.

Two hundred messages over Socket.IO from several clients while the server is killed again and again. Clients do what
docs/events.md tells them: a message without an acknowledgement is sent again with the same clientId.
"""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import aiohttp
import socketio.exceptions

from tests.journeys.socket_house import Ear

CONVERSATIONS = 8
MESSAGES_EACH = 25
KILLS = 6
LONGEST = 120.0
"""Seconds after which a run that hangs is given up."""


@dataclass
class Server:
    """`everkin serve` as a process of its own, on one port and one data folder for all its lives."""

    data: Path
    port: int
    process: asyncio.subprocess.Process | None = None
    up: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        self.process = await run("serve", "--port", str(self.port), "--data", str(self.data), "--model", "scripted")
        assert self.process.stdout is not None
        while b"ready" not in (line := await self.process.stdout.readline()):
            assert line, "the server did not start"
        self.up.set()

    async def kill(self) -> None:
        self.up.clear()
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(signal.SIGKILL)
            await self.process.wait()

    async def token(self) -> str:
        printing = await run("token", "--minutes", "60", "--data", str(self.data))
        out, _ = await printing.communicate()
        return out.decode().split()[-1]


async def run(*command: str) -> asyncio.subprocess.Process:
    environment = {**os.environ, "MESSAGE_RATE_LIMIT": "0", "MAX_WAITING_TURNS": "1000", "LOG_LEVEL": "error"}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", "from everkin.cli import main; main()", *command,
        stdout=asyncio.subprocess.PIPE, env=environment,
    )  # fmt: skip


@dataclass
class Sender:
    """One client with the conversations it writes into. `acknowledged`: clientId -> seq."""

    server: Server
    token: str
    random: Random
    acknowledged: dict[str, int] = field(default_factory=dict)
    resent: int = 0
    ear: Ear | None = None
    connecting: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def send_all(self, conversation_id: str, news: asyncio.Condition) -> None:
        for number in range(MESSAGES_EACH):
            await self._send(conversation_id, f"{conversation_id}/{number}")
            async with news:
                news.notify_all()

    async def _send(self, conversation_id: str, client_id: str) -> None:
        number = int(client_id.rpartition("/")[2])
        directive = "/slow" if number == 3 else f"/long {self.random.randrange(1, 40)}"
        content = f"{directive}\n{client_id}"
        while client_id not in self.acknowledged:
            try:
                ear = await self._connected()
                answer = await ear.ask(
                    "message:send", conversationId=conversation_id, content=content, clientId=client_id
                )
            except socketio.exceptions.SocketIOError:
                self.resent += 1
                continue
            assert answer["ok"] or answer["error"]["code"] in ("unavailable", "storage_unavailable"), answer
            if answer["ok"]:
                self.acknowledged[client_id] = answer["message"]["seq"]

    async def _connected(self) -> Ear:
        while self.ear is None or self.ear.cut.is_set():
            await self.server.up.wait()
            async with self.connecting:
                with contextlib.suppress(socketio.exceptions.ConnectionError):
                    if self.ear is not None and self.ear.cut.is_set():
                        await self.ear.close()
                        self.ear = None
                    if self.ear is None:
                        self.ear = await Ear(self.server.url, self.token).connect()
        return self.ear


async def make_conversations(server: Server, token: str) -> list[str]:
    async with aiohttp.ClientSession(server.url, headers={"Authorization": f"Bearer {token}"}) as session:
        async with session.get("/api/v1/characters") as answer:
            characters = (await answer.json())["items"]
        made = []
        for number in range(CONVERSATIONS):
            body = {"characterIds": [characters[number % len(characters)]["id"]]}
            async with session.post("/api/v1/conversations", json=body) as answer:
                assert answer.status == 201, await answer.text()
                made.append((await answer.json())["id"])
    return made


async def kill_now_and_then(server: Server, senders: list[Sender], random: Random, news: asyncio.Condition) -> None:
    for moment in sorted(random.sample(range(5, CONVERSATIONS * MESSAGES_EACH - 20), KILLS)):
        async with news:
            await news.wait_for(lambda moment=moment: sum(len(each.acknowledged) for each in senders) >= moment)
        for _ in range(random.randrange(50)):
            await asyncio.sleep(0)
        await server.kill()
        await server.start()


async def settled(server: Server, token: str, conversation_id: str) -> list[dict[str, Any]]:
    """The whole conversation, once no turn of it is under way."""
    while True:
        ear = await Ear(server.url, token).connect()
        await ear.ask("conversation:join", conversationId=conversation_id, lastSeq=0)
        messages: list[dict[str, Any]] = ear.bodies("message:received")
        waiting = {turn["id"] for message in messages for turn in message["turns"] if turn["state"] == "pending"}
        if not waiting:
            await ear.close()
            return messages
        await ear.until(lambda each, waiting=waiting: waiting <= {end["turnId"] for end in each.ends()})
        await ear.close()


def problems_of(messages: list[dict[str, Any]], acknowledged: dict[str, int]) -> Iterator[str]:
    if [message["seq"] for message in messages] != list(range(1, len(messages) + 1)):
        yield "seq has gaps or repeats"
    people = [message for message in messages if message["senderType"] == "user"]
    if {message["clientId"]: message["seq"] for message in people} != acknowledged or len(people) != MESSAGES_EACH:
        yield "acknowledged messages are missing, doubled or moved"
    if [int(message["clientId"].rpartition("/")[2]) for message in people] != list(range(MESSAGES_EACH)):
        yield "messages are out of order"
    for message in people:
        replies = [each for each in messages if each["replyTo"] == message["id"]]
        states = [turn["state"] for turn in message["turns"]]
        if not (states == ["completed"] and len(replies) == 1) and not (states == ["failed"] and not replies):
            yield f"{message['clientId']} has turns {states} and {len(replies)} replies"


async def test_nothing_acknowledged_is_lost_when_the_server_is_killed(tmp_path: Path) -> None:
    random = Random(20261121)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    server = Server(tmp_path, port)
    try:
        async with asyncio.timeout(LONGEST):
            await server.start()
            token = await server.token()
            conversations = await make_conversations(server, token)
            senders = [Sender(server, token, random) for _ in range(4)]
            news = asyncio.Condition()
            writing = [
                senders[place % len(senders)].send_all(conversation_id, news)
                for place, conversation_id in enumerate(conversations)
            ]
            await asyncio.gather(*writing, kill_now_and_then(server, senders, random, news))
            acknowledged = {key: seq for sender in senders for key, seq in sender.acknowledged.items()}
            assert len(acknowledged) == CONVERSATIONS * MESSAGES_EACH
            assert any(sender.resent for sender in senders), "no kill hit a message under way"
            for conversation_id in conversations:
                messages = await settled(server, token, conversation_id)
                own = {key: seq for key, seq in acknowledged.items() if key.startswith(f"{conversation_id}/")}
                assert list(problems_of(messages, own)) == []
            for sender in senders:
                if sender.ear is not None:
                    await sender.ear.close()
    finally:
        await server.kill()
