"""One whole turn: message in over Socket.IO, durable, prompt, a streamed answer of 50 tokens, pieces out, durable.

Ours (`everkin serve` as shipped, a user and a conversation a client) and the plain stack (peers/plain.py) answer the same
clients in turn, from the same provider. Added TTFT: from sending the message to the first piece of the answer at the client,
less the provider's own time to its first token.
"""

import asyncio
import contextlib
import itertools
import secrets
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import aiohttp
import jwt

from benchmarks import harness, upstream
from benchmarks.harness import Figures, Options, Process, at_least, at_most
from benchmarks.socket_client import SocketClient, Turns

NAME = "turn"

TARGETS = {
    "added_ttft_ms_p50": at_most(4),
    "added_ttft_ms_p50_20": at_most(5),
    "turns_per_cpu_s_ratio": at_least(5),
    "added_ttft_ratio_100": at_least(8),
}

LIFTED = {"MESSAGE_RATE_LIMIT": "0", "MODEL_CONCURRENCY": "100"}
"""Limits of ours that protect a provider or a small machine, sized for this load as an operator would."""

LINES = (
    "Do you remember what I told you about the {}? I went back there today.",
    "My sister wants to see the {} when she comes to stay with us in May.",
    "I could not sleep, so I read about the {} until it was light outside.",
    "What would you bring if we met at the {} tomorrow?",
    "We had soup and bread by the {}, and nobody said a word about work.",
)
PLACES = ("lighthouse", "old harbour", "botanical garden", "night market", "museum of clocks", "ferry", "chess club")

_texts = (line.format(f"{place} number {n}") for n in itertools.count(1) for place in PLACES for line in LINES)
"""No two alike: a text that is embedded a second time would cost nothing."""

EARLIER = 1
"""Messages of an earlier conversation that each client's character can recall."""


class Talker(Protocol):
    async def say(self, text: str) -> tuple[float, float]:
        """Seconds to the first piece of the answer, and to its end."""

    async def begin_again(self) -> None:
        """What is said from now on belongs to a new conversation."""


class Stack(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def process(self) -> Process: ...

    async def talkers(self, count: int) -> list[Talker]:
        """New clients, each with a connection, a user and a conversation of its own."""


# -- the two stacks -------------------------------------------------------------------------------------------------


class PlainTalker:
    def __init__(self, client: SocketClient) -> None:
        self._turns = Turns(client, "message:send", b'["token"', b'["done"', b'["failed"')
        self._conversation = secrets.token_hex(16)

    async def say(self, text: str) -> tuple[float, float]:
        return await self._turns.say({"conversationId": self._conversation, "content": text})

    async def begin_again(self) -> None:
        self._conversation = secrets.token_hex(16)


class Plain:
    name = "plain"

    def __init__(self, process: Process, port: int, secret: str) -> None:
        self.process = process
        self._port, self._secret = port, secret

    async def talkers(self, count: int) -> list[Talker]:
        return [await self._talker() for _ in range(count)]

    async def _talker(self) -> Talker:
        claims = {"sub": secrets.token_hex(8), "exp": int(time.time()) + 3600}
        token = jwt.encode(claims, self._secret, algorithm="HS256")
        return PlainTalker(await SocketClient.connect("127.0.0.1", self._port, token))


class OursTalker:
    def __init__(self, client: SocketClient, api: str, token: str) -> None:
        phase = b'"phase":"%b"'
        self._turns = Turns(client, "message:send", phase % b"delta", phase % b"completed", phase % b"failed")
        self._client, self._api, self._token = client, api, token
        self._conversation = ""

    async def say(self, text: str) -> tuple[float, float]:
        key = secrets.token_hex(12)
        return await self._turns.say({"conversationId": self._conversation, "content": text, "clientId": key})

    async def begin_again(self) -> None:
        begun = await _post(self._api + "/conversations", {"characterIds": ["mira"]}, self._token)
        self._conversation = begun["id"]
        await self._client.call("conversation:join", {"conversationId": self._conversation})


class Ours:
    name = "ours"

    def __init__(self, process: Process, port: int) -> None:
        self.process = process
        self._port = port
        self._api = f"http://127.0.0.1:{port}/api/v1"

    async def talkers(self, count: int) -> list[Talker]:
        return [await self._talker() for _ in range(count)]

    async def _talker(self) -> Talker:
        account = {"login": f"bench-{secrets.token_hex(8)}", "password": secrets.token_hex(16)}
        token = (await _post(self._api + "/auth/register", account))["access"]
        talker = OursTalker(await SocketClient.connect("127.0.0.1", self._port, token), self._api, token)
        await talker.begin_again()
        return talker


async def _post(url: str, body: Any, token: str = "") -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with aiohttp.ClientSession() as http, http.post(url, json=body, headers=headers) as response:
        if response.status >= 300:
            raise RuntimeError(f"POST {url}: {response.status} {await response.text()}")
        return await response.json()


@contextmanager
def provider(*arguments: str) -> Iterator[tuple[Process, int]]:
    with harness.running(harness.python("benchmarks.upstream", *arguments), core=harness.client_core()) as process:
        yield process, int(process.wait_for_line("listening "))


@contextmanager
def plain(base_url: str, folder: Path) -> Iterator[Plain]:
    secret, port = secrets.token_hex(32), harness.free_port()
    env = {**_model(base_url), "JWT_SECRET": secret}
    command = harness.python("benchmarks.peers.plain", "--port", str(port), "--data", str(folder / "plain"))
    with harness.running(command, core=harness.server_core(), env=env) as process:
        process.wait_for_line("listening ")
        yield Plain(process, port, secret)


@contextmanager
def ours(base_url: str, folder: Path) -> Iterator[Ours]:
    port = harness.free_port()
    env = {**_model(base_url), **LIFTED, "ALLOW_SIGNUP": "true", "JWT_SECRET": secrets.token_hex(32)}
    command = harness.python(
        "everkin", "serve", "--port", str(port), "--data", str(folder / "ours"), "--model", "custom"
    )
    with harness.running(command, core=harness.server_core(), env=env) as process:
        process.wait_for_url(f"http://127.0.0.1:{port}/readyz")
        yield Ours(process, port)


Maker = Callable[[str, Path], contextlib.AbstractContextManager[Stack]]


def _model(base_url: str) -> dict[str, str]:
    return {"MODEL_BASE_URL": base_url, "MODEL_NAME": upstream.MODEL, "MODEL_API_KEY": "bench-key"}


# -- measuring ------------------------------------------------------------------------------------------------------


@dataclass
class Samples:
    """`cpu`, `wall` and `load_cpu` (clients and provider) in seconds, over all turns; times of each turn in ms."""

    first: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    cpu: float = 0.0
    wall: float = 0.0
    load_cpu: float = 0.0

    @property
    def turns_per_cpu_second(self) -> float:
        return len(self.whole) / self.cpu


async def converse(stack: Stack, load: Process, talkers: list[Talker], seconds: float, into: Samples) -> None:
    """Every client says the next thing when its answer is whole, for so long; turns under way are waited for."""

    async def talk(talker: Talker) -> None:
        while time.perf_counter() < until:
            first, whole = await talker.say(next(_texts))
            into.first.append(first * 1000)
            into.whole.append(whole * 1000)

    stack.process.must_run()
    cpu, load_cpu = stack.process.cpu_seconds(), load.cpu_seconds() + time.process_time()
    started = time.perf_counter()
    until = started + seconds
    await asyncio.gather(*(talk(talker) for talker in talkers))
    into.wall += time.perf_counter() - started
    into.cpu += stack.process.cpu_seconds() - cpu
    into.load_cpu += load.cpu_seconds() + time.process_time() - load_cpu


async def warm(talker: Talker) -> None:
    for _ in range(EARLIER):
        await talker.say(next(_texts))
    await talker.begin_again()


async def at_rest(process: Process, longest: float = 8.0) -> None:
    """What follows a turn (indexing, digesting) is done: the process has used next to nothing for two seconds."""
    quiet_since = began = time.perf_counter()
    used = process.cpu_seconds()
    while (now := time.perf_counter()) - quiet_since < 2 and now - began < longest:
        await asyncio.sleep(0.25)
        if (since := process.cpu_seconds()) - used > 0.03:
            quiet_since = time.perf_counter()
        used = since


async def provider_first_token_ms(port: int, rounds: int = 200) -> float:
    """Median, one request at a time, over one kept-alive connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    body = b'{"messages":[{"role":"user","content":"%b"}],"stream":true}' % (b"x" * 4000)
    request = b"POST /v1/chat/completions HTTP/1.1\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        writer.write(request)
        await reader.readuntil(b'"content":"')
        times.append((time.perf_counter() - started) * 1000)
        await reader.readuntil(b"[DONE]\n\n\r\n0\r\n\r\n")
    writer.close()
    return statistics.median(times)


@dataclass(frozen=True)
class Scene:
    """So many clients, each for so many seconds a round. Times of the provider in ms: to its first token, between two."""

    clients: int
    seconds: float
    first_ms: float = 0.0
    pace_ms: float = 0.0

    @property
    def prefix(self) -> str:
        return "paced_" if self.pace_ms else ""

    @property
    def suffix(self) -> str:
        return "" if self.clients == 1 else f"_{self.clients}"


QUICK = (Scene(1, 1.5), Scene(20, 1.5), Scene(100, 3.0), Scene(20, 1.5, 200, 15))
THOROUGH = (Scene(1, 3.0), Scene(20, 5.0), Scene(100, 10.0), Scene(20, 6.0, 200, 15), Scene(100, 6.0, 200, 15))

Results = dict[tuple[Scene, str], Samples]


async def session(scenes: tuple[Scene, ...], rounds: int, only: str) -> tuple[Results, float]:
    """Samples by scene and stack, and the provider's own time to its first token when it does not wait, in ms."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="everkin-bench-")))
        load, port = stack.enter_context(provider())
        url = f"http://127.0.0.1:{port}"
        makers: dict[str, Maker] = {"ours": ours, "plain": plain}
        stacks = [stack.enter_context(make(f"{url}/v1", folder)) for name, make in makers.items() if only in ("", name)]
        results = {(scene, each.name): Samples() for scene in scenes for each in stacks}
        own = await provider_first_token_ms(port)
        talkers = {each.name: await each.talkers(max(scene.clients for scene in scenes)) for each in stacks}
        for each in stacks:
            await asyncio.gather(*(warm(talker) for talker in talkers[each.name]))
            await at_rest(each.process)
        for scene in scenes * rounds:
            harness.fetch(f"{url}/pace/{scene.first_ms:g}/{scene.pace_ms:g}")
            for each in stacks:
                await converse(
                    each, load, talkers[each.name][: scene.clients], scene.seconds, results[scene, each.name]
                )
        return results, own


def figures_of(results: Results, own: float) -> Figures:
    figures: Figures = {"provider_ttft_ms": own}
    for (scene, name), sample in results.items():
        prefix, side = scene.prefix, "" if name == "ours" else f"_{name}"
        for mark, share in (("p50", 0.5), ("p99", 0.99)):
            first = harness.percentile(sample.first, share) - own - scene.first_ms
            figures[f"{prefix}added_ttft_ms_{mark}{scene.suffix}{side}"] = first
        figures[f"{prefix}turn_ms_p50{scene.suffix}{side}"] = harness.percentile(sample.whole, 0.5)
        if scene.clients == 100:
            figures[f"{prefix}turns_per_cpu_s{side}"] = sample.turns_per_cpu_second
            figures[f"{prefix}turns_per_s{side}"] = len(sample.whole) / sample.wall
            figures[f"{prefix}client_core_busy{side}"] = sample.load_cpu / sample.wall
    for prefix in sorted({scene.prefix for scene, _ in results}):
        _add_ratio(
            figures, f"{prefix}turns_per_cpu_s_ratio", f"{prefix}turns_per_cpu_s", f"{prefix}turns_per_cpu_s_plain"
        )
        late = f"{prefix}added_ttft_ms_p50_100"
        _add_ratio(figures, f"{prefix}added_ttft_ratio_100", f"{late}_plain", late)
    return figures


def _add_ratio(figures: Figures, name: str, above: str, below: str) -> None:
    if above in figures and below in figures:
        figures[name] = figures[above] / figures[below]


def measure(options: Options) -> Figures:
    harness.pin(harness.client_core())
    scenes, rounds = (QUICK, 1) if options.quick else (THOROUGH, 3)
    results, own = asyncio.run(session(scenes, rounds, options.only))
    options.notes.extend(
        [
            "Both sides recall with the same embedder, from an earlier conversation of each client.",
            "Ours indexes and digests after the talk, when the house is quiet: that is outside these figures.",
            "_plain: the plain stack. _20, _100: that many clients, each a user with a conversation of its own; else one.",
            "Clients send again at once, so that 20 or 100 of them keep the server's core full: their times are queueing.",
            "paced_: the provider speaks its first token after 200 ms, then one every 15 ms, as real ones do.",
            "client_core_busy near 1 means the clients were the limit, not the server.",
        ]
    )
    return figures_of(results, own)


if __name__ == "__main__":
    harness.main(NAME, TARGETS, measure)
