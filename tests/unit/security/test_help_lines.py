"""Where to find help: the country's numbers in the message's language, and always findahelpline.com."""

import pytest

from everkin.security.help_lines import countries, help_sentence, languages


@pytest.mark.parametrize("language", ["", "xx", *languages()])
@pytest.mark.parametrize("house", ["", "en", "xx", "en-ZZ", *(f"en-{country}" for country in countries())])
def test_every_sentence_ends_with_findahelpline_and_names_its_country(house: str, language: str) -> None:
    text, locale = help_sentence(house, language)
    assert text.endswith("findahelpline.com")
    assert "{" not in text
    country = house.partition("-")[2]
    if country in countries():
        assert countries()[country].split(" / ")[0] in text
        assert locale.endswith(country)
    assert locale.partition("-")[0] == (language if language in languages() else "en")


@pytest.mark.parametrize(
    ("house", "language", "expected"),
    [
        ("en-US", "en", ["988 (call or text)", "911"]),
        ("en-CA", "fr", ["Si tu penses", "988", "911"]),
        ("en-GB", "", ["116 123 (Samaritans)", "999"]),
        ("en-IE", "en", ["116 123 (Samaritans)", "112"]),
        ("de-DE", "de", ["Wenn du", "0800 111 0 111", "116 123", "112"]),
        ("de-AT", "en", ["If you", "142", "112"]),
        ("de-CH", "de", ["143", "112"]),
        ("fr-FR", "fr", ["3114", "112"]),
        ("es-ES", "es", ["024", "112"]),
        ("", "de", ["Deutschland: 0800 111 0 111 oder 116 123", "Österreich: 142", "Schweiz: 143"]),
        ("", "ja", ["119"]),
        ("de", "", ["Wenn du"]),
    ],
)
def test_the_sentence_of_a_place(house: str, language: str, expected: list[str]) -> None:
    text = help_sentence(house, language).text
    assert [each for each in expected if each not in text] == []
