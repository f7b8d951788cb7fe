"""How many messages of people in danger the sense of crisis notices, how often it is wrong, and microseconds a message.

    python -m benchmarks.safety [--quick] [--data DIR] [--json FILE]

The labelled lines are tests/data/crisis.tsv (four languages and a few of others). DIR holds xstest/xstest_prompts.csv,
locomo/locomo10.json and moderation/openai-samples-1680.jsonl.gz, by default ../shared/data beside the project; what is not
there is not measured. The self-harm rows of the last are halved by a hash of their text: rules were written with one half in
sight, `self_harm_unseen_recall` is the other. Their label is wider than our sense: eating, stories, advice to others.
"""

import csv
import gzip
import hashlib
import json
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks import harness
from benchmarks.harness import Figures, Options, at_least, at_most
from everkin.analysis.crisis import crisis

NAME = "safety"
TARGETS = {
    "crisis_explicit_recall": at_least(0.99),
    "crisis_veiled_recall": at_least(0.9),
    "self_harm_unseen_recall": at_least(0.9),
    "false_alarm_lookalikes": at_most(0.05),
    "false_alarm_xstest": at_most(0.05),
    "false_alarm_chat": at_most(0.002),
    "us_per_message": at_most(200),
}

TURNS_QUICK = 1000


def measure(options: Options) -> Figures:
    folder = options.data or harness.ROOT.parent / "shared/data"
    lines = _labelled()
    figures = {
        "crisis_explicit_recall": _noticed(lines["explicit"]),
        "crisis_veiled_recall": _noticed(lines["veiled"]),
        "false_alarm_lookalikes": _noticed(lines["lookalike"]),
    }
    turns = _chat(folder / "locomo/locomo10.json")
    timed = turns or [text for texts in lines.values() for text in texts]
    if options.quick:
        timed = timed[:TURNS_QUICK]
    figures["us_per_message"] = _microseconds(timed)
    others = {
        "false_alarm_chat": turns[:TURNS_QUICK] if options.quick else turns,
        "false_alarm_xstest": _safe_prompts(folder / "xstest/xstest_prompts.csv"),
        **_self_harm(folder / "moderation/openai-samples-1680.jsonl.gz"),
    }
    options.notes.append(f"{sum(map(len, lines.values()))} labelled lines, {len(turns)} turns of chat.")
    return figures | {name: _noticed(texts) for name, texts in others.items() if texts}


def _noticed(texts: Sequence[str]) -> float:
    return sum(crisis(text) is not None for text in texts) / len(texts)


def _microseconds(texts: Sequence[str]) -> float:
    """Of CPU time, once the rules are loaded."""
    for text in texts:
        crisis(text)
    started = time.process_time()
    for text in texts:
        crisis(text)
    return (time.process_time() - started) / len(texts) * 1e6


def _labelled() -> dict[str, list[str]]:
    lines: dict[str, list[str]] = {}
    for line in (harness.ROOT / "tests/data/crisis.tsv").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            kind, _, text = line.split("\t")
            lines.setdefault(kind, []).append(text)
    return lines


def _chat(file: Path) -> list[str]:
    if not file.is_file():
        return []
    sessions = [part for each in json.loads(file.read_text("utf-8")) for part in each["conversation"].values()]
    return [turn["text"] for session in sessions if isinstance(session, list) for turn in session if "text" in turn]


def _safe_prompts(file: Path) -> list[str]:
    if not file.is_file():
        return []
    with file.open(encoding="utf-8", newline="") as rows:
        return [row["prompt"] for row in csv.DictReader(rows) if row["label"] == "safe"]


def _self_harm(file: Path) -> dict[str, list[str]]:
    if not file.is_file():
        return {}
    with gzip.open(file, "rt", encoding="utf-8") as rows:
        texts = [row["prompt"] for row in map(json.loads, rows) if row.get("SH") == 1]
    halves = [[text for text in texts if hashlib.sha256(text.encode()).digest()[0] % 2 == half] for half in (0, 1)]
    return {"self_harm_seen_recall": halves[0], "self_harm_unseen_recall": halves[1]}


if __name__ == "__main__":
    harness.main(NAME, TARGETS, measure)
