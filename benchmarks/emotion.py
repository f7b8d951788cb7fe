"""The feeling of a message: ours, a keyword regex and VADER on the test split of GoEmotions, and microseconds a message. Beside it
how often intent, language and NSFW level are right (benchmarks/data/senses.py).

    python -m benchmarks.emotion [--data DIR] [--json FILE]

DIR holds test.tsv and labels.txt of the GoEmotions release; by default ../shared/data/goemotions beside the project. How its
labels become five feelings is in benchmarks/data/goemotions.py. VADER (package vaderSentiment) is left out where it is not
installed; it only knows good and bad, so its bad is taken as angry, the commoner of our two, and it never says flirty.
"""

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import mean
from typing import TypeVar

from benchmarks import harness
from benchmarks.data.goemotions import Comment, clear, read
from benchmarks.data.senses import others
from benchmarks.harness import Figures, Options, at_least, at_most, percentile
from benchmarks.peers import keywords
from everkin.analysis import emotion, phrase_network
from everkin.analysis.features import words
from everkin.analysis.message_analysis import analyse as read_message
from everkin.analysis.signs import KINDS, Feeling

NAME = "emotion"
TARGETS = {
    "macro_f1": at_least(0.60),
    "times_keywords_ratio": at_least(2.0),
    "p50_us": at_most(500),
}

MILDER = (("annoyance", "anger"), ("approval", "excitement"), ("disappointment", "sadness"))
"""Labels of the same feeling, the milder first; intensity should tell them apart."""

T = TypeVar("T")
Feel = Callable[[str], Feeling]


def measure(options: Options) -> Figures:
    folder = options.data or harness.ROOT.parent / "shared/data/goemotions"
    comments, love = _read(folder), _read(folder, all_love=True)
    known = clear(comments)
    texts, truth = [text for text, _ in known], [felt for _, felt in known]
    figures = _ours(texts, truth)
    figures |= _peers(texts, truth, options)
    figures["times_keywords_ratio"] = figures["macro_f1"] / figures["keywords_macro_f1"]
    whole = clear(love)
    figures["all_love_macro_f1"] = mean(f1([felt for _, felt in whole], [_unaimed(text) for text, _ in whole]).values())
    keyworded = f1([felt for _, felt in whole], [keywords.feel(text) for text, _ in whole])
    figures["all_love_keywords_macro_f1"] = mean(keyworded.values())
    figures["intensity_stronger_ratio"] = mean(_stronger(comments, mild, strong) for mild, strong in MILDER)
    figures["comments"] = len(known)
    figures |= others(folder.parent / "moderation")
    options.notes.append(
        f"{len(comments) - len(known)} of {len(comments)} comments mean two feelings and are left out. "
        "all_love: every comment labelled love counts as flirty, none as happy."
    )
    return figures


def _read(folder: Path, *, all_love: bool = False) -> list[Comment]:
    try:
        return read(folder, "test", all_love=all_love)
    except FileNotFoundError:
        print(
            f"GoEmotions is not in {folder}. Put test.tsv and labels.txt of its release there, or say where with --data DIR.",
            file=sys.stderr,
        )
        raise SystemExit(2) from None


def _ours(texts: Sequence[str], truth: Sequence[Feeling]) -> Figures:
    emotion.weights()
    phrase_network.shipped()
    found, times = _timed(lambda text: emotion.feel(text).kind, texts)
    each = f1(truth, found)
    figures = {"macro_f1": mean(each.values())} | {f"{felt}_f1": value for felt, value in each.items()}
    figures |= {"p50_us": percentile(times, 0.5), "p99_us": percentile(times, 0.99)}
    _, all_senses = _timed(read_message, texts)
    return figures | {"read_p50_us": percentile(all_senses, 0.5), "read_p99_us": percentile(all_senses, 0.99)}


def _peers(texts: Sequence[str], truth: Sequence[Feeling], options: Options) -> Figures:
    peers: dict[str, Feel] = {"keywords": keywords.feel}
    try:
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

        peers["vader"] = _vader(SentimentIntensityAnalyzer())
    except ImportError:
        options.notes.append("VADER is not installed (pip install vaderSentiment); its figures are missing.")
    figures: Figures = {}
    for name, feel in peers.items():
        found, times = _timed(feel, texts)
        figures[f"{name}_macro_f1"] = mean(f1(truth, found).values())
        figures[f"{name}_p50_us"] = percentile(times, 0.5)
    return figures


def _vader(analyzer: object) -> Feel:
    def feel(text: str) -> Feeling:
        compound = analyzer.polarity_scores(text)["compound"]  # type: ignore[attr-defined]
        return Feeling.HAPPY if compound >= 0.05 else Feeling.ANGRY if compound <= -0.05 else Feeling.NEUTRAL

    return feel


def _unaimed(text: str) -> Feeling:
    """As `feel`, but fondness is flirty whomever it is for."""
    return KINDS[emotion.chosen(emotion.scored(text, words(text)), emotion.weights().tilt)]


def _stronger(comments: Sequence[Comment], mild: str, strong: str) -> float:
    """How often a comment with the stronger label, and not the milder, is more intense than the other way round; 0.5 is chance."""
    milder = [emotion.feel(one.text).intensity for one in comments if mild in one.labels and strong not in one.labels]
    stronger = [emotion.feel(one.text).intensity for one in comments if strong in one.labels and mild not in one.labels]
    return mean((a > b) + (a == b) / 2 for a in stronger for b in milder)


def f1(truth: Sequence[Feeling], found: Sequence[Feeling]) -> dict[Feeling, float]:
    """F1 of each feeling; one that is neither there nor found counts as 0."""
    scores = {}
    for kind in KINDS:
        right = sum(a is b is kind for a, b in zip(truth, found, strict=True))
        wrong = sum((a is kind) != (b is kind) for a, b in zip(truth, found, strict=True))
        scores[kind] = 2 * right / (2 * right + wrong) if right + wrong else 0.0
    return scores


def _timed(do: Callable[[str], T], texts: Sequence[str]) -> tuple[list[T], list[float]]:
    """Results, and microseconds of each; every text once, so that caches begin cold."""
    results, times = [], []
    for text in texts:
        began = time.perf_counter_ns()
        results.append(do(text))
        times.append((time.perf_counter_ns() - began) / 1000)
    return results, times


if __name__ == "__main__":
    harness.main(NAME, TARGETS, measure)
