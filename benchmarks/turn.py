"""One whole turn: message in over Socket.IO, durable, prompt, a streamed answer of 50 tokens, pieces out, durable.

Ours (`everkin serve` as shipped, a user and a conversation a client) and the plain stack (peers/plain.py) answer the same
clients in turn, from the same provider. Added TTFT: from sending the message to the first piece of the answer at the client,
less the provider's own time to its first token.
"""

import asyncio
import contextlib
import secrets
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
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

TEXT = "Do you remember what I told you about the lighthouse last week? I went back there today."


class Talker(Protocol):
    async def say(self, text: str) -> tuple[float, float]:
        """Seconds to the first piece of the answer, and to its end."""


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
    def __init__(self, client: SocketClient, conversation_id: str) -> None:
        phase = b'"phase":"%b"'
        self._turns = Turns(client, "message:send", phase % b"delta", phase % b"completed", phase % b"failed")
        self._conversation = conversation_id

    async def say(self, text: str) -> tuple[float, float]:
        key = secrets.token_hex(12)
        return await self._turns.say({"conversationId": self._conversation, "content": text, "clientId": key})


class Ours:
    name = "ours"

    def __init__(self, process: Process, port: int) -> None:
        self.process = process
        self._port = port
        self._api = f"http://127.0.0.1:{port}/api/v1"

    async def talkers(self, count: int) -> list[Talker]:
        async with aiohttp.ClientSession() as http:
            return [await self._talker(http) for _ in range(count)]

    async def _talker(self, http: aiohttp.ClientSession) -> Talker:
        account = {"login": f"bench-{secrets.token_hex(8)}", "password": secrets.token_hex(16)}
        token = (await self._post(http, "/auth/register", account))["access"]
        conversation = await self._post(http, "/conversations", {"characterIds": ["mira"]}, token)
        client = await SocketClient.connect("127.0.0.1", self._port, token)
        await client.call("conversation:join", {"conversationId": conversation["id"]})
        return OursTalker(client, conversation["id"])

    async def _post(self, http: aiohttp.ClientSession, path: str, body: Any, token: str = "") -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with http.post(self._api + path, json=body, headers=headers) as response:
            if response.status >= 300:
                raise RuntimeError(f"POST {path}: {response.status} {await response.text()}")
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
    env = {**_model(base_url), "MESSAGE_RATE_LIMIT": "0", "ALLOW_SIGNUP": "true", "JWT_SECRET": secrets.token_hex(32)}
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
            first, whole = await talker.say(TEXT)
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
class Plan:
    """`clients`: how many at once -> seconds a round. `provider`: its arguments."""

    clients: dict[int, float]
    rounds: int
    provider: tuple[str, ...] = ()


@asynccontextmanager
async def settled(stacks: list[Stack], most: int) -> AsyncIterator[dict[str, list[Talker]]]:
    """Clients of every stack, connected and warm: each has had one answer."""
    talkers = {stack.name: await stack.talkers(most) for stack in stacks}
    for each in talkers.values():
        await asyncio.gather(*(talker.say(TEXT) for talker in each))
    yield talkers


async def session(plan: Plan, only: str) -> tuple[dict[tuple[str, int], Samples], float]:
    """Samples by stack and number of clients, and the provider's own first token in ms."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="everkin-bench-")))
        load, port = stack.enter_context(provider(*plan.provider))
        url = f"http://127.0.0.1:{port}/v1"
        makers: dict[str, Maker] = {"ours": ours, "plain": plain}
        stacks: list[Stack] = [stack.enter_context(makers[name](url, folder)) for name in makers if only in ("", name)]
        samples = {(each.name, clients): Samples() for each in stacks for clients in plan.clients}
        async with settled(stacks, max(plan.clients)) as talkers:
            own = await provider_first_token_ms(port, 20 if plan.provider else 200)
            for _ in range(plan.rounds):
                for clients, seconds in plan.clients.items():
                    for each in stacks:
                        into = samples[each.name, clients]
                        await converse(each, load, talkers[each.name][:clients], seconds, into)
        return samples, own


def figures_of(samples: dict[tuple[str, int], Samples], own: float) -> Figures:
    figures: Figures = {}
    for (name, clients), sample in samples.items():
        suffix = ("" if clients == 1 else f"_{clients}") + ("" if name == "ours" else f"_{name}")
        for mark, share in (("p50", 0.5), ("p99", 0.99)):
            figures[f"added_ttft_ms_{mark}{suffix}"] = harness.percentile(sample.first, share) - own
        figures[f"turn_ms_p50{suffix}"] = harness.percentile(sample.whole, 0.5)
        if clients == 100:
            side = "" if name == "ours" else f"_{name}"
            figures[f"turns_per_cpu_s{side}"] = sample.turns_per_cpu_second
            figures[f"turns_per_s{side}"] = len(sample.whole) / sample.wall
            figures[f"client_core_busy{side}"] = sample.load_cpu / sample.wall
    if "turns_per_cpu_s" in figures and "turns_per_cpu_s_plain" in figures:
        figures["turns_per_cpu_s_ratio"] = figures["turns_per_cpu_s"] / figures["turns_per_cpu_s_plain"]
        figures["added_ttft_ratio_100"] = figures["added_ttft_ms_p50_100_plain"] / figures["added_ttft_ms_p50_100"]
    figures["provider_ttft_ms"] = own
    return figures


def measure(options: Options) -> Figures:
    harness.pin(harness.client_core())
    quick = Plan({1: 1.0, 20: 1.5, 100: 3.5}, rounds=1)
    thorough = Plan({1: 3.0, 20: 5.0, 100: 10.0}, rounds=3)
    figures = figures_of(*asyncio.run(session(quick if options.quick else thorough, options.only)))
    if not options.quick:
        paced = Plan({100: 10.0}, rounds=2, provider=("--first-ms", "200", "--pace-ms", "15"))
        more = figures_of(*asyncio.run(session(paced, options.only)))
        figures.update({f"paced_{key}": value for key, value in more.items()})
        options.notes.append("paced_: the provider's first token after 200 ms, then one every 15 ms, as real ones do.")
    options.notes.extend(
        [
            "Both sides run without recall until there is recall to run, so that like is compared with like.",
            "_plain: the plain stack. _20, _100: that many clients, each a user with a conversation of its own; else one.",
            "client_core_busy near 1 means the clients were the limit, not the server.",
        ]
    )
    return figures


if __name__ == "__main__":
    harness.main(NAME, TARGETS, measure)
