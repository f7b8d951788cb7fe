"""Two devices of one person send, resend, edit, delete, branch, archive and forget at once, while the jobs read what they change.

What they did is drawn from a seed. Every version of a text holds a word of its own, so that afterwards the record can be searched for
words of versions that are no more. SEEDS=3,4,5 in the environment tries others.
"""

import asyncio
import os
import random
import re
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import psycopg
import pytest
from aiohttp import web

from everkin.interfaces.web import WebConfig, build_web
from everkin.jobs.index_messages import embedded
from everkin.memory.embedders.minilm import MiniLm
from everkin.security.receipts import digest_of
from everkin.security.tokens import AccessTokens, new_family
from tests.journeys.memory_house import PASSWORD, PATIENCE, SECRET, MemoryHouse, answers, open_memory_house
from tests.journeys.rest_house import Answer, Client
from tests.journeys.socket_house import Ear, serving

SEEDS = [int(seed) for seed in os.environ.get("SEEDS", "1").split(",")]
CHATS, STEPS = 3, 60
EXPECTED = {200, 201, 202, 204, 404, 409, 429}
"""What a device may be answered that does not know what the other one has just done."""

_CANARY = re.compile(r"zqueville\d+x", re.IGNORECASE)
_TEXTS = (
    "I live in {}.",
    "My sister is called {}.",
    "I have a dog called {}.",
    "I am allergic to {}.",
    "We went to {} last week and it was lovely.",
    "I work as a nurse in {}.",
)
_SEARCHED = (
    "conversations", "turns", "facts", "findings", "summaries", "message_words", "relationship_events", "receipts", "embeddings",
)  # fmt: skip


@dataclass
class Told:
    """What one socket made of what it was told."""

    messages: dict[str, dict[str, Any]] = field(default_factory=dict)
    conversations: dict[str, dict[str, Any]] = field(default_factory=dict)
    open_turns: set[str] = field(default_factory=set)
    doubled: list[str] = field(default_factory=list)
    ended: Counter[str] = field(default_factory=Counter)

    def take(self, name: str, body: dict[str, Any]) -> None:
        if name == "message:received":
            if body["id"] in self.messages:
                self.doubled.append(body["id"])
            self._keep(body)
        elif name == "message:updated":
            self._keep(body["message"])
        elif name == "conversation:updated":
            if body["revision"] >= self.conversations.get(body["id"], body)["revision"]:
                self.conversations[body["id"]] = body
        elif name == "character:response":
            self._turn(body)

    def _keep(self, message: dict[str, Any]) -> None:
        if message["revision"] >= self.messages.get(message["id"], message)["revision"]:
            self.messages[message["id"]] = message

    def _turn(self, body: dict[str, Any]) -> None:
        if body["phase"] == "started":
            self.open_turns.add(body["turnId"])
        elif body["phase"] in ("completed", "stopped", "failed"):
            self.open_turns.discard(body["turnId"])
            self.ended[body["turnId"]] += 1


@dataclass
class Devices:
    """A person with two clients. `sent`: (chat, key) to text and the id it was acknowledged with."""

    houses: list[MemoryHouse]
    random: random.Random
    clients: list[Client]
    ears: list[Ear]
    character: str
    chats: list[str]
    sent: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    versions: dict[str, list[str]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    proven: set[str] = field(default_factory=set)
    number: int = 0

    def text(self) -> str:
        self.number += 1
        return self.random.choice(_TEXTS).format(f"Zqueville{self.number}x")

    async def step(self, client: Client, ear: Ear) -> None:
        doing = self.random.choices(
            [self.send, self.resend, self.edit, self.delete, self.retry, self.go_on_from, self.ask, self.read,
             self.archive, self.restore, self.forget_fact, self.stop, self.send_by_socket, self.send_twice],
            [20, 10, 14, 8, 3, 4, 3, 4, 2, 6, 3, 2, 14, 5],
        )[0]  # fmt: skip
        await doing(client, ear)

    # -- what a device does -------------------------------------------------------------------------------------------

    async def send(self, client: Client, ear: Ear) -> None:
        chat, key, text = self.random.choice(self.chats), f"k{self.number}", self.text()
        self.note(chat, key, text, await self._post(client, chat, key, text))

    async def send_twice(self, client: Client, ear: Ear) -> None:
        """The same message from both devices at the same moment."""
        chat, key, text = self.random.choice(self.chats), f"k{self.number}", self.text()
        answers = await asyncio.gather(*(self._post(each, chat, key, text) for each in self.clients))
        accepted = {answer.body["id"] for answer in answers if answer.status in (200, 201)}
        if len(accepted) > 1 or sum(answer.status == 201 for answer in answers) > 1:
            self.problems.append(f"one key became several messages: {accepted}")
        for answer in answers:
            self.note(chat, key, text, answer)

    async def send_by_socket(self, client: Client, ear: Ear) -> None:
        chat, key, text = self.random.choice(self.chats), f"k{self.number}", self.text()
        answer = await ear.ask("message:send", conversationId=chat, content=text, clientId=key)
        if answer["ok"]:
            self.sent[chat, key] = text, answer["message"]["id"]
        elif answer["error"]["code"] not in ("not_found", "conflict", "busy"):
            self.problems.append(f"message:send: {answer}")

    async def resend(self, client: Client, ear: Ear) -> None:
        if not self.sent:
            return
        (chat, key), (text, message_id) = self.random.choice(list(self.sent.items()))
        answer = await self._post(client, chat, key, text)
        self.expected(answer)
        if answer.status in (200, 201) and (answer.status, answer.body["id"]) != (200, message_id):
            self.problems.append(f"{key} was {message_id} and is {answer.status} {answer.body['id']}")
        if answer.status in (409, 429):
            self.problems.append(f"a resend was refused: {answer.body}")

    async def edit(self, client: Client, ear: Ear) -> None:
        if message_id := self._message():
            self.expected(await client.patch(f"messages/{message_id}", {"content": self.text()}))

    async def delete(self, client: Client, ear: Ear) -> None:
        if message_id := self._message():
            self.forgotten(message_id, await client.delete(f"messages/{message_id}"))

    async def retry(self, client: Client, ear: Ear) -> None:
        if message_id := self._message():
            self.expected(await client.post(f"messages/{message_id}/retry"))

    async def go_on_from(self, client: Client, ear: Ear) -> None:
        if message_id := self._message():
            self.expected(await client.post(f"messages/{message_id}/continue"))

    async def ask(self, client: Client, ear: Ear) -> None:
        chat = self.random.choice(self.chats)
        self.expected(await client.post(f"conversations/{chat}/ask", {"characterId": self.character}))

    async def read(self, client: Client, ear: Ear) -> None:
        self.expected(await client.put(f"conversations/{self.random.choice(self.chats)}/messages/read"))

    async def archive(self, client: Client, ear: Ear) -> None:
        self.expected(await client.post(f"conversations/{self.random.choice(self.chats)}/archive"))

    async def restore(self, client: Client, ear: Ear) -> None:
        self.expected(await client.post(f"conversations/{self.random.choice(self.chats)}/restore"))

    async def stop(self, client: Client, ear: Ear) -> None:
        self.expected(await client.post(f"conversations/{self.random.choice(self.chats)}/stop"))

    async def forget_fact(self, client: Client, ear: Ear) -> None:
        facts = (await client.get(f"characters/{self.character}/memory/me")).body["items"]
        if facts:
            fact = self.random.choice(facts)["id"]
            self.forgotten(fact, await client.delete(f"characters/{self.character}/memory/me/{fact}"))

    async def forget_conversation(self, client: Client, chat: str) -> None:
        self.forgotten(chat, await client.post(f"conversations/{chat}/forget"))

    # -- with words -----------------------------------------------------------------------------------------------------

    async def _post(self, client: Client, chat: str, key: str, text: str) -> Answer:
        return await client.post(f"conversations/{chat}/messages", {"content": text, "clientId": key})

    def _message(self) -> str | None:
        return self.random.choice(list(self.sent.values()))[1] if self.sent else None

    def note(self, chat: str, key: str, text: str, answer: Answer) -> None:
        self.expected(answer)
        if answer.status in (200, 201):
            self.sent[chat, key] = text, answer.body["id"]

    def forgotten(self, target: str, answer: Answer) -> None:
        self.expected(answer)
        if answer.status == 200:
            self.proven.add(digest_of(target))

    def expected(self, answer: Answer) -> None:
        if answer.status not in EXPECTED:
            self.problems.append(f"{answer.status}: {answer.body}")


class Slow:
    """A record that keeps those waiting who read messages of it, so that what they have read is changed meanwhile."""

    def __init__(self, record: Any) -> None:
        self._record = record

    def __getattr__(self, name: str) -> Any:
        return getattr(self._record, name)

    async def messages_between(self, *asked: Any) -> Any:
        read = await self._record.messages_between(*asked)
        await asyncio.sleep(random.random() * 0.1)
        return read


async def after_a_while(request: web.Request) -> web.StreamResponse:
    """Answers as a model would: while others go on changing what it was asked."""
    await asyncio.sleep(random.random() * 0.15)
    return await answers(request)


@asynccontextmanager
async def open_devices(data: Path, database_url: str, seed: int, nodes: int = 1) -> AsyncIterator[Devices]:
    """Two clients; with two nodes each is at one of its own."""
    settings = {"database_url": database_url, "summary_every": 6, "max_waiting_turns": 100}
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE)))
        houses, urls = [], []
        for node in range(nodes):
            opening = open_memory_house(data / f"node-{node}", answer=after_a_while, **settings)
            houses.append(await stack.enter_async_context(opening))
            for job in houses[-1].app.job_runner._jobs:
                if hasattr(job, "_record"):
                    job._record = Slow(job._record)
            door = await stack.enter_async_context(build_web(houses[-1].app, WebConfig()))
            urls.append(await stack.enter_async_context(serving(door)))  # type: ignore[arg-type]
        user = await houses[0].app.accounts.add_user(f"kim-{new_family()[:8]}", PASSWORD, "Kim")
        token, _ = AccessTokens(SECRET.encode(), houses[0].clock).issue(user, new_family(), 600)
        clients = [Client(session, urls[each % nodes], token) for each in range(2)]
        ears = [await Ear(urls[each % nodes], token).connect() for each in range(2)]
        for ear in ears:
            stack.push_async_callback(ear.close)
        ada = (await clients[0].post("characters", {"name": "Ada", "firstMessage": ""})).body["id"]
        chats = [(await clients[0].post("conversations", {"characterId": ada})).body["id"] for _ in range(CHATS)]
        for ear in ears:
            for chat in chats:
                assert (await ear.ask("conversation:join", conversationId=chat, lastSeq=0))["ok"]
        yield Devices(houses, random.Random(seed), clients, ears, ada, chats)


async def storm(devices: Devices) -> None:
    """Both devices at work, the jobs beside them, until everything has come to rest."""
    going = True

    async def jobs(house: MemoryHouse) -> None:
        while going:
            await house.app.job_runner.settle()
            house.passes(1)
            await asyncio.sleep(0)

    async def device(client: Client, ear: Ear) -> None:
        for _ in range(STEPS):
            await devices.step(client, ear)

    async with asyncio.timeout(PATIENCE):
        working = [asyncio.ensure_future(jobs(house)) for house in devices.houses]
        try:
            await asyncio.gather(*(device(*both) for both in zip(devices.clients, devices.ears, strict=True)))
            await asyncio.gather(
                devices.forget_conversation(devices.clients[0], devices.chats[0]),
                device(devices.clients[1], devices.ears[1]),
            )
        finally:
            going = False
            await asyncio.gather(*working)
        for chat in devices.chats:
            await devices.clients[0].post(f"conversations/{chat}/restore")
        while any(house.app.turns.live(chat) for house in devices.houses for chat in devices.chats):
            await asyncio.sleep(0)
        while sum([await settle(house) for house in devices.houses]):
            pass


async def settle(house: MemoryHouse) -> int:
    """How many pieces of work there were. Nodes may be in each other's way: that is counted, and tried again."""
    await house.app.memories._forgetting._tasks.drain(PATIENCE)
    return await house.app.job_runner.settle()


async def check(devices: Devices, record: "Rows", caplog: pytest.LogCaptureFixture) -> None:
    assert devices.problems == []
    errors = [each for each in caplog.records if each.levelname == "ERROR" and each.name != "aiohttp.server"]
    assert [each.getMessage() for each in errors] == []
    assert list(broken_order(record)) == []
    assert list(broken_turns(record)) == []
    assert record("SELECT character_id, user_id FROM memory_pairs WHERE to_fold") == []
    assert list(resting_on_what_is_gone(record)) == []
    assert await vectors_of_other_words(record) == []
    receipts = (await devices.clients[0].get("receipts")).body["items"]
    assert devices.proven <= {receipt["targetDigest"] for receipt in receipts}


@pytest.mark.parametrize("seed", SEEDS)
async def test_nothing_rests_on_what_is_gone(
    database_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, seed: int
) -> None:
    async with open_devices(tmp_path, database_url, seed) as devices:
        await storm(devices)
        await check(devices, Rows(database_url, tmp_path / "node-0"), caplog)
        assert not devices.houses[0].app.job_runner.failed
        for ear in devices.ears:
            assert await differing(devices, ear) == []


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
@pytest.mark.parametrize("seed", SEEDS)
async def test_nor_over_two_nodes_of_one_record(
    database_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, seed: int
) -> None:
    async with open_devices(tmp_path, database_url, seed, nodes=2) as devices:
        await storm(devices)
        await check(devices, Rows(database_url, tmp_path), caplog)


class Rows:
    """The record, read beside the house."""

    def __init__(self, url: str, data: Path) -> None:
        self._url, self._data = url, data

    def __call__(self, query: str) -> list[tuple[Any, ...]]:
        with closing(
            psycopg.connect(self._url) if self._url else sqlite3.connect(self._data / "everkin.db")
        ) as connection:
            return list(connection.execute(query).fetchall())  # type: ignore[call-overload]


def broken_order(record: Rows) -> Iterable[str]:
    here: dict[str, list[int]] = {}
    for chat, seq in record("SELECT conversation_id, seq FROM messages ORDER BY conversation_id, seq"):
        here.setdefault(chat, []).append(seq)
    for chat, last in record("SELECT id, last_seq FROM conversations"):
        if here.get(chat, []) != list(range(1, last + 1)):
            yield f"{chat}: {here.get(chat)} up to {last}"


def broken_turns(record: Rows) -> Iterable[str]:
    yield from (f"pending: {row}" for row in record("SELECT id, message_id FROM turns WHERE state = 'pending'"))
    replies = Counter(row[0] for row in record("SELECT turn_id FROM messages WHERE turn_id IS NOT NULL"))
    yield from (f"{turn} was answered {count} times" for turn, count in replies.items() if count > 1)
    people = "SELECT id FROM messages WHERE sender_type = 'user' AND id NOT IN (SELECT message_id FROM turns)"
    yield from (f"nobody was to answer {row[0]}" for row in record(people))
    lost = "SELECT id FROM turns WHERE state = 'completed' AND reply_id NOT IN (SELECT id FROM messages)"
    yield from (f"the reply of {row[0]} is not there" for row in record(lost))


def resting_on_what_is_gone(record: Rows) -> Iterable[str]:
    said = {row[0]: str(row[1]) for row in record("SELECT id, content FROM messages")}
    alive = {word.lower() for text in said.values() for word in _CANARY.findall(text)}
    for table in _SEARCHED:
        for row in record(f"SELECT * FROM {table}"):
            for word in {each.lower() for each in _CANARY.findall(str(row))} - alive:
                yield f"{word} is still in {table}: {row}"
    for message_id, text in record("SELECT message_id, text FROM findings WHERE message_id IS NOT NULL"):
        for word in _CANARY.findall(text):
            if word.lower() not in said[message_id].lower():
                yield f"a finding of {message_id} says {word}, which it does not"
    for message_id, words in record("SELECT message_id, words FROM message_words"):
        for word in _CANARY.findall(str(words)):
            if word.lower() not in said[message_id].lower():
                yield f"{message_id} is found by {word}"


async def vectors_of_other_words(record: Rows) -> list[str]:
    """Messages with a vector that is not that of their text."""
    query = (
        "SELECT messages.id, content, vector, deleted_at FROM embeddings LEFT JOIN messages ON messages.id = item_id "
        "WHERE kind = 'message'"
    )
    rows = record(query)
    assert rows, "there is something to compare"
    meant = await embedded(MiniLm(), [(row[0], row[1]) for row in rows])
    close = [
        float(np.frombuffer(row[2], "<f2").astype("f4") @ np.frombuffer(each.vector, "<f2").astype("f4"))
        for row, each in zip(rows, meant, strict=True)
    ]
    return [row[0] for row, cosine in zip(rows, close, strict=True) if cosine < 0.98 or row[3] is not None]


async def differing(devices: Devices, ear: Ear) -> list[str]:
    """Where what this socket was told is not what is fetched now."""
    told = Told()
    found = []
    fetched = {}
    for chat in devices.chats:
        answer = await devices.clients[0].get(f"conversations/{chat}/messages?limit=200")
        fetched[chat] = answer.body["items"] if answer.status == 200 else None
    await ear.ask("conversation:leave", conversationId="cnv_none")  # whatever was told before has come
    for name, body in ear.heard:
        told.take(name, body)
    found += [f"{each} came twice" for each in told.doubled]
    found += [f"turn {each} has begun and not ended" for each in told.open_turns]
    found += [f"turn {turn} ended {count} times" for turn, count in told.ended.items() if count > 1]
    for chat, items in fetched.items():
        known = told.conversations.get(chat)
        now = (await devices.clients[0].get(f"conversations/{chat}")).body
        if items is not None and known is not None and known["title"] != now["title"]:
            found.append(f"{chat} is called {now['title']!r} and was told as {known['title']!r}")
        if items is None:
            if known is None or known["status"] != "deleted":
                found.append(f"{chat} is gone, and this was not told: {known and known['status']}")
            continue
        for item in items:
            was = told.messages.get(item["id"])
            if was is None or [was[k] for k in ("content", "seq")] != [item[k] for k in ("content", "seq")]:
                found.append(f"{item['id']} is {item} and was told as {was}")
            elif bool(was.get("deletedAt")) != bool(item.get("deletedAt")):
                found.append(f"{item['id']} was deleted, and this was not told")
    return found
