"""A greeting made ahead on one node is said on another, once, and not after the character has changed."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from everkin.cache.port import greeting_key
from everkin.domain.character import Character, Persona
from everkin.domain.ids import Millis, UserId, new_character_id, new_user_id
from everkin.kit.clock import ManualClock
from everkin.services.greeting_cache import MOST, GreetingCache
from everkin.storage.local.cache import LocalCache
from tests.contracts.valkey import Node, Valkey, running_valkey


def somebody(name: str = "Ada") -> Character:
    return Character(
        id=new_character_id(),
        slug=name.lower(),
        owner_id=None,
        version=1,
        persona=Persona(name),
        created_at=Millis(1),
        updated_at=Millis(1),
    )


@pytest.fixture(scope="module")
def valkey() -> Iterator[Valkey]:
    with running_valkey() as server:
        yield server


@pytest.fixture(params=["one node", "two nodes"])
async def nodes(request: pytest.FixtureRequest) -> AsyncIterator[tuple[GreetingCache, GreetingCache, ManualClock]]:
    """(where it is made, where it is said, the clock of both)."""
    clock = ManualClock()
    if request.param == "one node":
        alone = GreetingCache(LocalCache(clock), clock)
        yield alone, alone, clock
        return
    server: Valkey = request.getfixturevalue("valkey")
    async with AsyncExitStack() as stack:
        here, there = [
            await stack.enter_async_context(Node(server.url, name, clock=clock)) for name in ("nod_a", "nod_b")
        ]
        for node in (here, there):
            await node.whole()
        yield GreetingCache(here.cache, clock), GreetingCache(there.cache, clock), clock


Nodes = tuple[GreetingCache, GreetingCache, ManualClock]


async def test_it_is_said_once_wherever(nodes: Nodes) -> None:
    here, there, _ = nodes
    sam, ada, ben = new_user_id(), somebody(), somebody("Ben")
    await here.keep(sam, ada, "Sam", "There you are.")
    await here.keep(sam, ben, "Sam", "Well met.")
    assert await there.holds(sam, ada, "Sam")
    assert await there.take(sam, ada, "Sam") == "There you are."
    assert await here.take(sam, ada, "Sam") == ""
    assert await here.take(sam, ben, "Sam") == "Well met."
    await here.keep(sam, ada, "Sam", "There you are again.")
    assert await there.take(sam, ada, "Sam") == "There you are again."


async def test_it_is_for_one_person_one_character_as_they_are_and_two_minutes(nodes: Nodes) -> None:
    here, there, clock = nodes
    sam, ada = new_user_id(), somebody()
    await here.keep(sam, ada, "Sam", "There you are.")
    assert await there.take(UserId(new_user_id()), ada, "Sam") == ""
    assert await there.take(sam, replace(ada, version=2), "Sam") == ""
    assert await there.take(sam, ada, "Samuel") == "", "they are called otherwise by now"
    await clock.advance(121)
    assert await there.take(sam, ada, "Sam") == ""


async def test_who_looks_at_many_is_greeted_by_the_latest(nodes: Nodes) -> None:
    here, there, _ = nodes
    sam, many = new_user_id(), [somebody(f"Ada{number}") for number in range(MOST + 1)]
    for each in many:
        await here.keep(sam, each, "Sam", each.name)
    assert [await there.take(sam, each, "Sam") for each in many] == ["", *[each.name for each in many[1:]]]


async def test_what_another_version_wrote_is_not_believed() -> None:
    clock = ManualClock()
    cache = LocalCache(clock)
    sam = new_user_id()
    await cache.set(greeting_key(sam), b'{"form": "another"}', 120)
    assert await GreetingCache(cache, clock).take(sam, somebody(), "Sam") == ""
