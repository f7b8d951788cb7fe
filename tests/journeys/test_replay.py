"""A part of the thousand messages: some calls are saved, and no answer is stale or somebody else's."""

from dataclasses import replace
from pathlib import Path

from benchmarks import replay


async def test_a_reader_of_the_script_finds_no_stale_and_no_crossed_answer(tmp_path: Path) -> None:
    heard = await replay.replayed(tmp_path, replay.read_script()[:240])
    figures = replay.figures_of(heard)
    assert len(heard.told) == 240
    assert (figures["stale"], figures["crossed"]) == (0, 0)
    assert figures["answered_again"] >= 3
    assert figures["calls"] + figures["answered_again"] == 240


def test_the_script_is_a_thousand_messages_mostly_of_their_own() -> None:
    said = [line for line in replay.read_script() if line.kind != "card"]
    assert len(said) == 1000
    assert len({line.text for line in said}) >= 350
    assert len({line.where for line in said}) == 9
    assert {line.kind for line in said} == {"greeting", "standing", "other"}


async def test_the_judge_sees_what_must_not_be(tmp_path: Path) -> None:
    """A judge who finds nothing has to be shown something."""
    heard = await replay.replayed(tmp_path, replay.read_script()[:40])
    again = next(told for told in heard.told if not told.line.text.startswith("Good"))
    others = next(told for told in heard.told if told.line.where != again.line.where)
    heard.told.append(replace(again, place=len(heard.told)))
    assert len(replay.stale(heard)) == 1
    assert replay.crossed(heard) == []
    heard.told.append(replace(others, place=len(heard.told), number=again.number))
    assert len(replay.crossed(heard)) == 1
