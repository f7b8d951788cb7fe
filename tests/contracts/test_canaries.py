"""A hundred words that are said nowhere else, half of them forgotten: not a byte of those is left, and the others are recalled.

Everything is there that might keep one: the record (SQLite with Chroma in the data folder, or PostgreSQL with all its files), Valkey.
"""

import asyncio
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import redis

from everkin.domain.caller import Caller
from everkin.domain.character import Character
from everkin.domain.conversation import ConversationStatus
from everkin.domain.memory import Category
from everkin.domain.message import SenderType
from tests.contracts.test_memory_erasing import forgetful_postgres, on_disk
from tests.contracts.valkey import Valkey, running_valkey
from tests.journeys.memory_house import DAY, PATIENCE, MemoryHouse, RunningClock, open_memory_house, shown
from tests.journeys.test_secrets import SECRETS, word

__all__ = ["forgetful_postgres"]

KEPT, MESSAGES, CONVERSATIONS, FACTS, ACCOUNT = range(50), range(50, 70), range(70, 85), range(85, 95), range(95, 100)
"""Numbers of the canaries, by what becomes of them."""


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    with running_valkey() as server:
        yield server


def canary(number: int) -> str:
    """Its first letters tell a test what it is."""
    return word(number % 50) + ("q" if number < 50 else "x")


async def test_no_byte_is_left_beside_sqlite(tmp_path: Path, valkey: Valkey) -> None:
    await watch(tmp_path, valkey, [tmp_path], vector_index="chroma")


async def test_no_byte_is_left_beside_postgres(
    tmp_path: Path, valkey: Valkey, forgetful_postgres: tuple[str, Path]
) -> None:
    url, folder = forgetful_postgres
    await watch(tmp_path, valkey, [tmp_path, folder], database_url=url)


async def watch(data: Path, valkey: Valkey, folders: list[Path], **more: Any) -> None:
    settings = {"redis_url": valkey.url, "redis_timeout_ms": 5000, "summary_every": 4, **more}
    clock = RunningClock()
    async with asyncio.timeout(PATIENCE), open_memory_house(data, clock=clock, **settings) as house:
        sam = await house.owner()
        characters = [await house.character(sam, name) for name in ("Ada", "Ben", "Cleo", "Dora", "Eve")]
        chats = await told(house, sam, characters)
        await house.settle()
        for who, whom in (*((sam, each) for each in characters), (chats[-1], chats[-2])):
            await house.say(who, await house.begin(who, whom), "Hello again.")
        before = b"".join(map(on_disk, folders)) + in_memory(valkey)
        assert [n for n in range(100) if canary(n).encode() not in before] == [], "which is why it is scrubbed"
        while b"Zu" not in (hot := in_memory(valkey)):
            await asyncio.sleep(0.01)  # hot copies are shared a moment later; a test that hangs is given up
        assert any(canary(n).encode() in hot for n in range(100))
        await forget(house, sam, chats[-1], characters, chats)
        await house.settle()
    async with open_memory_house(data, clock=clock, **settings) as house:
        await house.settle()
        content = b"".join(map(on_disk, folders)) + in_memory(valkey)
        assert [n for n in range(50, 100) if canary(n).encode() in content] == []
        assert [n for n in KEPT if canary(n).encode() not in content] == []
        house.passes(DAY)
        lost = [n for n in KEPT if canary(n) not in await asked(house, sam, characters, n)]
        assert lost == []
        learnt = " ".join([fact.text for each in characters for fact in await house.known(sam, each)])
        assert not any(canary(n) in learnt for n in range(50, 100))


async def told(house: MemoryHouse, sam: Caller, characters: list[Character]) -> dict[int, Any]:
    """Each in a conversation of its own, which is the answer; under -1 Kim, whose account goes, under -2 her character."""
    chats: dict[int, Any] = {}
    kim = chats[-1] = await house.person("Kim")
    own = chats[-2] = await house.character(kim, "Ada")
    for number in range(100):
        who, whom = (kim, own) if number in ACCOUNT else (sam, characters[number // 10 % 5])
        chat = chats[number] = await house.begin(who, whom)
        if number in FACTS:
            await house.app.memories.add(sam, whom.id, "me", f"collects {canary(number)} stamps", Category.PREFERENCE)
            await house.say(who, chat, "Good evening!")
        else:
            await house.say(who, chat, SECRETS[number % 10][0].format(word=canary(number)))
    return chats


async def forget(
    house: MemoryHouse, sam: Caller, kim: Caller, characters: list[Character], chats: dict[int, Any]
) -> None:
    """In every way there is; what goes together shares the overwriting."""
    app = house.app
    said = [await house.entries(sam, chats[number]) for number in MESSAGES]
    first = [next(e.message for e in chat if e.message.sender_type is SenderType.USER) for chat in said]
    await asyncio.gather(*(app.conversations.delete(sam, message.id) for message in first))
    for number in CONVERSATIONS:
        if number % 2:
            await app.conversations.set_status(sam, chats[number].id, ConversationStatus.DELETED)
    gone = [app.conversations.forget(sam, chats[number].id) for number in CONVERSATIONS if not number % 2]
    for each in characters:
        facts = [fact for fact in await house.known(sam, each) if fact.text.startswith("collects ")]
        gone += [app.memories.forget(sam, each.id, "me", fact.id) for fact in facts]
    assert len(gone) == 8 + len(FACTS)
    receipts = await asyncio.gather(*gone)
    assert all(receipt.scrubbed for receipt in receipts)
    login = (await app.accounts.user(kim.user_id)).login
    assert (await app.personal_data.erase(kim, login)).scrubbed


async def asked(house: MemoryHouse, sam: Caller, characters: list[Character], number: int) -> str:
    """The prompt in which the character is asked for it."""
    whom = characters[number // 10 % 5]
    (prompt,) = await house.say(sam, await house.begin(sam, whom), SECRETS[number % 10][1])
    return shown(prompt)


def in_memory(valkey: Valkey) -> bytes:
    """Every key with its value; a hot copy as it is when it is unfolded."""
    with redis.Redis(unix_socket_path=str(valkey.socket)) as client:
        parts = [part for key in client.scan_iter() for part in (key, *_values(client, key))]
    for part in list(parts):
        with suppress(zlib.error):
            parts.append(zlib.decompress(part.partition(b" ")[2]))
    return b"\n".join(parts)


def _values(client: Any, key: bytes) -> Iterable[bytes]:
    kind = client.type(key)
    with suppress(redis.ResponseError):
        if kind == b"string":
            return [client.get(key) or b""]
        if kind == b"hash":
            return [part for pair in client.hgetall(key).items() for part in pair]
        if kind == b"zset":
            return list(client.zrange(key, 0, -1))
        if kind == b"set":
            return list(client.smembers(key))
        if kind == b"list":
            return list(client.lrange(key, 0, -1))
    return [client.dump(key) or b""]
