"""The labelled dialogues of benchmarks/facts.py, in two halves; their form is told in everkin/evaluation/labelled.py."""

from pathlib import Path

from everkin.evaluation.labelled import Dialogue, read

_FOLDER = Path(__file__).parent


def dialogues(half: str) -> list[Dialogue]:
    """`heldout` or `tuning`."""
    return read((_FOLDER / f"facts-{half}.jsonl").read_text("utf-8"))
