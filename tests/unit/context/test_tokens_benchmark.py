"""The tokens benchmark measures what it says, and says kindly what it lacks."""

import importlib
import json
from pathlib import Path
from types import ModuleType

import pytest

from everkin.domain.prompt import Prompt, PromptMessage

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def tokens(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """benchmarks/ is no part of the package, so it is not on the path by itself."""
    monkeypatch.syspath_prepend(str(ROOT))
    return importlib.import_module("benchmarks.tokens")


def test_without_its_data_it_says_where_to_put_it(
    tokens: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    harness = importlib.import_module("benchmarks.harness")
    with pytest.raises(SystemExit) as ended:
        harness.main(tokens.NAME, tokens.TARGETS, tokens.measure, ["--data", str(tmp_path)])
    assert ended.value.code == 2
    assert "--data DIR" in capsys.readouterr().err


def test_it_replays_a_conversation_turn_by_turn_with_what_it_recalls(tokens: ModuleType, tmp_path: Path) -> None:
    if not tokens.MiniLm.is_installed():
        pytest.skip("the embedder is not installed")
    lines = [
        {
            "speaker": "Ann" if place % 2 == 0 else "Bea",
            "dia_id": f"D1:{place}",
            "text": f"Evening {place}: my boat number {place} has left the harbour, {place % 7} of the crew were singing.",
        }
        for place in range(240)
    ]
    lines[2]["text"] = "I gave my violin to the ferryman of Skagen."
    said = {"speaker_a": "Ann", "speaker_b": "Bea", "session_1": lines, "session_1_date_time": "1:00 pm on 3 May, 2026"}
    asked = [
        {"question": "Which ferryman got the violin Ann gave away in Skagen?", "evidence": ["D1:2"], "category": 4}
    ]
    (tmp_path / "locomo10.json").write_text(json.dumps([{"conversation": said, "qa": asked}]))
    harness = importlib.import_module("benchmarks.harness")
    figures = tokens.measure(harness.Options(data=tmp_path))
    assert figures["turns"] == 120
    assert 0.3 < figures["token_reduction"] < 1
    assert figures["prefix_reuse"] < figures["bare_prefix_reuse"] < 1
    assert figures["evidence_in_prompt"] == figures["questions"] == 1


def test_a_common_prefix_is_counted_in_bytes(tokens: ModuleType) -> None:
    assert tokens.common_prefix(b"abcd", b"abXd") == 2
    assert tokens.common_prefix(b"ab", b"abcd") == 2
    assert tokens.common_prefix(b"", b"abcd") == 0
    assert tokens.as_template(Prompt((PromptMessage("user", "é"),))).count(b"\xc3\xa9") == 1
