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


def test_it_replays_a_conversation_turn_by_turn(tokens: ModuleType, tmp_path: Path) -> None:
    lines = [
        {"speaker": "Ann" if place % 2 == 0 else "Bea", "text": f"Line {place} of many. " * 4} for place in range(240)
    ]
    talk = {"speaker_a": "Ann", "speaker_b": "Bea", "session_1": lines[:100], "session_2": lines[100:]}
    (tmp_path / tokens.FILE).write_text(json.dumps([{"conversation": talk, "session_summary": {}}]))
    harness = importlib.import_module("benchmarks.harness")
    options = harness.Options(data=tmp_path)
    figures = tokens.measure(options)
    assert figures["turns"] == 120
    assert 0.3 < figures["token_reduction"] < 1
    assert 0.8 < figures["prefix_reuse"] < 1
    assert figures["noted_prefix_reuse"] < figures["prefix_reuse"]
    assert "no recall" in options.notes[0]


def test_a_common_prefix_is_counted_in_bytes(tokens: ModuleType) -> None:
    assert tokens.common_prefix(b"abcd", b"abXd") == 2
    assert tokens.common_prefix(b"ab", b"abcd") == 2
    assert tokens.common_prefix(b"", b"abcd") == 0
    assert tokens.as_template(Prompt((PromptMessage("user", "é"),))).count(b"\xc3\xa9") == 1
