"""One account sends what is made to hold the house up; everybody else is served, and its memory goes on."""

import asyncio
import gc
import time
from asyncio.events import Handle
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from everkin.domain.errors import EmptyText
from everkin.turn.validation import check_text
from tests.contracts.upstream import DONE, USAGE, piece, sends
from tests.cpu_time import TRIES
from tests.hostile_texts import MESSAGE, texts
from tests.journeys.memory_house import MemoryHouse, open_memory_house

MOST_MS = 20.0
"""CPU time of the event loop's thread between two looks at whoever else is waiting."""

SENT = 60
WORST = (
    *(f"only {name}" for name in ("CHARACTER TABULATION", "NO-BREAK SPACE", "U+0009", "U+000A")),
    "'I live in', then", "',' over and over", "' ,' over and over", "'now ' over and over", "' and I' over and over", "'(' over and over",
    "10 May 1999",
)  # fmt: skip


def chosen() -> list[str]:
    """The worst known, and some of everything else."""
    made = list(texts())
    worst = [text for about, text in made if about.strip("'").startswith(tuple(each.strip("'") for each in WORST))]
    return [text for text in [*worst, *(text for _, text in made[:: len(made) // SENT])] if _is_taken(text)]


def _is_taken(text: str) -> bool:
    try:
        return bool(check_text(text, MESSAGE))
    except EmptyText:
        return False


@contextmanager
def measured_callbacks() -> Iterator[list[tuple[float, str]]]:
    """(CPU milliseconds, what it was) of each callback of the event loop. No garbage is collected meanwhile."""
    taken: list[tuple[float, str]] = []
    plainly = Handle._run

    def measuring(handle: Handle) -> Any:
        began = time.thread_time()
        try:
            return plainly(handle)
        finally:
            taken.append(((time.thread_time() - began) * 1000, repr(handle)[:300]))

    gc.disable()
    Handle._run = measuring  # type: ignore[method-assign]
    try:
        yield taken
    finally:
        Handle._run = plainly  # type: ignore[method-assign]
        gc.enable()


async def sends_all(house: MemoryHouse, said: Sequence[str]) -> list[tuple[float, str]]:
    sam = await house.owner()
    chat = await house.begin(sam, await house.character(sam))
    await house.say(sam, chat, "My name is Daniel and I live in Leeds. What do you do?")
    await house.settle()
    with measured_callbacks() as taken:
        for text in said:
            await house.say(sam, chat, text)
        await house.settle()
    return taken


async def test_no_message_keeps_the_event_loop_from_the_others(tmp_path: Path) -> None:
    """A text that seems slow is sent again, since another program may have been in the way; it has to be slow each time."""
    async with open_memory_house(tmp_path, summary_every=10) as house:
        slow = chosen()
        for _ in range(TRIES):
            taken = await sends_all(house, slow)
            if max(taken)[0] <= MOST_MS:
                break
        assert max(taken)[0] <= MOST_MS, max(taken)
        sam = await house.owner()
        ada = await house.character(sam)
        chat = await house.begin(sam, ada)
        await house.say(sam, chat, "I work as a nurse in Leeds.")
        await house.settle()
        assert "works as a nurse in Leeds" in await house.texts(sam, ada)


async def test_what_is_read_in_steps_is_read_once_and_teaches_the_same(tmp_path: Path) -> None:
    """Short answers need the question before them, which an earlier step has read; after a new start it is read again."""
    said = ("Hello there.", "Daniel.", "34", "In Leeds", "a cat called Biscuit", "I love chess")
    handler = sends(
        piece("I see. What's your name? How old are you? Where do you live? Do you have any pets?"),
        piece(finish="stop"), USAGE, DONE,
    )  # fmt: skip

    async def learnt(folder: str, *, settle: bool, anew: bool) -> set[str]:
        async with open_memory_house(tmp_path / folder, answer=handler) as house:
            sam = await house.owner()
            ada = await house.character(sam)
            chat = await house.begin(sam, ada)
            for text in said[:3]:
                await house.say(sam, chat, text)
                await (house.settle() if settle else asyncio.sleep(0))
            clock = house.clock
            if not anew:
                for text in said[3:]:
                    await house.say(sam, chat, text)
                    await (house.settle() if settle else asyncio.sleep(0))
            await house.settle()
            assert (await house.figures())["scenes_read_again"] == 0
            known = await house.texts(sam, ada)
        if anew:
            async with open_memory_house(tmp_path / folder, clock=clock, answer=handler) as house:
                for text in said[3:]:
                    await house.say(sam, chat, text)
                    await house.settle()
                assert (await house.figures())["scenes_read_again"] == 1
                known = await house.texts(sam, ada)
        return known

    at_once = await learnt("once", settle=False, anew=False)
    assert "is called Daniel" in at_once
    assert await learnt("steps", settle=True, anew=False) == at_once
    assert await learnt("anew", settle=True, anew=True) == at_once
