"""How much of the dialogue is in sight."""

from hypothesis import given
from hypothesis import strategies as st

from everkin.context.budget import MARK, Budget, shortened
from everkin.context.scene import Speech
from everkin.context.window import Window, window_that_fits


def cost(text: str) -> int:
    return len(text) // 4 + 1


def dialogue(count: int, length: int = 40) -> list[Speech]:
    return [
        Speech(seq, seq % 2 == 0, "Ada" if seq % 2 == 0 else "Sam", f"line {seq} ".ljust(length, "."))
        for seq in range(1, count + 1)
    ]


def window(lines: list[Speech], room: int = 4000, reserve: int = 0, budget: Budget | None = None) -> Window:
    return window_that_fits(lines, room, reserve, budget or Budget(), cost)


def test_it_grows_to_twenty_and_steps_back_to_eleven() -> None:
    sizes = [len(window(dialogue(count)).lines) for count in range(1, 45)]
    assert sizes[:20] == list(range(1, 21))
    assert sizes[20:40] == [*range(11, 21), *range(11, 21)]


def test_when_fewer_fit_the_newest_four_stay_in_sight() -> None:
    for count in range(30, 60):
        for most in range(1, 20):
            seen = window(dialogue(count), room=most * 15)
            assert max(min(4, most), most * 2 // 5) <= len(seen.lines) <= most
            assert seen.lines[-1].seq == count


def test_when_fewer_fit_the_start_still_rests_for_some_turns() -> None:
    begins = [window(dialogue(count), room=12 * 15).begins for count in range(31, 91, 2)]
    assert len(set(begins)) <= len(begins) / 2


def test_the_newest_four_may_use_what_is_reserved_for_notes_and_older_ones_may_not() -> None:
    assert len(window(dialogue(40), room=4 * 15, reserve=4 * 15).lines) == 4
    assert len(window(dialogue(40), room=8 * 15, reserve=4 * 15).lines) == 4
    assert len(window(dialogue(5), room=12 * 15, reserve=6 * 15).lines) == 5


def test_a_very_long_older_message_is_shortened_in_its_middle_rather_than_hiding_what_was_before_it() -> None:
    lines = dialogue(8)
    essay = "It began in Trieste. " + "The wind was strong. " * 300 + "So I stayed."
    lines[3] = Speech(4, True, "Ada", essay)
    lines[4] = Speech(5, False, "Sam", essay)
    seen = window(lines, room=1200).lines
    assert [line.seq for line in seen] == list(range(1, 9))
    for line in seen[3:5]:
        assert line.text.startswith("It began in Trieste.")
        assert line.text.endswith("So I stayed.")
        assert MARK in line.text
        assert cost(line.text) <= Budget().tokens / 8


def test_what_is_being_answered_is_shown_longer_than_what_was_before_it() -> None:
    tale = "The wind was strong. " * 100
    lines = [Speech(1, False, "Sam", tale), Speech(2, True, "Ada", tale)]
    first, second = window(lines).lines
    assert MARK in first.text
    assert second.text == tale


def test_redundant_lines_are_left_out_and_not_paid_for() -> None:
    lines = dialogue(6)
    lines[1] = Speech(2, True, "Ada", "*smiles*")
    seen = window(lines)
    assert [line.seq for line in seen.lines] == [1, 3, 4, 5, 6]
    assert seen.begins == 1
    assert seen.cost == 5 * 15


def test_nothing_fits_nothing_is_shown() -> None:
    assert window(dialogue(4), room=3) == Window((), None, 0)
    assert window([]) == Window((), None, 0)


@given(st.text(max_size=3000), st.integers(-5, 700))
def test_shortening_keeps_within_its_room(text: str, room: int) -> None:
    short = shortened(text, room, cost)
    assert not short or cost(short) <= room
    assert short == text or not short or MARK in short


@given(
    room=st.integers(0, 900),
    reserve=st.integers(0, 400),
    messages=st.integers(1, 41),
    lengths=st.lists(st.integers(1, 2500), max_size=60),
)
def test_whatever_is_heard_it_fits_and_ends_with_the_newest(
    room: int, reserve: int, messages: int, lengths: list[int]
) -> None:
    lines = [Speech(seq, seq % 2 == 0, "Ada", "word " * (length // 5 + 1)) for seq, length in enumerate(lengths, 1)]
    seen = window(lines, room, reserve, Budget(2000, messages))
    assert seen.cost <= room
    assert len(seen.lines) <= messages
    assert not seen.lines or seen.lines[-1].seq == lines[-1].seq
    people = [line.seq for line in lines if not line.own and seen.begins is not None and line.seq >= seen.begins]
    assert [line.seq for line in seen.lines if not line.own] == people
