"""The estimate of tokens stays near what real tokenizers count."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everkin.llm.tokens import EstimateCounter, estimate


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("", 1, 1),
        ("Hello there, my name is Daniel and I work as a nurse in Leeds.", 14, 22),
        ("Bonjour, je m'appelle Élodie et j'habite à Besançon.", 13, 22),
        ("Привет, меня зовут Аня и я живу в Москве.", 11, 24),
        ("こんにちは、私の名前はダニエルです。", 9, 22),
        ("你好，我叫丹尼尔，是一名护士。", 9, 18),
        ("안녕하세요, 제 이름은 다니엘입니다.", 9, 24),
        ("😀😀😀", 4, 9),
    ],
)
def test_it_is_near_for_every_script(text: str, least: int, most: int) -> None:
    assert least <= estimate(text) <= most


@given(st.text(), st.text())
def test_more_text_is_never_fewer_tokens(text: str, more: str) -> None:
    assert estimate(text + more) >= estimate(text)


async def test_the_counter_answers_in_order() -> None:
    assert await EstimateCounter().count(["a", "a" * 400]) == [1, 101]
