"""All the senses at once."""

from hypothesis import given, settings
from hypothesis import strategies as st

from everkin.analysis.intent import Intent
from everkin.analysis.message_analysis import MessageAnalysis, analyse
from everkin.analysis.signs import Feeling


def test_a_message_is_read_by_every_sense() -> None:
    reading = analyse("*hugs you* I missed you so much, I was so sad!")
    assert reading.emotion.kind is Feeling.SAD
    assert reading.intent is Intent.ROLEPLAY_ACTION
    assert 1 <= reading.nsfw_level <= 2
    assert reading.language == "en"


def test_english_weights_do_not_judge_other_languages() -> None:
    assert analyse("der Zug fährt um fünf Uhr nach Hamburg und ich bin im Büro").emotion.kind is Feeling.NEUTRAL


@settings(deadline=None)  # the first message of a process loads weights and rules
@given(st.text(alphabet=st.characters(), max_size=200))
def test_nothing_a_person_can_type_breaks_it(text: str) -> None:
    assert analyse(text) == analyse(text)
    assert isinstance(analyse(text), MessageAnalysis)
