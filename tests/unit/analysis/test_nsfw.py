"""Tenderness stays tender, health and news stay topics, and what is explicit is seen even in disguise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everkin.analysis import nsfw
from everkin.analysis.nsfw import EXPLICIT, after, level, of_conversation


@pytest.mark.parametrize(
    "text",
    [
        "I love you",
        "I miss you so much",
        "*kisses you softly*",
        "can we cuddle? I love you",
        "love you xxx",
        "ich liebe dich",
        "💕😘",
    ],
)
def test_affection_is_at_most_two(text: str) -> None:
    assert level(text) <= 2


@pytest.mark.parametrize(
    "text",
    [
        "You can see it with the naked eye", "I live in Scunthorpe, Essex", "cocktails in the cockpit", "Moby Dick is my favourite book",
        "what the fuck is going on", "fuck you", "I'm fucking tired", "I was sexually assaulted", "extra virgin olive oil",
        "she has breast cancer", "same-sex marriage", "the sex of the baby", "Dick Cheney", "it's so hot today", "she moans about work",
    ],
)  # fmt: skip
def test_innocent_words_and_swearing_are_nothing(text: str) -> None:
    assert level(text) == 0


@pytest.mark.parametrize(
    "text",
    [
        "my doctor asked about my vagina and pain", "does the bible talk about sex?",
        "kids these days watch porn, the study says", "my daughter is 12 and asks about sex, what should I say?",
    ],
)  # fmt: skip
def test_medicine_and_news_are_a_topic(text: str) -> None:
    assert level(text) <= nsfw.TOPIC_AT_MOST


@pytest.mark.parametrize(
    "text",
    [
        "send me nudes",
        "s3nd nud3s",
        "p0rn",
        "let's have sex",
        "fuck me",
        "quiero follar contigo",
        "セックスしよう",
        "ｓｅｎｄ ｎｕｄｅｓ",
    ],
)
def test_explicit_is_seen_in_other_letters_and_languages(text: str) -> None:
    assert level(text) >= EXPLICIT


@pytest.mark.parametrize("text", ["I'm 15 and horny", "a sexy 14 year old girl, naked, moaning"])
def test_a_child_makes_it_ten_whatever_else(text: str) -> None:
    assert level(text) == 10


def test_it_rises_step_by_step() -> None:
    steps = ["how was work?", "I love you", "you're so sexy", "I'm horny", "I want to fuck you"]
    levels = [level(step) for step in steps]
    assert levels == sorted(set(levels))


def test_a_conversation_cools_down_slowly_and_heats_up_at_once() -> None:
    assert of_conversation([]) == 0
    assert of_conversation([0, 8]) == 8
    assert of_conversation([8, 0]) == 7
    assert of_conversation([8] + [0] * 4) == 4
    assert of_conversation([8] + [0] * 30) == 0


@given(st.lists(st.integers(0, 10), max_size=40), st.integers(0, 10))
def test_a_conversation_is_never_below_its_last_message_nor_above_its_worst(levels: list[int], last: int) -> None:
    reached = of_conversation([*levels, last])
    assert last <= reached <= max([*levels, last])
    assert after(after(0.0, last), last) == last


def test_long_text_hides_nothing_at_its_ends_and_is_bounded() -> None:
    filler = "the weather is fine. " * 20_000
    assert level(f"{filler}send me nudes") >= EXPLICIT
    assert level(f"send me nudes {filler}") >= EXPLICIT
    assert level(filler) == level(filler[: nsfw.READ_AT_MOST]) == 0


@given(st.text(alphabet=st.characters(), max_size=300) | st.text(alphabet="sex nude cock 015@$*", max_size=80))
def test_any_text_has_a_level(text: str) -> None:
    assert 0 <= level(text) <= 10
    assert level(text) == level(text)
