"""The language of short chat lines, and silence where none shows."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everkin.analysis.language import language

SET = Path(__file__).parents[2] / "data" / "languages.tsv"
LABELLED = [line.split("\t") for line in SET.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("part", ["tuned", "kept"])
def test_languages_are_recognised(part: str) -> None:
    rows = [(text, code) for name, code, text in LABELLED if name == part]
    right = sum(language(text) == code for text, code in rows)
    assert right / len(rows) >= 0.95


@pytest.mark.parametrize("text", ["", "ok", "😂😂", "12:30", "?!", "Mira", "*"])
def test_what_has_no_language_gets_none(text: str) -> None:
    assert language(text) == ""


def test_a_foreign_name_does_not_turn_english_into_another_language() -> None:
    assert language("I had coffee with José and Zoë in Köln today") == "en"


@given(st.text(alphabet=st.characters(), max_size=300))
def test_any_text_has_a_code_or_none(text: str) -> None:
    code = language(text)
    assert code == "" or (len(code) == 2 and code.islower())
    assert language(text) == code
