"""Whose words are whose."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everkin.turn.multi_speaker import SpeakerSplitter


def told(names: list[str], *pieces: str) -> list[str]:
    script = SpeakerSplitter(names)
    said = [""] * len(names)
    for speaker, text in [part for piece in pieces for part in script.take(piece)] + script.rest():
        said[speaker] += text
    return said


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("Hello there", "Hello there"),
        ("  \n Hello", "Hello"),
        ("Mira: The lamp is lit", "The lamp is lit"),
        ("**Mira:** The lamp", "The lamp"),
        ("Mira: Mira: no", "Mira: no"),
        ("Mind the step", "Mind the step"),
        ("Mira", "Mira"),
        ("Mira smiles: yes", "Mira smiles: yes"),
        ("Mira:", ""),
        ("*Mira nods* Well\n\nthen.\n", "*Mira nods* Well\n\nthen."),
    ],
)
def test_one_speaker_loses_only_the_label(text: str, heard: str) -> None:
    assert told(["Mira"], text) == [heard]
    assert told(["Mira"], *text) == [heard]


def test_several_speakers_get_their_own_lines() -> None:
    text = "Mira: Good evening.\n*pours tea*\nEbo: Eat first!\n\nMira: He means it.\n"
    assert told(["Mira", "Ebo"], text) == ["Good evening.\n*pours tea*\nHe means it.", "Eat first!"]
    assert told(["Mira", "Ebo"], *text) == told(["Mira", "Ebo"], text)


def test_a_name_within_a_line_changes_nothing() -> None:
    assert told(["Mira", "Ebo"], "Mira: I told Ebo: no.") == ["I told Ebo: no.", ""]


def test_what_is_surely_speech_is_told_at_once() -> None:
    assert SpeakerSplitter(["Mira"]).take("G") == [(0, "G")]


@given(st.lists(st.sampled_from(["Mira", "Ebo", ":", " ", "\n", "*", "word", "M", "x"]), max_size=40), st.data())
def test_the_pieces_in_which_text_comes_make_no_difference(words: list[str], data: st.DataObject) -> None:
    text = "".join(words)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    pieces = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    whole = told(["Mira", "Ebo"], text)
    assert told(["Mira", "Ebo"], *pieces) == whole
    letters = "".join(whole).replace("Mira", "").replace("Ebo", "").split()
    assert "".join(letters).replace(":", "").replace("*", "") == "".join(
        text.replace("Mira", "").replace("Ebo", "").replace(":", "").replace("*", "").split()
    )
