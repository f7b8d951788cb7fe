"""What a person would miss if the feeling of their message were read wrongly."""

import zlib
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everkin.analysis import features, phrase_network
from everkin.analysis.emotion import FAINT, NO_EMOTION, Emotion, feel, weights
from everkin.analysis.signs import KINDS, Feeling
from everkin.analysis.weights import Weights, packed, unpacked

MESSAGES = {
    Feeling.HAPPY: [
        "I got the job!!!",
        "thank you so much",
        "haha that's great",
        "I can't wait to see you",
        "not bad",
        ":)",
        "🎉",
    ],
    Feeling.SAD: [
        "I feel so alone tonight",
        "my dog died yesterday",
        "I failed my exam",
        "nobody loves me",
        ":(",
        "😭😭",
    ],
    Feeling.ANGRY: ["you are so annoying", "I hate you", "that's not fair", "leave me alone", "😡"],
    Feeling.FLIRTY: ["I love you", "kiss me", "you're cute", "hey sexy", "<3", "you look so hot tonight 😏", "😘"],
    Feeling.NEUTRAL: ["The meeting is at five.", "what time is it?", "ok", "", "   ", "…", "12", "\u200d\ufe0f"],
}


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in MESSAGES.items() for text in texts])
def test_plain_messages_are_felt(kind: Feeling, text: str) -> None:
    assert feel(text).kind is kind


@pytest.mark.parametrize(
    ("said", "denied"),
    [
        ("I'm happy", "I'm not happy"),
        ("I'm sad", "I'm not sad"),
        ("I am angry", "I am not angry at all"),
        ("I love you", "I don't love you"),
        ("kiss me", "never kiss me"),
    ],
)
def test_a_negation_turns_the_feeling(said: str, denied: str) -> None:
    assert feel(said).kind is not feel(denied).kind


def test_not_happy_is_sad_and_never_happier_is_happy() -> None:
    assert feel("I'm not happy").kind is Feeling.SAD
    assert feel("I've never been happier").kind is Feeling.HAPPY
    assert feel("I've never been so happy").kind is Feeling.HAPPY
    assert feel("I was never this sad").kind is Feeling.SAD


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("can't stop crying", Feeling.SAD),
        ("I cannot stop crying", Feeling.SAD),
        ("I couldn’t help crying", Feeling.SAD),
        ("I can't stop feeling sad", Feeling.SAD),
        ("I can't help being angry", Feeling.ANGRY),
        ("I can't stop smiling", Feeling.HAPPY),
    ],
)
def test_what_cannot_be_stopped_or_helped_is_not_denied(text: str, kind: Feeling) -> None:
    assert feel(text).kind is kind


def test_what_cannot_be_stopped_ends_with_the_sentence() -> None:
    assert feel("I can't stop. I'm not sad").kind is not Feeling.SAD


@pytest.mark.parametrize(
    "text",
    [
        "((OOC: brb, dinner))",
        "(OOC: brb, dinner)",
        "((brb, getting food))",
        "OOC: be right back",
        "// phone is ringing, one minute",
        "((sorry, dinner is ready))",
        "OOC: can we skip to the next day?",
        "[OOC: good, let's skip ahead]",
        "((ok, done, where were we?))",
    ],
)
def test_business_out_of_character_is_felt_as_nothing(text: str) -> None:
    assert feel(text) == NO_EMOTION


def test_a_feeling_told_out_of_character_is_still_felt() -> None:
    assert feel("((OOC: I love this story so much, thank you!!))").kind is Feeling.HAPPY
    assert feel("ooc: I'm really sad today").kind is Feeling.SAD


def test_a_question_about_the_listener_is_no_feeling_of_the_speaker() -> None:
    assert feel("are you sad?") == NO_EMOTION


def test_fondness_for_things_is_not_flirting() -> None:
    assert feel("I love pizza").kind is Feeling.HAPPY
    assert feel("I love this city").kind is Feeling.HAPPY


@pytest.mark.parametrize(("weaker", "stronger"), [
    ("I'm happy", "I'm so happy"),
    ("I'm happy", "I'm happy!!!"),
    ("I'm so sad", "I'M SO SAD"),
    ("I'm a bit sad", "I'm sad"),
    ("I'm happy", "I'm sooooo happy"),
    ("😭", "😭😭😭"),
])  # fmt: skip
def test_loud_is_more_intense_than_plain_and_plain_than_hedged(weaker: str, stronger: str) -> None:
    assert feel(weaker).kind is feel(stronger).kind
    assert feel(weaker).intensity < feel(stronger).intensity


def test_a_plain_statement_of_feeling_is_strong_enough_to_colour_a_reply() -> None:
    assert feel("I'm happy").intensity > FAINT
    assert feel("I'm sad").intensity > FAINT


@pytest.mark.parametrize("text", ["ich bin so traurig", "estoy muy triste", "je suis triste"])
def test_other_languages_are_read_by_their_signs(text: str) -> None:
    assert feel(text, english=False).kind is Feeling.SAD


def test_the_end_of_a_long_letter_counts() -> None:
    middle = "The report has four parts. " * 400
    assert feel(middle + "I am so sad and lonely. I can't stop crying. " * 12).kind is Feeling.SAD


@pytest.mark.parametrize(("ending", "kind"), [
    ("Thank you so much, I am so happy and grateful!", Feeling.HAPPY),
    ("I miss my mother so much. I feel so alone and so sad.", Feeling.SAD),
    ("And then he lied to me again. I hate him, I am furious!", Feeling.ANGRY),
])  # fmt: skip
def test_a_long_neutral_letter_is_felt_by_its_last_lines(ending: str, kind: Feeling) -> None:
    letter = "On Monday we took the train to the office and read the plan for the new road. " * 12
    assert feel(letter).kind is Feeling.NEUTRAL
    assert feel(letter + ending).kind is kind


def test_work_is_bounded_whatever_the_length() -> None:
    long = "word " * 200_000
    assert len(features.clip(long)) <= features.READ_AT_MOST + 1
    assert feel(long) == feel(features.clip(long))


@given(st.text(alphabet=st.characters(), max_size=300) | st.text(alphabet="no t'hapysd!?😭<3:()*", max_size=60))
def test_any_text_gives_the_same_answer_in_range(text: str) -> None:
    found = feel(text)
    assert isinstance(found, Emotion)
    assert found.kind in KINDS
    assert 0.0 <= found.intensity <= 1.0
    assert (found.kind is Feeling.NEUTRAL) == (found.intensity == 0.0)
    assert feel(text) == found
    assert 0.0 <= feel(text, english=False).intensity <= 1.0


def test_the_order_of_words_counts() -> None:
    asked, told = (
        phrase_network.shipped().scores(features.words(text)) for text in ("are you happy now", "now you are happy")
    )
    assert asked != told


def test_shipped_networks_are_small_and_whole() -> None:
    data = files("everkin.analysis").joinpath("emotion_net.weights").read_bytes()
    assert len(data) < 1_400_000
    assert phrase_network.packed(phrase_network.unpacked(data)) == data


@pytest.mark.parametrize("damage", ["cut", "empty", "version", "short", "garbled"])
def test_networks_that_do_not_fit_are_refused_with_a_sentence(damage: str) -> None:
    data = files("everkin.analysis").joinpath("emotion_net.weights").read_bytes()
    broken = {
        "cut": data[:-40],
        "empty": b"",
        "version": data[:8] + b"\xff\xff" + data[10:],
        "short": data[: phrase_network.HEAD.size] + zlib.compress(b"\0\0\0\0"),
        "garbled": data[:40] + b"\0" * 40 + data[80:],
    }[damage]
    with pytest.raises(ValueError, match=r"weights of the senses"):
        phrase_network.unpacked(broken)


def test_shipped_weights_are_small_and_whole() -> None:
    data = packed(weights())
    assert len(data) < 1_000_000
    again = unpacked(data)
    assert again.table == weights().table
    assert again.tilt == weights().tilt


@pytest.mark.parametrize("damage", ["cut", "version", "empty", "garbled"])
def test_weights_that_do_not_fit_are_refused_with_a_sentence(damage: str) -> None:
    small = Weights(4, 1.0, (0.1,) * 5, (0.0,) * 5, (0.0,) * 5, memoryview(bytes(80)).cast("b"))
    data = packed(small)
    broken = {
        "cut": data[:40],
        "version": b"EVKNSENS\xff\xff" + data[10:],
        "empty": b"",
        "garbled": data[:-9] + b"\0" * 9,
    }[damage]
    with pytest.raises(ValueError, match=r"weights of the senses"):
        unpacked(broken)
