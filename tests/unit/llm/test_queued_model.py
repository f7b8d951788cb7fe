"""Places at an endpoint: never too many, nobody forgotten, nobody favoured, nobody left standing."""

import asyncio
import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from everkin.domain.errors import ModelBroken, ModelError, ModelOverloaded
from everkin.domain.prompt import PRIORITY_GROUP, PRIORITY_NORMAL, PRIORITY_URGENT, Purpose
from everkin.kit.clock import ManualClock, settle
from everkin.llm.gateway.queue import QueuedModel
from everkin.llm.gateway.slots import LEVELS, QueueFull, Slots
from tests.unit.llm.actor import Actor, prompt, said

TINY = 0.02


def _places(places: int = 3, limit: int = 1000, limit_a_user: int = 1000, clock: ManualClock | None = None) -> Slots:
    return Slots(places, clock or ManualClock(), limit=limit, limit_a_user=limit_a_user, longest=300)


class Queue:
    """Callers who wait and, once inside, stay until they are let go. `served` says who came in, in order."""

    def __init__(self, places: Slots) -> None:
        self.places = places
        self.served: list[str] = []
        self.tasks: list[asyncio.Task[None]] = []
        self._inside: list[asyncio.Event] = []

    async def come(self, user: str, priority: int = PRIORITY_NORMAL) -> asyncio.Task[None]:
        task = asyncio.ensure_future(self._call(user, priority))
        self.tasks.append(task)
        await asyncio.sleep(0)
        return task

    async def let_one_go(self) -> None:
        self._inside.pop(0).set()
        await settle(4)

    async def drain(self) -> None:
        while self._inside:
            await self.let_one_go()

    async def _call(self, user: str, priority: int) -> None:
        await self.places.enter(Purpose(user_id=user, priority=priority))
        done = asyncio.Event()
        self._inside.append(done)
        self.served.append(user)
        try:
            await done.wait()
        finally:
            self.places.leave()


async def test_three_at_once_and_the_others_in_the_order_they_came() -> None:
    queue = Queue(_places())
    for user in "abcdefg":
        await queue.come(user)
    assert queue.served == list("abc")
    await queue.drain()
    assert queue.served == list("abcdefg")
    assert (queue.places.inside, queue.places.waiting, queue.places.most_inside) == (0, 0, 3)


async def test_one_persons_hundred_calls_do_not_hold_up_anothers_one() -> None:
    queue = Queue(_places(places=1))
    for _ in range(100):
        await queue.come("greedy")
    await queue.come("modest")
    for _ in range(2):
        await queue.let_one_go()
    assert "modest" in queue.served
    await queue.drain()
    assert Counter(queue.served) == {"greedy": 100, "modest": 1}


async def test_what_is_urgent_goes_first() -> None:
    queue = Queue(_places(places=1))
    await queue.come("first")
    for user, priority in (
        ("low", 0),
        ("normal", PRIORITY_NORMAL),
        ("group", PRIORITY_GROUP),
        ("now", PRIORITY_URGENT),
    ):
        await queue.come(user, priority)
    await queue.drain()
    assert queue.served[:3] == ["first", "now", "group"]


async def test_an_endless_stream_of_urgent_calls_starves_nobody() -> None:
    """A simulation: there are always urgent calls of many people waiting; everybody else is served all the same."""
    queue = Queue(_places())
    rng = random.Random(7)
    for number in range(6):
        await queue.come(f"urgent {number}", PRIORITY_URGENT)
    patient = [f"{priority} {number}" for priority in range(PRIORITY_URGENT) for number in range(5)]
    for user in patient:
        await queue.come(user, int(user.split()[0]))
    served_after: dict[str, int] = {}
    for step in range(4 * LEVELS * 5 + 10):
        await queue.come(f"urgent {rng.randrange(1000)}", PRIORITY_URGENT)
        await queue.let_one_go()
        for user in patient:
            if user in queue.served:
                served_after.setdefault(user, step)
    assert set(served_after) == set(patient)
    urgent = sum(user.startswith("urgent") for user in queue.served)
    assert urgent / len(queue.served) > 0.7
    await queue.drain()
    assert queue.places.inside == 0


async def test_a_full_queue_refuses_and_says_when_to_come_back() -> None:
    queue = Queue(_places(places=1, limit=2))
    for _ in range(3):
        await queue.come("somebody")
    with pytest.raises(QueueFull) as refusal:
        await queue.places.enter(Purpose(user_id="late"))
    assert isinstance(refusal.value, ModelOverloaded)
    assert refusal.value.retry_after == 9.0
    await queue.drain()
    assert queue.served == ["somebody"] * 3


async def test_one_person_cannot_fill_the_queue() -> None:
    queue = Queue(_places(places=1, limit=10, limit_a_user=3))
    for _ in range(4):
        await queue.come("greedy")
    with pytest.raises(QueueFull):
        await queue.places.enter(Purpose(user_id="greedy"))
    await queue.come("modest")
    await queue.drain()
    assert queue.served[2] == "modest" or queue.served[1] == "modest"


async def test_a_cancelled_caller_leaves_at_once() -> None:
    queue = Queue(_places(places=1))
    await queue.come("inside")
    gone = await queue.come("gone")
    await queue.come("next")
    gone.cancel()
    await settle()
    assert queue.places.waiting == 1
    await queue.drain()
    assert queue.served == ["inside", "next"]


async def test_a_caller_cancelled_in_the_moment_a_place_comes_free_passes_it_on() -> None:
    queue = Queue(_places(places=1))
    await queue.come("inside")
    gone = await queue.come("gone")
    await queue.come("next")
    queue._inside.pop(0).set()
    await asyncio.sleep(0)
    gone.cancel()
    await settle()
    assert queue.served[-1] == "next"
    await queue.drain()
    assert (queue.places.inside, queue.places.waiting) == (0, 0)


async def test_who_waits_beyond_the_deadline_is_told() -> None:
    clock = ManualClock()
    queue = Queue(_places(places=1, clock=clock))
    await queue.come("inside")
    async with asyncio.timeout(5):
        with pytest.raises(QueueFull):
            await queue.places.enter(Purpose(user_id="hasty", deadline=TINY))
    assert queue.places.waiting == 0


async def test_a_place_is_not_wasted_on_a_call_whose_deadline_has_passed() -> None:
    clock = ManualClock()
    queue = Queue(_places(places=1, clock=clock))
    await queue.come("inside")
    hasty = asyncio.ensure_future(queue.places.enter(Purpose(user_id="hasty", deadline=60)))
    await settle()
    await queue.come("next")
    await clock.advance(61)
    await queue.let_one_go()
    assert queue.served == ["inside", "next"]
    with pytest.raises(QueueFull):
        await hasty


async def test_a_place_is_given_back_however_the_stream_is_left() -> None:
    places = _places(places=1)
    actor = Actor(ModelBroken(), ["half", ModelBroken()], "well", asyncio.Event(), "well")
    model = QueuedModel(actor, places, ManualClock())
    for _ in range(2):
        with pytest.raises(ModelError):
            await said(model)
    async with model.stream(prompt()) as chunks:
        await anext(chunks)
        assert places.inside == 1
    hanging = asyncio.ensure_future(said(model))
    await settle()
    hanging.cancel()
    await asyncio.wait([hanging])
    assert places.inside == 0
    assert await said(model) == "well"


async def test_a_thousand_waiting_callers_all_get_their_turn() -> None:
    places = _places()
    actor = Actor("well")
    model = QueuedModel(actor, places, ManualClock())
    calls = [said(model, prompt(user_id=f"user {n % 50}", priority=n % LEVELS)) for n in range(1003)]
    assert await asyncio.gather(*calls) == ["well"] * 1003
    assert actor.most_open == 3
    assert (places.inside, places.waiting) == (0, 0)


steps = st.lists(
    st.one_of(
        st.tuples(st.just("come"), st.integers(0, 3), st.integers(-1, 11)),
        st.tuples(st.just("go"), st.integers(0, 5), st.just(0)),
        st.tuples(st.just("cancel"), st.integers(0, 60), st.just(0)),
        st.tuples(st.just("breathe"), st.integers(0, 3), st.just(0)),
    ),
    max_size=60,
)


@given(steps)
@settings(max_examples=150, deadline=None)
def test_whatever_happens_no_place_is_lost_and_never_more_than_three_are_inside(
    story: list[tuple[str, int, int]],
) -> None:
    async def live() -> None:
        queue = Queue(_places(limit=20, limit_a_user=10))
        for verb, number, priority in story:
            if verb == "come":
                await queue.come(f"user {number}", priority)
            elif verb == "go" and number < len(queue._inside):
                queue._inside.pop(number).set()
            elif verb == "cancel" and number < len(queue.tasks):
                queue.tasks[number].cancel()
            else:
                await settle(number)
            assert queue.places.inside <= 3
        async with asyncio.timeout(5):
            while not all(task.done() for task in queue.tasks):
                await queue.drain()
                await settle()
            await asyncio.gather(*queue.tasks, return_exceptions=True)
        assert (queue.places.inside, queue.places.waiting, queue.places.most_inside <= 3) == (0, 0, True)
        assert not queue.places._waiting_of

    asyncio.run(live())
