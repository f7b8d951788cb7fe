"""A provider that fails one call in three, in every way: each call ends once and rightly, and nothing is left behind."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable

import aiohttp
import pytest
from aiohttp import web

from everkin.domain.errors import ModelBroken, ModelError
from everkin.domain.prompt import ChunkEnd, ChunkText, Prompt, PromptMessage, Purpose
from everkin.kit.clock import SystemClock
from everkin.llm.gateway.failover import FailoverTarget
from everkin.llm.gateway.metering import Metered
from everkin.llm.gateway.retry import Retry
from everkin.llm.gateway.stack import EndpointStack, Gateway, Policy
from everkin.llm.gateway.timeout import Timeouts
from everkin.llm.providers.endpoint import Endpoint
from everkin.llm.providers.http import new_session, pool_stats
from everkin.llm.providers.openai_compatible import OpenAICompatible
from tests.contracts.upstream import DONE, USAGE, Handler, Upstream, answers, open_upstream, piece, refuses, sends

PATIENCE = 60
CALLS = 600
USERS = 50
SHARE = 0.05
QUICK = Retry(times=3, first=0.001, longest=20, window=60)
LIMITS = Timeouts(token=1.0, total=10.0)


def _resets() -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    return handle


PASSING: dict[str, Handler] = {
    "500": refuses(500, b"oops"),
    "503": refuses(503, {"error": {"message": "overloaded"}}),
    "429": refuses(429, {"error": {"message": "slow down"}}, {"Retry-After": "0"}),
    "reset at once": _resets(),
    "html": sends(b"<html>busy</html>", content_type="text/html"),
    "no json": sends(b"data: {nonsense\n\n"),
    "ends without a word": sends(b": nothing\n\n"),
}
FINAL: dict[str, Handler] = {
    "reset in the middle": sends(piece("Half "), then="reset"),
    "cut in the middle": sends(piece("Half ")),
    "400": refuses(400, {"error": {"message": "bad", "code": "bad_request"}}),
}


def _stormy(rng: random.Random, seen: Counter[str]) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        ways = [*PASSING.items(), *FINAL.items()]
        luck = int(rng.random() / SHARE)
        name, handler = ways[luck] if luck < len(ways) else ("well", answers)
        seen[name] += 1
        return await handler(request)

    return handle


def _prompt(number: int, **purpose: object) -> Prompt:
    user = f"user {number % USERS}"
    told = Purpose(user_id=user, conversation_id=f"of {user}", priority=number % 11, **purpose)  # type: ignore[arg-type]
    return Prompt((PromptMessage("user", f"message {number}"),), purpose=told)


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with new_session() as session:
        yield session


class House:
    """A gateway over one or more servers, with all its policies, and the records it made."""

    def __init__(self, session: aiohttp.ClientSession, *servers: Upstream, keys: int = 1) -> None:
        clock = SystemClock()
        self.records: list[Metered] = []
        self.session = session
        gateway = Gateway(clock, meter=self.records.append)

        def clients(server: Upstream) -> list[OpenAICompatible]:
            places = [Endpoint("Test", server.base_url, "test-1", key=f"key-{n}") for n in range(keys)]
            return [OpenAICompatible(endpoint, session, clock, tail_seconds=0.05) for endpoint in places]

        self.stacks: list[EndpointStack] = [
            gateway.stack(clients(server), Policy(LIMITS, retry=QUICK)) for server in servers
        ]
        self.spoken = gateway.model([FailoverTarget(stack.model, stack.breaker) for stack in self.stacks])

    async def say(self, prompt: Prompt) -> str:
        """The answer's text, or the code it failed with."""
        try:
            async with self.spoken.model.stream(prompt) as chunks:
                heard = [chunk async for chunk in chunks]
        except ModelError as error:
            return error.code
        assert isinstance(heard[-1], ChunkEnd)
        return "".join(chunk.text for chunk in heard if isinstance(chunk, ChunkText))

    def assert_nothing_is_left(self) -> None:
        for stack in self.stacks:
            assert (stack.places.inside, stack.places.waiting) == (0, 0)
            assert not stack.breaker._probing
            assert stack.keyed is None or not any(key.busy for key in stack.keyed.keys)
        assert pool_stats(self.session).busy == 0
        assert not self.spoken.shared.flights
        assert not len(self.spoken.shared.tasks)


async def _settled(check: Callable[[], None], before: set[asyncio.Task[object]]) -> None:
    """Waits until the check holds and no task is left but those there were before."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                check()
                assert asyncio.all_tasks() <= before
            except AssertionError:
                await asyncio.sleep(0.01)
            else:
                return


async def test_a_storm_of_faults_ends_each_call_once_and_leaves_nothing(session: aiohttp.ClientSession) -> None:
    rng, seen = random.Random(11), Counter[str]()
    async with open_upstream(_stormy(rng, seen)) as upstream, asyncio.timeout(PATIENCE):
        house = House(session, upstream)
        before = asyncio.all_tasks()
        outcomes = Counter(await asyncio.gather(*(house.say(_prompt(number)) for number in range(CALLS))))
        asked = len(upstream.bodies)
        await _settled(house.assert_nothing_is_left, before | asyncio.all_tasks() & _servers_tasks(upstream))
    gone = ("model_overloaded", "model_unreachable", "model_silent")
    assert set(outcomes) <= {"Good evening.", "model_broken", "model_refused", *gone}
    assert sum(outcomes[code] for code in gone) <= CALLS * 0.03
    assert outcomes["model_refused"] == seen["400"]
    broken_in_the_middle = seen["reset in the middle"] + seen["cut in the middle"]
    assert abs(outcomes["model_broken"] - broken_in_the_middle) <= CALLS * 0.02
    assert outcomes["Good evening."] == seen["well"]
    assert asked == CALLS + house.stacks[0].retrying.retries
    assert len(house.records) == CALLS
    assert all(count > CALLS * SHARE / 3 for count in seen.values())
    assert house.stacks[0].places.most_inside == 3


def _servers_tasks(upstream: Upstream) -> set[asyncio.Task[object]]:
    """The test server's own tasks: one for each connection kept alive."""
    return {task for task in asyncio.all_tasks() if "RequestHandler" in repr(task.get_coro())}


async def test_with_a_second_server_hardly_anything_is_seen_of_a_dead_first_one(session: aiohttp.ClientSession) -> None:
    async with open_upstream(refuses(503, b"")) as dead, open_upstream(answers) as alive, asyncio.timeout(PATIENCE):
        house = House(session, dead, alive)
        outcomes = Counter(await asyncio.gather(*(house.say(_prompt(number)) for number in range(200))))
        house.assert_nothing_is_left()
        assert outcomes == {"Good evening.": 200}
        assert house.stacks[0].breaker.state == "open"
        assert len(dead.bodies) < 60
        assert len(alive.bodies) == 200


async def test_callers_who_leave_in_a_storm_leave_nothing_behind(session: aiohttp.ClientSession) -> None:
    rng, seen = random.Random(5), Counter[str]()
    storm = _stormy(rng, seen)

    async def slow(request: web.Request) -> web.StreamResponse:
        if rng.random() < 0.3:
            return await sends(piece("One "), then="hang")(request)
        return await storm(request)

    async with open_upstream(slow) as upstream, asyncio.timeout(PATIENCE):
        house = House(session, upstream, keys=2)
        calls = [asyncio.ensure_future(house.say(_prompt(n, reuse=f"k{n % 7}"))) for n in range(200)]
        for _ in range(50):
            await asyncio.sleep(0.002)
            for call in rng.sample(calls, 6):
                call.cancel()
        for call in calls:
            call.cancel()
        await asyncio.wait(calls)
        house.assert_nothing_is_left()
        assert len(house.records) <= 200


async def test_one_bad_key_of_two_is_set_aside_and_nobody_notices(session: aiohttp.ClientSession) -> None:
    async def picky(request: web.Request) -> web.StreamResponse:
        if request.headers["Authorization"] == "Bearer key-0":
            return await refuses(401, {"error": {"message": "bad key"}})(request)
        return await answers(request)

    async with open_upstream(picky) as upstream, asyncio.timeout(PATIENCE):
        house = House(session, upstream, keys=2)
        outcomes = Counter(await asyncio.gather(*(house.say(_prompt(number)) for number in range(60))))
        keyed = house.stacks[0].keyed
        assert outcomes == {"Good evening.": 60}
        assert keyed is not None
        assert keyed.conditions() == {"key 1": "refused", "key 2": "ready"}
        assert len(upstream.bodies) <= 66


async def test_a_limited_key_hands_over_to_the_other_without_a_pause(session: aiohttp.ClientSession) -> None:
    async def limited(request: web.Request) -> web.StreamResponse:
        if request.headers["Authorization"] == "Bearer key-0":
            return await refuses(429, {"error": {"message": "slow down"}}, {"Retry-After": "30"})(request)
        return await answers(request)

    async with open_upstream(limited) as upstream, asyncio.timeout(PATIENCE):
        house = House(session, upstream, keys=2)
        assert [await house.say(_prompt(number)) for number in range(5)] == ["Good evening."] * 5
        assert len(upstream.bodies) == 6
        assert house.stacks[0].retrying.retries == 0


async def test_a_kept_reply_is_given_again_without_asking(session: aiohttp.ClientSession) -> None:
    async with open_upstream(sends(piece("Good evening."), piece(finish="stop"), USAGE, DONE)) as upstream:
        house = House(session, upstream)
        for _ in range(3):
            assert await house.say(_prompt(1, reuse="hello")) == "Good evening."
    assert len(upstream.bodies) == 1
    assert [record.tokens_out for record in house.records] == [2, 0, 0]
    assert [record.outcome for record in house.records] == ["stop"] * 3


async def test_words_that_came_in_one_packet_with_a_failure_are_heard_before_it(session: aiohttp.ClientSession) -> None:
    together = piece("Half a ") + piece("word") + b'data: {"error": {"message": "boom"}}\n\n'
    async with open_upstream(sends(together)) as upstream, asyncio.timeout(PATIENCE):
        house = House(session, upstream)
        async with house.spoken.model.stream(_prompt(1)) as chunks:
            assert await anext(chunks) == ChunkText("Half a word")
            with pytest.raises(ModelBroken):
                await anext(chunks)
