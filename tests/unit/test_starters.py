"""The starter characters: six, whole, different from each other, and small enough for a small model."""

import re
import xml.etree.ElementTree as ElementTree

import pytest

from everkin.characters import avatar, load_starters
from everkin.domain.character import Persona

STARTERS = load_starters()
each_starter = pytest.mark.parametrize(("slug", "persona"), STARTERS, ids=[slug for slug, _ in STARTERS])

CHARS_PER_TOKEN = 3.6
"""Less than any model here measures for English prose, so the estimate errs on the high side."""


def tokens(*texts: str) -> float:
    return sum(len(text) for text in texts) / CHARS_PER_TOKEN


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it, 0 black to 1 white."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_six_come_and_mira_is_first() -> None:
    assert len(STARTERS) == 6
    assert STARTERS[0][0] == "mira"


def test_no_two_share_a_slug_a_name_an_accent_or_an_age() -> None:
    for values in (
        [slug for slug, _ in STARTERS],
        [persona.name for _, persona in STARTERS],
        [persona.accent for _, persona in STARTERS],
        [persona.age for _, persona in STARTERS],
    ):
        assert len(set(values)) == 6


def test_one_of_them_says_at_once_that_it_is_an_ai() -> None:
    assert [slug for slug, persona in STARTERS if "I'm an AI" in persona.first_message] == ["wren"]


@each_starter
def test_every_field_a_person_meets_is_filled(slug: str, persona: Persona) -> None:
    for text in (persona.name, persona.gender, persona.description, persona.scenario, persona.first_message):
        assert text
        assert text == text.strip()
    assert persona.tagline
    assert len(persona.tagline) <= 90
    assert len(persona.traits) >= 4
    assert len(persona.tags) >= 3
    assert persona.creator == "Everkin"
    assert persona.creator_notes
    assert persona.post_history_instructions
    assert 1 <= len(persona.alternate_greetings) <= 2
    assert persona.avatar == f"/avatars/{slug}.svg"
    assert 0 <= persona.talkativeness <= 1


@each_starter
def test_they_are_grown_up(slug: str, persona: Persona) -> None:
    assert persona.age is None or persona.age >= 21


@each_starter
def test_three_dialogues_show_the_voice(slug: str, persona: Persona) -> None:
    assert len(persona.example_dialogues) == 3
    for dialogue in persona.example_dialogues:
        speakers = [line.split(":", 1)[0] for line in dialogue.splitlines()]
        assert speakers == ["{{user}}", "{{char}}"] * (len(speakers) // 2)
        assert 4 <= len(speakers) <= 8


@each_starter
def test_greetings_invite_an_answer_without_asking_too_much(slug: str, persona: Persona) -> None:
    assert 1 <= persona.first_message.count("?") <= 2 or "think fast" in persona.first_message
    for greeting in (persona.first_message, *persona.alternate_greetings):
        assert "{{char}}" not in greeting
        assert greeting.count("*") % 2 == 0


@each_starter
def test_a_small_model_has_room_for_them(slug: str, persona: Persona) -> None:
    core = (persona.description, *persona.traits, persona.scenario)
    assert tokens(*core, persona.system_prompt, persona.post_history_instructions) <= 450
    for dialogue in persona.example_dialogues:
        assert tokens(dialogue) <= 120


@each_starter
def test_nobody_is_told_to_deny_being_an_ai(slug: str, persona: Persona) -> None:
    orders = f"{persona.description} {persona.system_prompt} {persona.post_history_instructions}".lower()
    for lie in ("is human", "never say", "not an ai", "deny"):
        assert lie not in orders


@each_starter
def test_the_accent_shows_on_light_and_on_dark(slug: str, persona: Persona) -> None:
    assert re.fullmatch(r"#[0-9A-F]{6}", persona.accent)
    light = luminance(persona.accent)
    assert (1 + 0.05) / (light + 0.05) >= 2.5
    assert (light + 0.05) / (luminance("#111318") + 0.05) >= 3


@each_starter
def test_the_portrait_is_a_small_clean_picture(slug: str, persona: Persona) -> None:
    image = avatar(slug)
    assert image is not None
    assert len(image) < 20_000
    root = ElementTree.fromstring(image)
    assert root.attrib["viewBox"] == "0 0 512 512"
    shapes = {"svg", "defs", "clipPath", "g", "path", "rect", "circle", "ellipse"}
    for element in root.iter():
        assert element.tag.removeprefix("{http://www.w3.org/2000/svg}") in shapes
        for name, value in element.attrib.items():
            assert not name.startswith("on")
            assert "href" not in name
            assert name != "style"
            assert "url(" not in value or re.fullmatch(rf"url\(#{slug}-[a-z]+\)", value)


@pytest.mark.parametrize(
    "name", ["nobody", "", ".", "..", "../mira", "mira.svg", "mira/../ebo", "/etc/passwd", "MIRA", "mira\n", "mira\x00"]
)
def test_no_other_name_finds_a_portrait(name: str) -> None:
    assert avatar(name) is None
