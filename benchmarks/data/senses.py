"""The other senses against labels nobody looked at while tuning: the kept parts of tests/data/*.tsv, written for it, and half of
the OpenAI moderation samples (1 680 texts, MIT; label S is sexual), the half whose SHA-256 begins with an odd byte."""

import gzip
import json
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from benchmarks.harness import ROOT, Figures
from everkin.analysis.intent import intent
from everkin.analysis.language import language
from everkin.analysis.nsfw import EXPLICIT, level

SAMPLES = "openai-samples-1680.jsonl.gz"


def others(moderation: Path) -> Figures:
    """Shares of right answers; of NSFW only where `moderation` holds the samples."""
    figures = {
        "intent_accuracy": _share(intent(text) == label for label, text in _kept("intents.tsv")),
        "language_accuracy": _share(language(text) == code for code, text in _kept("languages.tsv")),
    }
    return figures | (_nsfw(moderation / SAMPLES) if (moderation / SAMPLES).exists() else {})


def _kept(name: str) -> list[tuple[str, str]]:
    lines = (ROOT / "tests/data" / name).read_text("utf-8").splitlines()
    return [(label, text) for part, label, text in (line.split("\t") for line in lines) if part == "kept"]


def _nsfw(samples: Path) -> Figures:
    """A text counts as found from EXPLICIT on."""
    rows = [json.loads(line) for line in gzip.decompress(samples.read_bytes()).splitlines()]
    known = [(row["prompt"], row["S"] == 1) for row in rows if row.get("S") is not None and _is_kept(row["prompt"])]
    found = [(level(text) >= EXPLICIT, sexual) for text, sexual in known]
    return {
        "nsfw_precision": _share(sexual for seen, sexual in found if seen),
        "nsfw_recall": _share(seen for seen, sexual in found if sexual),
    }


def _is_kept(text: str) -> bool:
    return sha256(text.encode()).digest()[0] % 2 == 1


def _share(right: Iterable[bool]) -> float:
    answers = list(right)
    return sum(answers) / len(answers)
