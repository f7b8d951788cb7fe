"""One account sends texts made to hold the house up, as fast as it may; another one asks /healthz meanwhile.

The server is `everkin serve` as shipped with the scripted model, once with MESSAGE_RATE_LIMIT as shipped and once with twenty times
that, since one account cannot do much harm at 30 messages a minute. The texts are those of tests/hostile_texts.py.

worst_pattern_ms      CPU time of the slowest regular expression of the package over the texts, 2 000 characters each
worst_callback_ms     CPU time of the longest callback of the event loop while a house answers and remembers them
idle_p99_ms           of /healthz, nobody sends
default_p99_ms        of /healthz, one account sends at the limit as shipped
healthz_p99_ms        of /healthz, one account sends at the raised limit; `healthz_worst_ms` the slowest
sent_a_minute         messages accepted at the raised limit
"""

import asyncio
import itertools
import re
import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import aiohttp

from benchmarks import harness
from benchmarks.harness import Figures, Options, at_most
from tests.cpu_time import cpu_ms
from tests.hostile_texts import texts
from tests.house.package_patterns import PackagePattern, package_patterns
from tests.journeys.memory_house import open_memory_house
from tests.journeys.test_hostile_messages import chosen, sends_all

NAME = "hostile"
TARGETS = {"healthz_p99_ms": at_most(100), "worst_callback_ms": at_most(20), "worst_pattern_ms": at_most(5)}

SHIPPED, RAISED = 30, 600
"""Messages a minute."""
PROBES_A_SECOND = 50


def measure(options: Options) -> Figures:
    options.notes.append(
        f"MESSAGE_RATE_LIMIT is {RAISED} for healthz_p99_ms, {SHIPPED} (as shipped) for default_p99_ms."
    )
    seconds = 6.0 if options.quick else 30.0
    figures = {"worst_pattern_ms": _worst_pattern(20 if options.quick else 1)}
    figures["worst_callback_ms"] = asyncio.run(_worst_callback())
    idle, shipped = _of_server(SHIPPED, seconds)
    _, raised = _of_server(RAISED, seconds)
    return figures | {
        "idle_p99_ms": harness.percentile(idle.waited, 0.99),
        "default_p99_ms": harness.percentile(shipped.waited, 0.99),
        "healthz_p99_ms": harness.percentile(raised.waited, 0.99),
        "healthz_worst_ms": max(raised.waited),
        "sent_a_minute": raised.sent / seconds * 60,
    }


def _worst_pattern(every: int) -> float:
    some = [text for _, text in texts()][::every]
    return max(_of_pattern(each, how, some) for each in package_patterns() for how in each.asked)


def _of_pattern(each: PackagePattern, how: str, some: list[str]) -> float:
    ask = getattr(re.compile(each.pattern, each.flags), how)
    return max(cpu_ms(partial(_ask, ask, text), 0.5) for text in some)


def _ask(ask: object, text: str) -> None:
    found = ask(text)  # type: ignore[operator]
    if hasattr(found, "__next__"):
        for _ in found:
            pass


async def _worst_callback() -> float:
    with tempfile.TemporaryDirectory() as folder:
        async with open_memory_house(Path(folder), summary_every=10) as house:
            return max(await sends_all(house, chosen()))[0]


@dataclass
class Seen:
    waited: list[float] = field(default_factory=list)
    """Milliseconds /healthz took."""
    sent: int = 0


def _of_server(limit: int, seconds: float) -> tuple[Seen, Seen]:
    """(nobody sends, one account sends at its limit)"""
    harness.pin(harness.client_core())
    with tempfile.TemporaryDirectory() as folder, _server(Path(folder), limit) as address:
        return asyncio.run(_both(address, seconds))


@contextmanager
def _server(folder: Path, limit: int) -> Iterator[str]:
    port = harness.free_port()
    env = {"MESSAGE_RATE_LIMIT": str(limit), "ALLOW_SIGNUP": "true", "JWT_SECRET": secrets.token_hex(32)}
    command = harness.python("everkin", "serve", "--port", str(port), "--data", str(folder), "--model", "scripted")
    with harness.running(command, core=harness.server_core(), env=env) as process:
        process.wait_for_url(f"http://127.0.0.1:{port}/readyz")
        yield f"http://127.0.0.1:{port}"


async def _both(address: str, seconds: float) -> tuple[Seen, Seen]:
    async with aiohttp.ClientSession(base_url=address) as http:
        account = {"login": f"bench-{secrets.token_hex(8)}", "password": secrets.token_hex(16)}
        token = (await _post(http, "/api/v1/auth/register", account, ""))["access"]
        chat = (await _post(http, "/api/v1/conversations", {"characterIds": ["mira"]}, token))["id"]
        await _post(http, f"/api/v1/conversations/{chat}/messages?wait=true", {"content": "I live in Leeds."}, token)
        await asyncio.sleep(3)
        idle, loaded = Seen(), Seen()
        await _probe(http, idle, time.monotonic() + seconds)
        until = time.monotonic() + seconds
        await asyncio.gather(_probe(http, loaded, until), _send(http, chat, token, loaded, until))
        return idle, loaded


async def _post(http: aiohttp.ClientSession, path: str, body: object, token: str) -> dict[str, str]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with http.post(path, json=body, headers=headers) as response:
        response.raise_for_status()
        answer: dict[str, str] = await response.json()
        return answer


async def _probe(http: aiohttp.ClientSession, seen: Seen, until: float) -> None:
    while (began := time.monotonic()) < until:
        async with http.get("/healthz") as response:
            await response.read()
        seen.waited.append((time.monotonic() - began) * 1000)
        await asyncio.sleep(1 / PROBES_A_SECOND)


async def _send(http: aiohttp.ClientSession, chat: str, token: str, seen: Seen, until: float) -> None:
    """As fast as the server takes them; refused, after a tenth of a second again."""
    headers = {"Authorization": f"Bearer {token}"}
    for text in itertools.cycle(chosen()):
        if time.monotonic() >= until:
            return
        async with http.post(
            f"/api/v1/conversations/{chat}/messages", json={"content": text}, headers=headers
        ) as response:
            seen.sent += response.status < 300
            if response.status >= 400:
                await asyncio.sleep(0.1)


if __name__ == "__main__":
    harness.main(NAME, TARGETS, measure)
