"""Deltas: the first at once, then gathered, in order and without a gap."""

import asyncio

from everkin.kit.tasks import Tasks
from everkin.turn.delta_buffer import DeltaBuffer


async def told_of(pieces: list[str], interval: float) -> list[tuple[str, int]]:
    told: list[tuple[str, int]] = []

    async def tell(text: str, offset: int) -> None:
        await asyncio.sleep(0)
        told.append((text, offset))

    telling = DeltaBuffer(tell, interval, Tasks("test"))
    for piece in pieces:
        await telling.add(piece)
    await telling.flush()
    return told


async def test_the_first_piece_goes_out_alone_and_the_rest_together() -> None:
    assert await told_of(["One ", "two ", "three"], 60.0) == [("One ", 0), ("two three", 4)]


async def test_without_an_interval_every_piece_goes_out() -> None:
    assert await told_of(["a", "bc", "d"], 0.0) == [("a", 0), ("bc", 1), ("d", 3)]


async def test_offsets_count_code_points_and_leave_no_gap() -> None:
    pieces = ["\U0001f98a", "é", "שלום"] * 20
    told = await told_of(pieces, 0.0)
    assert "".join(text for text, _ in told) == "".join(pieces)
    assert [offset for _, offset in told] == [sum(len(text) for text, _ in told[:n]) for n in range(len(told))]


async def test_a_waiting_piece_goes_out_by_itself() -> None:
    arrived = asyncio.Event()

    async def tell(text: str, offset: int) -> None:
        if offset:
            arrived.set()

    telling = DeltaBuffer(tell, 0.001, Tasks("test"))
    await telling.add("a")
    await telling.add("b")
    await asyncio.wait_for(arrived.wait(), 5)
