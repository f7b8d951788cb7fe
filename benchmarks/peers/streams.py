"""One way of hearing streamed completions, measured from inside: streams for each CPU-second of this process, and its TTFT.

`python -m benchmarks.peers.streams SIDE URL SECONDS` prints `figures {...}`. Each side imports only what it needs, so that one may
run in another environment.
"""

import asyncio
import json
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

AT_ONCE = 6
WARM_UP = 30
MODEL = "bench-model"
SYSTEM = "You are Mira, a lighthouse keeper: warm, dry, patient. " * 12

Hear = Callable[[str], Awaitable[tuple[int, float]]]
"""Says a text; the number of pieces with text that came back, and the seconds to the first."""


def _messages(text: str) -> list[dict[str, str]]:
    return [{"role": "system", "content": SYSTEM}, {"role": "user", "content": text}]


@asynccontextmanager
async def by_aiohttp(url: str) -> AsyncIterator[Hear]:
    """As lean as it gets with a library: aiohttp and typed msgspec, no policy, no error handling."""
    import aiohttp
    import msgspec

    class Delta(msgspec.Struct):
        content: str | None = None

    class Choice(msgspec.Struct):
        delta: Delta

    class Piece(msgspec.Struct):
        choices: list[Choice]

    # A local class cannot be found by name in annotations that are strings; these are not.
    decoder, encoder = msgspec.json.Decoder(Piece), msgspec.json.Encoder()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=100)) as session:

        async def hear(text: str) -> tuple[int, float]:
            started, first, count = time.perf_counter(), 0.0, 0
            body = encoder.encode({"model": MODEL, "stream": True, "messages": _messages(text)})
            headers = {"Content-Type": "application/json", "Authorization": "Bearer bench-key"}
            async with session.post(f"{url}/chat/completions", data=body, headers=headers) as response:
                async for line in response.content:
                    if line.startswith(b"data: {") and decoder.decode(line[6:]).choices[0].delta.content:
                        count += 1
                        first = first or time.perf_counter() - started
            return count, first

        yield hear


@asynccontextmanager
async def by_openai(url: str) -> AsyncIterator[Hear]:
    import openai

    async with openai.AsyncOpenAI(base_url=url, api_key="bench-key", max_retries=3) as client:

        async def hear(text: str) -> tuple[int, float]:
            started, first, count = time.perf_counter(), 0.0, 0
            stream = await client.chat.completions.create(model=MODEL, stream=True, messages=_messages(text))  # type: ignore[arg-type]
            async for piece in stream:
                if piece.choices and piece.choices[0].delta.content:
                    count += 1
                    first = first or time.perf_counter() - started
            return count, first

        yield hear


@asynccontextmanager
async def by_litellm(url: str) -> AsyncIterator[Hear]:
    import litellm  # type: ignore[import-not-found,unused-ignore]

    litellm.suppress_debug_info = True

    async def hear(text: str) -> tuple[int, float]:
        started, first, count = time.perf_counter(), 0.0, 0
        stream = await litellm.acompletion(
            model=f"openai/{MODEL}",
            api_base=url,
            api_key="bench-key",
            stream=True,
            num_retries=3,
            messages=_messages(text),
        )
        async for piece in stream:
            if piece.choices and piece.choices[0].delta.content:
                count += 1
                first = first or time.perf_counter() - started
        return count, first

    yield hear


@asynccontextmanager
async def by_everkin(url: str) -> AsyncIterator[Hear]:
    """Every policy in force: routed, a cache miss that is recorded, a shared flight, a place in the queue, a breaker, retries, two
    keys, a chain of two endpoints, time-outs, metering with its estimate of tokens."""
    from everkin.domain.prompt import ChunkText, Prompt, PromptMessage, Purpose
    from everkin.kit.clock import SystemClock
    from everkin.llm.gateway.cache_policy import CacheQuestion, cache_key
    from everkin.llm.gateway.metering import Metered
    from everkin.llm.gateway.stack import Gateway, Policy
    from everkin.llm.gateway.timeout import Timeouts
    from everkin.llm.providers.endpoint import Endpoint
    from everkin.llm.providers.http import new_session
    from everkin.llm.providers.openai_compatible import OpenAICompatible
    from everkin.llm.registry.routing import Rules, Situation, route

    clock = SystemClock()
    records: list[Metered] = []
    asked = CacheQuestion("user", "conversation", 3, 7, "happy", MODEL, "Hello!")
    async with new_session() as session:
        house = Gateway(clock, meter=records.append)
        policy = Policy(Timeouts(30, 300))

        def speaker(key: str) -> OpenAICompatible:
            return OpenAICompatible(Endpoint("Bench", url, MODEL, key=key), session, clock)

        chain = [
            house.stack([speaker("bench-key"), speaker("other-key")], policy).link,
            house.stack([speaker("third")], policy).link,
        ]
        models = {MODEL: house.model(chain).model}
        rules, said = Rules(fast=MODEL), 0

        async def hear(text: str) -> tuple[int, float]:
            nonlocal said
            started, first, count = time.perf_counter(), 0.0, 0
            said += 1
            chosen = route(rules, Situation(characters=len(text)))
            key = f"{cache_key(asked)}{said}"
            purpose = Purpose("user", "mira", "conversation", 5, clock.monotonic() + 300, key)
            prompt = Prompt((PromptMessage("system", SYSTEM), PromptMessage("user", text)), purpose=purpose)
            async with models[chosen.model].stream(prompt) as chunks:
                async for chunk in chunks:
                    if isinstance(chunk, ChunkText):
                        count += 1
                        first = first or time.perf_counter() - started
            return count, first

        yield hear
        assert len(records) == said
        assert all(record.outcome == "stop" for record in records)


SIDES = {"ours": by_everkin, "aiohttp": by_aiohttp, "openai": by_openai, "litellm": by_litellm}


async def measure(side: str, url: str, seconds: float) -> dict[str, float]:
    async with SIDES[side](url) as hear:
        for _ in range(WARM_UP):
            await _one(hear)
        firsts = [await _one(hear) for _ in range(WARM_UP * 8)]
        heard, cpu, until = 0, time.process_time(), time.perf_counter() + seconds

        async def keep_hearing() -> None:
            nonlocal heard
            while time.perf_counter() < until:
                await _one(hear)
                heard += 1

        await asyncio.gather(*(keep_hearing() for _ in range(AT_ONCE)))
        cpu = time.process_time() - cpu
    return {"streams_per_cpu_s": heard / cpu, "streams": float(heard), "ttft_ms_p50": statistics.median(firsts) * 1000}


async def _one(hear: Hear) -> float:
    count, first = await hear("Do you remember what I told you about the lighthouse last week?")
    if not count:
        raise RuntimeError("an answer without a word")
    return first


def main() -> None:
    import uvloop

    side, url, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
    print(f"figures {json.dumps(uvloop.run(measure(side, url, seconds)))}", flush=True)


if __name__ == "__main__":
    main()
