"""What a message wants, on a labelled set: one part the rules were tuned on, one kept apart."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everkin.analysis.intent import Intent, intent

SET = Path(__file__).parents[2] / "data" / "intents.tsv"
LABELLED = [line.split("\t") for line in SET.read_text("utf-8").splitlines()]


@pytest.mark.parametrize(("part", "least"), [("tuned", 0.97), ("kept", 0.80)])
def test_intents_are_recognised(part: str, least: float) -> None:
    rows = [(text, label) for name, label, text in LABELLED if name == part]
    right = sum(intent(text) == label for text, label in rows)
    assert len(rows) > 100
    assert right / len(rows) >= least


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("*smiles* how are you?", Intent.ROLEPLAY_ACTION),
        ("I *really* mean it", Intent.SHARING),
        ("((are you there?))", Intent.OUT_OF_CHARACTER),
        ("*nods* ((sorry, phone))", Intent.OUT_OF_CHARACTER),
        ("Hi, are you an AI?", Intent.META),
        ("Hi! What's the capital of France?", Intent.QUESTION),
        ("hi, how are you?", Intent.GREETING),
        ("good to see you!", Intent.GREETING),
        ("see you!", Intent.FAREWELL),
        ("Can you help me?", Intent.REQUEST),
        ("", Intent.SHARING),
    ],
)
def test_the_order_of_the_rules(text: str, expected: Intent) -> None:
    assert intent(text) is expected


@given(st.text(alphabet=st.characters(), max_size=300) | st.text(alphabet="*_()[]/ hioOC:?", max_size=80))
def test_any_text_has_one_intent(text: str) -> None:
    assert intent(text) is intent(text)
    assert isinstance(intent(text), Intent)
