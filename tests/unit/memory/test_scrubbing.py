"""One pass for all who forget before it begins; nobody waits for ever, and nothing owed is dropped."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from everkin.domain.errors import StorageUnavailable
from everkin.domain.memory import Scrubbed
from everkin.kit.tasks import Tasks
from everkin.memory import scrubbing
from everkin.memory.scrubbing import Scrubbing

PATIENCE = 10.0
"""Seconds after which a test that hangs is given up."""


class Files:
    """A record whose passes end when the test says so. `owes`: the last erasure; `done`: up to where passes were finished."""

    def __init__(self) -> None:
        self.owes = 1
        self.done = 0
        self.begun = 0
        self.away = False
        self.may_end = asyncio.Event()

    async def owed(self) -> int:
        return self.owes if self.owes > self.done else 0

    async def scrub(self) -> Scrubbed:
        self.begun += 1
        await self.may_end.wait()
        if self.away:
            raise StorageUnavailable()
        return Scrubbed(pages=5, odd=1)

    async def settle(self, number: int) -> None:
        self.done = number


@pytest.fixture
def files() -> Files:
    return Files()


@pytest.fixture
async def scrub(files: Files, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scrubbing]:
    monkeypatch.setattr(scrubbing, "REST", 0.0)
    monkeypatch.setattr(scrubbing, "RETRY", (0.0,))
    tasks = Tasks("test")
    async with asyncio.timeout(PATIENCE):
        yield Scrubbing(files, None, tasks)
        await tasks.close()


async def until_begun(files: Files, count: int) -> None:
    while files.begun < count:
        await asyncio.sleep(0)


async def test_who_forgets_while_a_pass_runs_waits_for_the_next_one(files: Files, scrub: Scrubbing) -> None:
    first = scrub.soon()
    await until_begun(files, 1)
    later = [scrub.soon(), scrub.soon()]
    files.owes = 2
    files.may_end.set()
    assert await first
    assert not later[0].done()
    assert [await each for each in later] == [True, True]
    assert (files.begun, files.done, scrub.passes) == (2, 2, 2)
    assert (scrub.pages, scrub.odd, scrub.left) == (10, 2, ())


async def test_patience_ends_and_the_pass_does_not(
    files: Files, scrub: Scrubbing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scrubbing, "PATIENCE", 0.0)
    assert not await scrub.done()
    assert scrub.pending == 1
    files.may_end.set()
    while scrub.pending:
        await asyncio.sleep(0)
    assert files.done == 1


async def test_a_pass_that_failed_is_done_again(files: Files, scrub: Scrubbing) -> None:
    files.away = True
    files.may_end.set()
    assert not await scrub.soon()
    await until_begun(files, 3)
    files.away = False
    while scrub.pending:
        await asyncio.sleep(0)
    assert files.done == 1
    assert scrub.failures >= 2


async def test_an_index_that_is_away_keeps_it_owed(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scrubbing, "RETRY", (0.0,))
    files.may_end.set()

    class Index:
        away = True

        async def scrub(self) -> Scrubbed:
            if self.away:
                raise StorageUnavailable()
            return Scrubbed(("the server's own folder",))

    index, tasks = Index(), Tasks("test")
    scrub = Scrubbing(files, index, tasks)
    async with asyncio.timeout(PATIENCE):
        assert not await scrub.soon()
        assert files.done == 0
        index.away = False
        while scrub.pending:
            await asyncio.sleep(0)
    assert (files.done, scrub.left) == (1, ("the server's own folder",))
    await tasks.close()


async def test_the_end_of_the_process_does_not_wait_until_a_pass_is_tried_again(
    files: Files, scrub: Scrubbing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scrubbing, "RETRY", (3600.0,))
    files.away = True
    files.may_end.set()
    assert not await scrub.soon()
    assert scrub.pending == 1
    scrub.finish()
    while scrub.pending:
        await asyncio.sleep(0)
    assert (files.begun, files.done) == (1, 0)
