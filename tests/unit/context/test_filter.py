"""Only what the character said twice, or said without saying anything, leaves the window."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everkin.context.filter import without_redundant
from everkin.context.scene import Speech

NEWEST = "And now the kettle is on."


def kept(*own_lines: str) -> list[str]:
    """What stays of the character's `own_lines`, each answered by the person, before a newest one that stays anyway."""
    lines: list[Speech] = []
    for text in (*own_lines, NEWEST):
        lines.append(Speech(len(lines) + 1, False, "Sam", "Go on."))
        lines.append(Speech(len(lines) + 1, True, "Mira", text))
    stayed = without_redundant(lines)
    assert [line.text for line in stayed if not line.own] == ["Go on."] * (len(own_lines) + 1)
    assert stayed[-1].text == NEWEST
    return [line.text for line in stayed if line.own][:-1]


@pytest.mark.parametrize(
    "repeat",
    [
        "I missed you. How was your day?",
        "i missed you! how was your day?",
        "Oh, I really missed you... So, how was your day?",
        "*smiles softly* I missed you. How was your day?",
    ],
)
def test_a_repeat_goes_and_the_first_of_its_kind_stays(repeat: str) -> None:
    first = "I missed you. How was your day?"
    assert kept(first, repeat, "It rained here.") == [first, "It rained here."]


def test_contractions_do_not_hide_a_repeat() -> None:
    assert kept("I'm glad that you are here.", "I am glad that you’re here.") == ["I'm glad that you are here."]


def test_a_long_run_out_of_an_earlier_line_is_a_repeat() -> None:
    first = "The suitcase on the top shelf is green, and nobody has ever come to ask for it."
    assert kept(first, "Nobody has ever come.", "On the top shelf is green and nobody has ever come.") == [
        first,
        "Nobody has ever come.",
    ]


@pytest.mark.parametrize(
    "other",
    [
        "I do not love the sea at night.",
        "Do I love the sea at night?",
        "I do love the sea at night?",
        "I do love the lake at night.",
        "I do love the sea at 9.",
        "*takes the key* I do love the sea at night.",
    ],
)
def test_one_new_word_is_enough_to_stay(other: str) -> None:
    first = "I do love the sea at night."
    assert kept(first, other) == [first, other]


def test_short_answers_stay_however_often() -> None:
    assert kept("Yes.", "Yes.", "No, never.", "No, never.") == ["Yes.", "Yes.", "No, never.", "No, never."]


def test_one_courtesy_is_enough() -> None:
    assert kept(
        "You're welcome, Sam!", "My pleasure!", "*nods* Happy to help. Let me know if you need anything else."
    ) == ["You're welcome, Sam!"]


def test_a_courtesy_with_something_to_say_stays() -> None:
    said = "You're welcome. The trombone is yours if you can play it."
    assert kept("You're welcome!", said) == ["You're welcome!", said]


def test_agreement_is_not_a_courtesy() -> None:
    assert kept("Sure!", "Sure!", "Of course, my dear.") == ["Sure!", "Sure!", "Of course, my dear."]


def test_gestures_alone_go_and_deeds_stay() -> None:
    assert kept(
        "*smiles*", "*She looks away, blushing slightly.*", "*takes the key*", "*nods* Upstairs.", "...", "❤️"
    ) == [
        "*takes the key*",
        "*nods* Upstairs.",
        "...",
        "❤️",
    ]


def test_the_line_that_is_being_answered_stays_even_as_a_repeat() -> None:
    lines = [Speech(seq, seq % 2 == 0, "Mira", "How was your day by the sea?") for seq in range(1, 7)]
    assert [line.seq for line in without_redundant(lines)] == [1, 2, 3, 5, 6]


def test_two_characters_may_say_the_same() -> None:
    lines = [Speech(seq, True, "Mira" if seq % 2 else "Ebo", "There is a storm coming.") for seq in range(1, 7)]
    assert [line.seq for line in without_redundant(lines)] == [1, 2, 5, 6]


SAYINGS = [
    "Yes.",
    "*smiles*",
    "You're welcome!",
    "I missed you. How was your day?",
    "I missed you! How was your day",
    "",
]
LINES = st.lists(st.tuples(st.booleans(), st.sampled_from(SAYINGS) | st.text(max_size=60)), max_size=30)


def speeches(lines: list[tuple[bool, str]]) -> list[Speech]:
    return [Speech(seq, own, "Mira" if own else "Sam", text) for seq, (own, text) in enumerate(lines, 1)]


@given(LINES)
def test_whatever_is_said_the_person_loses_nothing_and_order_stays(lines: list[tuple[bool, str]]) -> None:
    heard = speeches(lines)
    stayed = without_redundant(heard)
    assert [line for line in stayed if not line.own] == [line for line in heard if not line.own]
    assert sorted(stayed, key=lambda line: line.seq) == stayed
    assert set(stayed) <= set(heard)
    assert without_redundant(heard) == stayed


@given(LINES, LINES)
def test_what_is_said_later_takes_nothing_back(lines: list[tuple[bool, str]], later: list[tuple[bool, str]]) -> None:
    heard = speeches(lines + later)
    answered = max((line.seq for line in heard[: len(lines)] if line.own), default=0)
    before = [line for line in without_redundant(heard[: len(lines)]) if line.seq != answered]
    after = [line for line in without_redundant(heard) if line.seq <= len(lines) and line.seq != answered]
    assert before == after
