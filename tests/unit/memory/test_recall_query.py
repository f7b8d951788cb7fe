"""What is looked for, read out of what is said."""

import pytest

from everkin.domain.ids import Millis
from everkin.memory.recall.query import RecallRequest, read
from everkin.memory.recall.terms import terms
from tests.unit.memory.recall_scene import asked


def test_names_of_those_who_talk_are_left_out_and_tell_whom_it_is_about() -> None:
    query = read(asked("When did Mira paint the barn?"))
    assert query.words == tuple(terms("paint barn"))
    assert query.speakers == {"mira"}
    assert query.said == "I paint the barn"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Do you remember what my sister is called?", "my sister is called"),
        ("What is your favourite food?", "my favourite food"),
        ("I had soup today.", "I had soup today."),
    ],
)
def test_a_question_is_turned_into_how_its_answer_was_said(text: str, said: str) -> None:
    assert read(asked(text)).said.rstrip(".") == said.rstrip(".")


def test_a_message_that_leans_on_the_window_takes_it_along() -> None:
    query = read(asked("And what was her name?", window=["I met a dentist at the party."]))
    assert "dentist" in query.context
    assert terms("dentist")[0] in {word for word, _ in query.around}
    assert read(asked("Where did my cousin repair the wooden boat?", window=["Nice weather."])).context == ""


def test_the_window_counts_less_the_further_back() -> None:
    weights = dict(read(asked("And then?", window=["A parrot.", "A lawnmower."])).around)
    assert weights["parrot"] < weights[terms("lawnmower")[0]]


@pytest.mark.parametrize(
    "text", ["Hey!", "Good morning, did you sleep well?", "Thank you so much!", "lol", "Good night x", "👍"]
)
def test_small_talk_is_idle(text: str) -> None:
    assert read(asked(text)).idle


@pytest.mark.parametrize(
    "text", ["Where did I live before?", "What was my old job?", "Did I use to smoke? I used to, right?"]
)
def test_the_past_is_noticed(text: str) -> None:
    assert read(asked(text)).past


def test_a_day_is_a_span_of_one_day() -> None:
    query = read(RecallRequest("What did I do on 3 May 2023?", Millis(1_700_000_000_000), frozenset()))
    assert query.months == {5}
    assert [(span.end - span.start) for span in query.spans] == [86_400_000]


@pytest.mark.parametrize(
    "text",
    ["What on 31 February 2023?", "on 31 June", "99 May 2023", "\ud800 what", "", "?" * 5000, "在北京的时候我做什么"],
)
def test_anything_can_be_asked(text: str) -> None:
    read(asked(text))


@pytest.mark.parametrize(
    ("one", "two"),
    [("painting", "painted"), ("cities", "city"), ("running", "ran"), ("Café", "cafe"), ("wolves'", "wolves")],
)
def test_forms_of_a_word_are_one(one: str, two: str) -> None:
    assert terms(one) == terms(two)
