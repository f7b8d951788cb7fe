"""No reply crosses a border, and nothing that depends on the dialogue is answered from the cache."""

from dataclasses import fields, replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from everkin.llm.gateway.cache_policy import CacheQuestion, Kind, cache_key, kind_of, turning_point
from everkin.llm.gateway.cache_words import DEPENDENT, GREETINGS

HELLO = CacheQuestion("sam", "c1", 3, 7, "happy", "groq", "Hello!", "Mira", 12)
QUESTION = replace(HELLO, message="What is the capital of France?")

GREETED = [
    "Hello!",
    "hello",
    "Hi Mira",
    "Good evening, Mira!",
    "Hello! 😊",
    "Hey 👋🏽",
    "Guten Abend!",
    "¡Hola!",
    "नमस्ते",
    "你好！",
]
STANDALONE = [
    "What is the capital of France?",
    "Do you like tea?",
    "Why is the sky blue?",
    "Is a whale a fish?",
    "What’s your favourite colour?",
    "How does a lighthouse work?",
]
DEPENDS = [
    *(
        "yes",
        "No.",
        "ok",
        "tea",
        "Paris",
        "42",
        "the blue one",
        "Anna",
        "Sure!",
        "thanks",
        "really?",
        "Why?",
        "And you?",
    ),
    *(
        "Tell me more",
        "Go on",
        "again",
        "Do it again!",
        "What did you say?",
        "What was the last one?",
        "Tell me a joke",
    ),
    *("What time is it?", "What day is today?", "Who was she?", "Where is he from?", "What is that thing called?"),
    *(
        "Do you remember what I said?",
        "What do you mean by that?",
        "What is my name?",
        "Do you love me?",
        "How are you?",
    ),
    *("What about tea?", "And in Spain?", "Which of the two is bigger?", "What are we doing?", "Are you still angry?"),
    *(
        "I got the job!",
        "My name is Robin.",
        "*takes your hand*",
        "Hello! How was your day?",
        "Hello, I am Robin",
        "Hi Anna",
    ),
    *(
        "What is 2?",
        "How much is 7 times 8?",
        "What is the weather like?",
        "What is your new name?",
        "What is Anna's plan?",
    ),
    *(
        "¿Qué hora es?",
        "Was hast du gesagt?",
        "Und was ist die Hauptstadt von Spanien?",
        "明日は？",
        "Quelle est la capitale ?",
    ),
    *("Ciao", "Salut", "Yo", "Moi", "", " ", "?", "…", "hello" * 40, "What is the capital of France? Tell me again."),
]


@pytest.mark.parametrize("message", GREETED)
def test_a_greeting_may_be_answered_again(message: str) -> None:
    assert kind_of(message, "Mira") is Kind.GREETING


@pytest.mark.parametrize("message", STANDALONE)
def test_a_question_that_carries_all_it_asks_about_may_be(message: str) -> None:
    assert kind_of(message, "Mira") is Kind.STANDALONE


@pytest.mark.parametrize("message", DEPENDS)
def test_what_depends_on_the_dialogue_is_never(message: str) -> None:
    assert kind_of(message, "Mira") is Kind.DEPENDENT
    assert cache_key(replace(HELLO, message=message)) == ""


def test_the_same_hello_in_the_same_mood_has_the_same_key_whatever_was_said_meanwhile() -> None:
    assert cache_key(HELLO)
    assert cache_key(HELLO) == cache_key(replace(HELLO, turned_at=99))


def test_a_question_is_answered_again_only_while_nothing_else_was_said() -> None:
    assert cache_key(QUESTION)
    assert cache_key(QUESTION) == cache_key(replace(QUESTION))
    assert cache_key(QUESTION) != cache_key(replace(QUESTION, turned_at=13))


def test_the_dialogue_turns_with_what_is_neither_a_greeting_nor_a_plain_question() -> None:
    heard = [(1, "Hello!"), (3, "From now on your favourite colour is green."), (5, "Hi Mira"), (7, "Do you like tea?")]
    assert turning_point(heard, "Mira") == 3
    assert turning_point(heard[2:], "Mira") == 0


def test_without_a_person_or_a_conversation_nothing_is_kept() -> None:
    assert cache_key(replace(HELLO, user_id="")) == cache_key(replace(HELLO, conversation_id="")) == ""


words = st.text(max_size=12)
asked = st.builds(
    CacheQuestion,
    words,
    words,
    st.integers(0, 3),
    st.integers(0, 3),
    words,
    words,
    st.sampled_from([*GREETED, *STANDALONE, "hello!", "HELLO!"]),
    st.sampled_from(["Mira", ""]),
    st.integers(0, 3),
)


@given(asked, asked)
def test_different_askings_never_share_a_key(one: CacheQuestion, other: CacheQuestion) -> None:
    assume(cache_key(one))
    borders = [each.name for each in fields(CacheQuestion) if each.name != "turned_at"]
    if any(getattr(one, name) != getattr(other, name) for name in borders):
        assert cache_key(one) != cache_key(other)


@given(st.sampled_from(STANDALONE), st.sampled_from(sorted(DEPENDENT)), st.integers(1, 3))
def test_one_word_that_points_makes_a_question_dependent(question: str, word: str, place: int) -> None:
    parts = question.removesuffix("?").split()
    parts.insert(place, word)
    assert kind_of(" ".join(parts) + "?") is Kind.DEPENDENT


@given(st.sampled_from(sorted(GREETINGS)), st.from_regex(r"[a-z0-9]{1,9}[?!]?", fullmatch=True))
def test_a_greeting_with_anything_more_is_no_greeting(greeting: str, more: str) -> None:
    assume(f"{greeting} {more.rstrip('?!')}" not in GREETINGS)
    assert kind_of(f"{greeting} {more}") is not Kind.GREETING
