"""The server's memory over thousands of exchanges: `everkin serve` as shipped, the scripted model, people who talk over
Socket.IO and over REST, each with another character after a while. What is kept on purpose is bounded small here, so that it is
full in the first half; what still grows in the second half grows for ever.
"""

import asyncio
import contextlib
import itertools
import json
import secrets
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp

from benchmarks import harness
from benchmarks.harness import Figures, Options, Process, at_most
from benchmarks.socket_client import SocketClient, Turns
from benchmarks.turn import at_rest

NAME = "growth"

TARGETS = {
    "kib_per_exchange_second_half": at_most(1),
    "cpu_ratio_second_to_first_half": at_most(1.15),
}

LIFTED = {"MESSAGE_RATE_LIMIT": "0", "ALLOW_SIGNUP": "true", "MODEL_DISCOVERY": "false"}

PEOPLE = 8
CONVERSATIONS = 2
"""Of each person with each character, one after the other."""


@dataclass(frozen=True)
class Scene:
    exchanges: int
    steps: int
    """Parts they are measured in."""
    life: int
    """Exchanges of one person with one character."""
    recall_mib: int
    """Room for what characters can recall: for all who are talked with at a time, but not for those before them."""


QUICK, THOROUGH = Scene(1200, 6, 40, 3), Scene(12_000, 12, 250, 16)

LINES = (
    "Today I saw the {a} beside the {b}, and it made me think of the {c}.",
    "Do you remember what I told you about the {a}? I went back there by {b}.",
    "My favourite {a} is the one near the {b}.",
    "I could not sleep, so I read about the {a} until it was light over the {c}.",
    "My sister {name} wants to see the {a} when she comes to stay in May.",
    "I work at a {a} now, and the {b} is on my way.",
    "What would you bring if we met at the {a} tomorrow? I would bring a {c}.",
)
WORDS = [
    "harbour",
    "lighthouse",
    "garden",
    "kettle",
    "museum",
    "ferry",
    "chess",
    "market",
    "soup",
    "bread",
    "winter",
    "river",
    "violin",
    "train",
    "letter",
    "coat",
    "window",
    "piano",
    "storm",
    "bicycle",
    "bakery",
    "cellar",
    "candle",
    "orchard",
    "bridge",
    "theatre",
    "novel",
    "walnut",
    "pepper",
    "marble",
    "copper",
    "engine",
    "island",
]
NAMES = [
    "Anna",
    "Boris",
    "Carla",
    "Dmitri",
    "Elena",
    "Farid",
    "Greta",
    "Hugo",
    "Ines",
    "Jonas",
    "Kira",
    "Leo",
    "Mona",
    "Nils",
    "Olga",
    "Pavel",
]


def line(number: int) -> str:
    """No two near each other alike, and always the same for a number."""
    a, b, c = (WORDS[(number * step + step) % len(WORDS)] for step in (7, 11, 17))
    return LINES[number % len(LINES)].format(a=a, b=b, c=c, name=NAMES[number // 7 % len(NAMES)])


class Talker:
    """One person, with one character after the other: every second message over REST."""

    def __init__(self, port: int, http: aiohttp.ClientSession, life: int) -> None:
        self._port, self._http, self._life = port, http, life
        self._api = f"http://127.0.0.1:{port}/api/v1"
        self._token = self._conversation = self._character = ""
        self._account = {"login": f"bench-{secrets.token_hex(8)}", "password": secrets.token_hex(16)}
        self._client: SocketClient | None = None
        self._said = 0

    async def say(self, text: str) -> None:
        if self._said % self._life == 0:
            await self._arrive()
        if self._said % (self._life // CONVERSATIONS) == 0:
            await self._begin()
        self._said += 1
        body = {"content": text, "clientId": secrets.token_hex(12)}
        if self._said % 2:
            await self._turns.say({"conversationId": self._conversation, **body})
        else:
            await self._post(f"/conversations/{self._conversation}/messages?wait=true", body)

    async def close(self) -> None:
        if self._client is not None:
            self._client.close()

    async def _arrive(self) -> None:
        await self.close()
        door = "login" if self._said else "register"
        self._token = ""
        self._token = (await self._post(f"/auth/{door}", self._account))["access"]
        self._character = (await self._post("/characters", {"name": NAMES[self._said % len(NAMES)]}))["id"]
        self._client = await SocketClient.connect("127.0.0.1", self._port, self._token)
        phase = b'"phase":"%b"'
        self._turns = Turns(self._client, "message:send", phase % b"delta", phase % b"completed", phase % b"failed")

    async def _begin(self) -> None:
        assert self._client is not None
        self._conversation = (await self._post("/conversations", {"characterIds": [self._character]}))["id"]
        await self._client.call("conversation:join", {"conversationId": self._conversation})

    async def _post(self, path: str, body: Any) -> Any:
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        async with self._http.post(self._api + path, json=body, headers=headers) as response:
            if response.status >= 300:
                raise RuntimeError(f"POST {path}: {response.status} {await response.text()}")
            return await response.json(content_type=None)

    async def health(self) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._token}"}
        async with self._http.get(self._api + "/health", headers=headers) as response:
            parts: dict[str, Any] = json.loads(await response.text())["parts"]
            return parts


@dataclass(frozen=True)
class Sample:
    exchanges: int
    rss_mib: float
    cpu_seconds: float


async def take(process: Process, exchanges: int) -> Sample:
    """Once what follows an exchange is done."""
    await at_rest(process, 30.0)
    process.must_run()
    return Sample(exchanges, process.rss_mib(), process.cpu_seconds())


async def talk(talkers: Sequence[Talker], exchanges: int, numbers: "itertools.count[int]") -> None:
    async def one(talker: Talker) -> None:
        for _ in range(exchanges // len(talkers)):
            await talker.say(line(next(numbers)))

    await asyncio.gather(*(one(talker) for talker in talkers))


async def run(process: Process, port: int, scene: Scene) -> tuple[list[Sample], dict[str, Any]]:
    """Samples: when it is ready, then after each step; and what health says in the end."""
    samples = [await take(process, 0)]
    numbers: itertools.count[int] = itertools.count()
    async with aiohttp.ClientSession() as http:
        talkers = [Talker(port, http, scene.life) for _ in range(PEOPLE)]
        for step in range(1, scene.steps + 1):
            await talk(talkers, scene.exchanges // scene.steps, numbers)
            samples.append(await take(process, scene.exchanges * step // scene.steps))
        health = await talkers[0].health()
        for talker in talkers:
            await talker.close()
    return samples, health


def figures_of(samples: Sequence[Sample], health: dict[str, Any]) -> Figures:
    """The first step warms up (it loads the embedder); the halves are those of what follows."""
    ready, start, *_, end = samples
    middle = samples[1 + (len(samples) - 2) // 2]
    figures: Figures = {"exchanges": float(end.exchanges), "rss_ready_mib": ready.rss_mib}
    figures |= {"rss_start_mib": start.rss_mib, "rss_end_mib": end.rss_mib}
    for half, (before, after) in {"first": (start, middle), "second": (middle, end)}.items():
        count = after.exchanges - before.exchanges
        figures[f"kib_per_exchange_{half}_half"] = (after.rss_mib - before.rss_mib) * 1024 / count
        figures[f"cpu_ms_per_exchange_{half}_half"] = (after.cpu_seconds - before.cpu_seconds) * 1000 / count
    figures["cpu_ratio_second_to_first_half"] = (
        figures["cpu_ms_per_exchange_second_half"] / figures["cpu_ms_per_exchange_first_half"]
    )
    for part, name in (("memory", "bytes"), ("cache", "bytes"), ("record", "page_cache_limit_bytes")):
        if (found := health[part]["figures"].get(name)) is not None:
            figures[f"{part}_{name.removesuffix('bytes')}mib"] = found / 2**20
    return figures


def measure(options: Options) -> Figures:
    harness.pin(harness.client_core())
    scene = QUICK if options.quick else THOROUGH
    small = {"RECALL_MEMORY_MIB": str(scene.recall_mib), "CACHE_MEMORY_MIB": "4"}
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="everkin-bench-"))
        port = harness.free_port()
        command = harness.python("everkin", "serve", "--port", str(port), "--data", folder, "--model", "scripted")
        env = {**LIFTED, **small, "JWT_SECRET": secrets.token_hex(32)}
        process = stack.enter_context(harness.running(command, core=harness.server_core(), env=env))
        process.wait_for_url(f"http://127.0.0.1:{port}/readyz")
        samples, health = asyncio.run(run(process, port, scene))
    options.notes.extend(
        [
            f"{PEOPLE} people, another character after {scene.life} exchanges in {CONVERSATIONS} conversations.",
            f"What is kept on purpose is small here, to be full early: {small}.",
            *(f"{each.exchanges:6} exchanges: {each.rss_mib:6.1f} MiB" for each in samples),
        ]
    )
    return figures_of(samples, health)


if __name__ == "__main__":
    harness.main(NAME, TARGETS, measure)
