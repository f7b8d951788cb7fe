"""Greetings by rule: who is new hears the first message, who is known is known."""

from dataclasses import replace

import pytest

from everkin.characters import load_starters
from everkin.domain.character import Persona
from everkin.services.greeting_text import DAY, HOUR, Meeting, greet, how_long, welcome_back

ADA = Persona(
    name="Ada",
    first_message="*wipes her hands* Hello {{user}}, I'm Ada. Who sent you to the engine room?",
    alternate_greetings=("Mind the steam.", "I'm Ada. Hand me the spanner, {{user}}."),
)


def test_a_first_meeting_is_the_first_message_word_for_word() -> None:
    assert greet(ADA, Meeting("Sam")) == "*wipes her hands* Hello Sam, I'm Ada. Who sent you to the engine room?"


def test_somebody_known_is_named_told_how_long_it_was_and_hears_another_opening() -> None:
    first, second = (greet(ADA, Meeting("Sam", 3 * DAY, count)) for count in (0, 1))
    assert first == "Sam! It has been three days.\n\nMind the steam."
    assert second == "Good to see you again, Sam. It has been three days.\n\nHand me the spanner, Sam."


def test_without_other_openings_only_the_stage_of_the_first_is_kept() -> None:
    plain = replace(ADA, alternate_greetings=())
    assert greet(plain, Meeting("Sam", 8 * DAY)) == "*wipes her hands* Sam! It has been a week."
    assert "engine room" not in greet(plain, Meeting("Sam", HOUR))


@pytest.mark.parametrize(("slug", "persona"), load_starters())
def test_every_starter_welcomes_and_nobody_introduces_themselves_twice(slug: str, persona: Persona) -> None:
    for count in range(6):
        said = greet(persona, Meeting("Robin", 2 * DAY, count))
        assert "Robin" in said
        assert "two days" in said.lower()
        assert f"I'm {persona.name}" not in said
        assert said != greet(persona, Meeting("Robin"))
    assert "Robin" in welcome_back(persona, Meeting("Robin", 2 * DAY))


def test_a_character_of_another_language_keeps_their_own_words() -> None:
    ines = Persona(name="Inés", first_message="Hola, ¿qué tal estás? Soy Inés y esta es mi casa.")
    assert greet(ines, Meeting("Sam", DAY)) == ines.first_message
    assert welcome_back(ines, Meeting("Sam", DAY)) == ""
    assert (
        greet(replace(ines, alternate_greetings=("Otra vez tú, {{user}}.",)), Meeting("Sam", DAY))
        == "Otra vez tú, Sam."
    )


def test_a_character_who_leaves_the_first_word_to_others_still_does() -> None:
    assert greet(Persona(name="Ada"), Meeting("Sam")) == ""
    assert greet(Persona(name="Ada"), Meeting("Sam", DAY)) == ""


def test_who_writes_small_welcomes_small() -> None:
    tala = Persona(name="tala", first_message="ok so. where do i hide the plant")
    assert greet(tala, Meeting("Sam", 400 * DAY, 2)) == "a year, Sam. i noticed."


def test_names_with_braces_are_only_names() -> None:
    assert "{0} {{char}}" in greet(ADA, Meeting("{0} {{char}}", DAY))


@pytest.mark.parametrize(
    ("away", "said"),
    [(0, "a moment"), (HOUR, "an hour"), (7 * HOUR, "a few hours"), (DAY, "a day"), (6 * DAY, "six days"),
     (15 * DAY, "two weeks"), (70 * DAY, "two months"), (365 * DAY, "a year"), (365 * 40 * DAY, "40 years")],
)  # fmt: skip
def test_time_is_told_as_people_tell_it(away: int, said: str) -> None:
    assert how_long(away) == said
