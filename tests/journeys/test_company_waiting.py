"""Three people and two characters before a real server: a round is one call, and each reply its character's message."""

from pathlib import Path

from benchmarks import company


async def test_a_round_is_one_call_and_every_reply_is_its_characters_message(tmp_path: Path) -> None:
    script = company.Script(first=0.0, pace=0.0, words=5)
    taken = await company.played(tmp_path, rounds=3, script=script, ways=("together", "one_by_one"))
    assert taken["together"].calls == 3
    assert taken["one_by_one"].calls == 9
    assert [each.misplaced for each in taken.values()] == [0, 0]
    assert all(len(each.wholes) == len(each.firsts) == 3 for each in taken.values())
