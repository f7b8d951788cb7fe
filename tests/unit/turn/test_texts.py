import pytest
from hypothesis import given
from hypothesis import strategies as st

from everkin.domain.errors import EmptyText, Invalid, TooLong
from everkin.turn.validation import check_client_id, check_text, storable, title_from


@pytest.mark.parametrize(
    "text", ["\U0001f98a fox", "שלום עולם", "e\u0301", "  padded  ", "\u200dzero\u200dwidth", "x" * 2000]
)
def test_any_unicode_passes_untouched(text: str) -> None:
    assert check_text(text, 2000) is text


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", EmptyText),
        (" \n\t", EmptyText),
        ("\u200b\u2060\n", EmptyText),
        ("a\0b", Invalid),
        ("\ud800", Invalid),
        ("x" * 2001, TooLong),
    ],
)
def test_what_cannot_be_kept_is_refused(text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        check_text(text, 2000)


def test_the_limit_is_told() -> None:
    with pytest.raises(TooLong) as refused:
        check_text("x" * 2001, 2000)
    assert refused.value.limit == 2000
    assert "2001" in refused.value.sentence


@pytest.mark.parametrize("client_id", ["", "x" * 65, "a\0"])
def test_client_ids_have_a_shape(client_id: str) -> None:
    with pytest.raises(Invalid):
        check_client_id(client_id)


@given(st.text(st.characters(blacklist_categories=())))
def test_whatever_a_model_says_can_be_stored(text: str) -> None:
    kept = storable(text)
    assert "\0" not in kept
    kept.encode()


def test_titles_are_cut_between_words() -> None:
    assert title_from("  Hello\n there ") == "Hello there"
    long = title_from("I have been thinking about the sea, and about the winter that I spent there")
    assert long == "I have been thinking about the sea, and about…"
