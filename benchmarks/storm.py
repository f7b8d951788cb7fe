"""Whole turns through a provider that fails one call in twenty, in every way a provider can.

50 people talk with a starter each in a conversation of their own, in bursts; each call for a completion goes over HTTP to a server
on loopback that answers with the words it was asked with, or fails. Every twentieth call fails, and the ways take turns in a
shuffled order, so that each is met equally often. Two things are sized as an operator would: a second model of the same server stands
in (MODEL_FALLBACKS; it fails as often), because a key that is refused or a credit that is used up is not asked twice at the same place;
and silence counts after one second instead of thirty.

visible_failures      share of messages whose turn failed before the person's eyes; the rest were answered
doubled, lost         replies beyond one a message; messages without a reply and without a visible failure
out_of_order          conversations whose seq has a gap, whose messages are not in the order they were said, or whose replies are
                      not in the order of their messages
wrong_words           replies that are not what the provider said to that very message, partial text that was not kept or not marked
ends_not_one          turns that were told to have ended other than once
finished_twice        messages the provider was made to finish more than one answer for
left_over             places, waiting calls, busy connections, lanes and tasks afterwards
"""

import asyncio
import itertools
import json
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from benchmarks import harness, household
from everkin.app import App
from everkin.domain.caller import Caller
from everkin.domain.conversation import Conversation
from everkin.domain.events import Event, TurnCompleted, TurnFailed, TurnStopped
from everkin.domain.record import LogEntry
from everkin.domain.turn import TurnState
from tests.contracts.upstream import DONE, USAGE, Handler, Upstream, open_upstream, piece, refuses, sends

NAME = "storm"
NONE = harness.at_most(0)
TARGETS = {
    "visible_failures": harness.at_most(0.01),
    **dict.fromkeys(
        ("doubled", "lost", "out_of_order", "wrong_words", "ends_not_one", "finished_twice", "left_over"), NONE
    ),
}

USERS, TURNS, EVERY = 50, 2000, 20
HALF = "Half of it, "
SHAPES = (
    {"error": {"message": "no", "code": "unsupported_parameter", "param": "temperature"}},
    [{"error": {"code": 400, "message": "bad", "status": "INVALID_ARGUMENT"}}],
    {"error": {"code": 400, "message": "too big", "type": "exceed_context_size_error", "n_ctx": 2048}},
    {"object": "error", "message": "bad", "type": "BadRequestError", "code": 400},
    {"detail": [{"loc": ["body"], "msg": "field required"}]},
    {"error": "bad request"},
    b"<html>400</html>",
)
GONE_SECONDS = 0.05
DATE = {"Retry-After": "Fri, 01 Jan 2021 00:00:00 GMT"}
"""In the past: this provider may be asked again at once."""


def answer_to(text: str) -> str:
    return f"You said: {text}"


def spoken(text: str, finish: str = "stop") -> tuple[bytes, ...]:
    words = answer_to(text)
    return piece(words[:9]), piece(words[9:]), piece(finish=finish), USAGE, DONE


class Provider:
    """`finished`: how many whole answers each message was given. `met`: how often each way was."""

    def __init__(self, seed: int) -> None:
        self.calls = 0
        self.met: Counter[str] = Counter()
        self.finished: Counter[str] = Counter()
        self.upstream: Upstream | None = None
        self._rng = random.Random(seed)
        self._shapes = itertools.cycle(SHAPES)
        self._ways = self._shuffled()
        self._back = asyncio.Event()
        self._back.set()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        text = household.last_line(json.loads(await request.read()))
        if not self._back.is_set():
            return await reset(request)
        self.calls += 1
        way = next(self._ways) if self.calls % EVERY == 0 else "well"
        self.met[way] += 1
        if way == "connection refused":
            return await self._gone(request)
        if way in ("well", "gzip", "length"):
            self.finished[text] += 1
        return await self.handler(way, text)(request)

    def handler(self, way: str, text: str) -> Handler:
        if way == "400":
            return refuses(400, next(self._shapes))
        return {"well": sends(*spoken(text)), **self.ways(text)}[way]

    @staticmethod
    def ways(text: str) -> dict[str, Handler]:
        busy = {"error": {"message": "slow down"}}
        return {
            "400": refuses(400, SHAPES[0]),
            "401": refuses(401, {"error": {"message": "bad key"}}),
            "402": refuses(402, {"error": {"code": 402, "message": "Insufficient credits"}}),
            "429": refuses(429, busy),
            "429 with seconds": refuses(429, busy, {"Retry-After": "0.05"}),
            "429 with a date": refuses(429, busy, DATE),
            "500": refuses(500, b"oops"),
            "503": refuses(503, {"error": {"message": "overloaded"}}),
            "connection refused": reset,
            "reset before": reset,
            "reset in the middle": sends(piece(HALF), then="reset"),
            "silence": sends(then="hang"),
            "a byte a second": dripping,
            "no JSON": sends(b"data: {nonsense\n\n"),
            "HTML": sends(b"<html>busy</html>", content_type="text/html"),
            "no choices": sends(b'data: {"choices": []}\n\n', DONE),
            "content filter": sends(piece(finish="content_filter"), DONE),
            "length": sends(*spoken(text, "length")),
            "gigantic chunk": sends(b"data: " + b"x" * (1 << 21)),
            "wrong content type": sends(b"\x89PNG\r\n", content_type="image/png"),
            "gzip": sends(*spoken(text), zipped=True),
            "never ends": chattering,
        }

    def _shuffled(self) -> Iterator[str]:
        ways = list(self.ways(""))
        while True:
            self._rng.shuffle(ways)
            yield from ways

    async def _gone(self, request: web.Request) -> web.StreamResponse:
        """Nobody listens for a moment; kept connections are cut, so that new ones have to be made, and are refused."""
        assert self.upstream is not None
        self._back.clear()
        runner = self.upstream.runner
        port = runner.addresses[0][1]
        for site in list(runner.sites):
            await site.stop()
        assert runner.server is not None
        for connection in runner.server.connections:
            if connection._current_request is None and connection.transport is not None:
                connection.transport.close()
        asyncio.get_running_loop().call_later(GONE_SECONDS, self._returns, runner, port)
        return await reset(request)

    def _returns(self, runner: web.AppRunner, port: int) -> None:
        async def listen() -> None:
            await web.TCPSite(runner, "127.0.0.1", port, reuse_address=True).start()
            self._back.set()

        self._listening = asyncio.ensure_future(listen())


async def reset(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def dripping(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    for byte in piece("slowly"):
        await response.write(bytes([byte]))
        await asyncio.sleep(1)
    return response


async def chattering(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    more = piece("and so on ") * 50
    while True:
        await response.write(more)
        await asyncio.sleep(0)


@dataclass
class Talk:
    caller: Caller
    conversation: Conversation
    said: list[str] = field(default_factory=list)


class Ends:
    """How often each turn was told to have ended."""

    def __init__(self) -> None:
        self.of: Counter[str] = Counter()

    async def hear(self, event: Event) -> None:
        if isinstance(event, TurnCompleted | TurnStopped | TurnFailed):
            self.of[event.turn_id] += 1


async def converse(app: App, talk: Talk, turns: int, rng: random.Random) -> None:
    """In bursts of one to four, as people do; one message in twenty is sent again, as by a client whose ack was lost."""
    while len(talk.said) < turns:
        for _ in range(min(rng.randint(1, 4), turns - len(talk.said))):
            number = len(talk.said) + 1
            text = f"{talk.caller.name} says number {number}"
            talk.said.append(text)
            sent = 2 if rng.random() < 0.05 else 1
            for _ in range(sent):
                await app.turns.say(
                    talk.caller, talk.conversation.id, text, client_id=f"{talk.caller.user_id}-{number}"
                )
        while app.turns.live(talk.conversation.id):
            await asyncio.sleep(0.01)


async def weather(folder: Path, turns: int = TURNS, users: int = USERS, seed: int = 7) -> harness.Figures:
    provider = Provider(seed)
    async with open_upstream(provider.handle) as upstream, asyncio.timeout(600):
        provider.upstream = upstream
        house = household.open_house(
            folder, upstream.base_url, fallbacks=("custom:bench-2",), first_token_seconds=1.0, concurrency=8
        )
        async with house as app:
            return await storm_over(app, provider, turns, users, seed)


async def storm_over(app: App, provider: Provider, turns: int, users: int, seed: int) -> harness.Figures:
    rng, ends = random.Random(seed), Ends()
    slugs = [character.slug for character in await app.characters.find(await household.owner(app))]
    callers = await household.people(app, [f"P{number}" for number in range(users)])
    talks = [
        Talk(caller, await app.conversations.create(caller, [slugs[number % len(slugs)]]))
        for number, caller in enumerate(callers)
    ]
    await asyncio.sleep(0.1)
    before = asyncio.all_tasks()
    began, cpu = time.perf_counter(), time.process_time()
    with app.events.listening(ends.hear):
        await asyncio.gather(*(converse(app, talk, turns // users, rng) for talk in talks))
        await household.at_rest(app)
    took = {"seconds": time.perf_counter() - began, "cpu_seconds": time.process_time() - cpu}
    left = await left_over(app, before)
    judged: Counter[str] = Counter()
    for talk in talks:
        judged += judge(talk, await household.whole_log(app, talk.caller, talk.conversation), provider)
    stats = app.registry.gateway()
    figures: harness.Figures = {
        "visible_failures": judged["failed"] / turns,
        **{name: judged[name] for name in ("doubled", "lost", "out_of_order", "wrong_words")},
        "ends_not_one": sum(count != 1 for count in ends.of.values()) + abs(len(ends.of) - turns),
        "finished_twice": sum(count > 1 for count in provider.finished.values()),
        "left_over": left,
        "turns": judged["messages"],
        "calls": provider.calls,
        "faults": provider.calls - provider.met["well"],
        "ways": len(provider.met.keys() - {"well"}),
        "retries": sum(each.retries for each in stats.endpoints),
        "failovers": stats.failovers,
        "stopped_endless": judged["stopped"],
        **{f"failed_{code}": count for code, count in sorted(judged.items()) if code.startswith("model_")},
        **took,
    }
    return figures


async def left_over(app: App, before: set[asyncio.Task[object]]) -> int:
    """What is still there once everything had a moment to close; the provider's own connections are not counted."""
    left = -1
    for _ in range(200):
        stats = app.registry.gateway()
        tasks = [task for task in asyncio.all_tasks() - before if "RequestHandler" not in repr(task.get_coro())]
        left = len(tasks) + stats.pool.busy + sum(each.inside + each.waiting for each in stats.endpoints)
        left += sum(1 for _ in app.turns.queues.all_requests())
        if not left:
            break
        await asyncio.sleep(0.02)
    return left


def judge(talk: Talk, entries: list[LogEntry], provider: Provider) -> Counter[str]:
    found: Counter[str] = Counter()
    said, answers = household.said_by_people(entries), household.replies(entries)
    gapless = [entry.message.seq for entry in entries] == list(range(1, len(entries) + 1))
    in_order = [entry.message.content for entry in said] == talk.said
    places = {entry.message.id: entry.message.seq for entry in said}
    answered = [places[reply.reply_to] for reply in answers if reply.reply_to in places]
    found["out_of_order"] += not (gapless and in_order and answered == sorted(answered))
    by_message = Counter(reply.reply_to for reply in answers)
    found["doubled"] += sum(count - 1 for count in by_message.values())
    found["messages"] += len(said)
    for entry in said:
        text = next((reply.content for reply in answers if reply.reply_to == entry.message.id), None)
        found.update(judged_turn(entry, text))
    return found


def judged_turn(entry: LogEntry, reply: str | None) -> list[str]:
    (turn,) = entry.turns
    if turn.state is TurnState.FAILED:
        kept = turn.partial == HALF.rstrip() if turn.error_code == "model_broken" else turn.partial == ""
        return ["failed", str(turn.error_code), *([] if kept and reply is None else ["wrong_words"])]
    if turn.state is TurnState.PENDING or reply is None:
        return ["lost"]
    if turn.state is TurnState.STOPPED:
        return ["stopped", *([] if reply.startswith("and so on and so on") else ["wrong_words"])]
    return [] if reply == answer_to(entry.message.content) else ["wrong_words"]


def measure(options: harness.Options) -> harness.Figures:
    with tempfile.TemporaryDirectory(prefix="everkin-bench-") as folder:
        figures = asyncio.run(weather(Path(folder), TURNS // 2 if options.quick else TURNS))
    options.notes.extend(
        [
            "What stays visible cannot be mended by asking again: an answer that broke off after its first words (model_broken),",
            "a request this provider will not take (model_refused: 400), an answer that was withheld (model_silent).",
            "stopped_endless: answers that did not end were stopped at the longest reply, and what was said is kept.",
            "seconds and cpu_seconds hold the provider and the people as well: all is one process here.",
        ]
    )
    return figures


if __name__ == "__main__":
    harness.main(NAME, TARGETS, measure)
