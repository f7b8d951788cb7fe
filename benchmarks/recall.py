"""Recall: does what answers a question come up? And how long does it take, with ten thousand and a hundred thousand memories?

    python -m benchmarks.recall [--quick] [--data DIR] [--json FILE]

DIR holds LoCoMo (locomo10.json, errors.json); by default ../shared/data/locomo beside the project. The shipped weights have never
seen it; loco_* is what the same ranker reaches when trained on nine of its conversations and asked about the tenth (--quick: two
of the ten). A figure is the mean share of a question's evidence among the first 5, 10, 20. Without the data only times are measured.
"""

import asyncio
import random
import time
from collections.abc import Callable, Sequence

import numpy as np

from benchmarks import harness
from benchmarks.data.locomo import CATEGORIES, Asking, Talk, read
from benchmarks.harness import Figures, Options, at_least, at_most, percentile
from everkin.domain.ids import CharacterId, Millis, UserId
from everkin.domain.memory import Embedded, Memory, MemoryKind, Pair
from everkin.memory.embedders.minilm import DIMENSION, MiniLm
from everkin.memory.embedders.minilm import NAME as EMBEDDER
from everkin.memory.recall import ranker
from everkin.memory.recall.in_memory import InMemorySources
from everkin.memory.recall.query import RecallRequest
from everkin.memory.recall.recaller import Recaller
from scripts.train_recall import Example, embedder, fitted, learnable, recall_at, table_of, weighed

NAME = "recall"
TARGETS = {
    "recall_at_10": at_least(0.80),
    "recall_at_5": at_least(0.72),
    "loco_recall_at_10": at_least(0.85),
    "p95_ms_10k": at_most(15),
    "p95_ms_100k": at_most(50),
    "index_ms_per_turn": at_most(8),
    "vs_mem0_search_time": at_most(0.02),
}

MEM0_SEARCH_MS = 8.2
"""mem0 2.2.1's search, embedding left out, measured once on this kind of machine."""

PAIR = Pair(CharacterId("character"), UserId("person"))
Answers = list[tuple[Talk, Asking, Example]]


def measure(options: Options) -> Figures:
    folder = options.data or harness.ROOT.parent / "shared/data/locomo"
    figures: Figures = {}
    try:
        figures |= _evidence(read(folder), options)
    except FileNotFoundError:
        options.notes.append(f"LoCoMo is not in {folder}: only times were measured. Say where it is with --data DIR.")
    return figures | asyncio.run(_times(options))


def _evidence(talks: Sequence[Talk], options: Options) -> Figures:
    embed, figures = embedder(), {}
    texts = [memory.text for talk in talks for memory in talk.memories]
    sample = texts[:: max(1, len(texts) // 200)]
    began = time.perf_counter()
    embed(sample)
    figures["index_ms_per_turn"] = (time.perf_counter() - began) / len(sample) * 1000
    tables = [(talk, table_of(talk, embed)) for talk in (talks[::3] if options.quick else talks)]
    answers: Answers = [
        (talk, asking, weighed(table, _asked(talk, asking), asking.evidence, embed))
        for talk, table in tables
        for asking in talk.questions
    ]
    shipped = ranker.shipped().with_meaning
    figures |= _shares(answers, shipped)
    by_words = [
        weighed(table, _asked(talk, asking), asking.evidence, embed, by_meaning=False)
        for talk, table in tables
        for asking in talk.questions
    ]
    figures["words_only_recall_at_10"] = recall_at(by_words, ranker.shipped().words_only, 10)
    return figures | _left_out(answers)


def _asked(talk: Talk, asking: Asking) -> RecallRequest:
    return RecallRequest(asking.text, talk.now, frozenset(), talk.names[0], talk.names[1])


def _shares(answers: Answers, weights: "np.ndarray[tuple[int], np.dtype[np.float32]]") -> Figures:
    figures: Figures = {}
    for limit in (5, 10, 20):
        figures[f"recall_at_{limit}"] = recall_at([example for _, _, example in answers], weights, limit)
    sound = [example for _, asking, example in answers if not asking.faulty]
    for limit in (5, 10):
        figures[f"sound_recall_at_{limit}"] = recall_at(sound, weights, limit)
    for number in CATEGORIES:
        chosen = [example for _, asking, example in answers if asking.category == number]
        figures[f"category_{number}_recall_at_10"] = recall_at(chosen, weights, 10)
    return figures | {"questions": len(answers), "sound_questions": len(sound)}


def _left_out(answers: Answers) -> Figures:
    """Trained on all conversations but one, asked about that one."""
    shares: dict[int, list[float]] = {5: [], 10: []}
    for number in sorted({talk.number for talk, _, _ in answers}):
        weights = fitted(
            [example for talk, _, example in answers if talk.number != number], learnable(True), rounds=250
        )
        apart = [example for talk, _, example in answers if talk.number == number]
        for limit, found in shares.items():
            found += [recall_at([example], weights, limit) for example in apart]
    return {f"loco_recall_at_{limit}": float(np.mean(found)) for limit, found in shares.items()}


async def _times(options: Options) -> Figures:
    figures: Figures = {}
    model = MiniLm(remembered=0)
    await model.embed(["warm"])
    for number, label in ((600, "600"), (10_000, "10k"), (100_000, "100k")):
        rounds = 40 if options.quick else 200
        recaller, questions = _recaller(number, model, rounds)
        await recaller.recall(PAIR, _question(questions[0]))
        whole = await _timed(recaller, questions)
        figures[f"p50_ms_{label}"], figures[f"p95_ms_{label}"] = percentile(whole, 0.5), percentile(whole, 0.95)
        if number == 600:
            search = await _exact_search(number)
            figures["exact_search_ms"] = search
            figures["vs_mem0_search_time"] = search / MEM0_SEARCH_MS
    await model.close()
    return figures


def _recaller(number: int, model: MiniLm, rounds: int) -> tuple[Recaller, list[str]]:
    """Random sentences with random vectors: work is the same as with real ones."""
    rng, noise = random.Random(number), np.random.default_rng(number)
    words = [f"{a}{b}{c}" for a in ("br", "k", "st", "l", "m") for b in ("a", "e", "i", "o") for c in _ENDINGS]
    often = [1 / (place + 3) for place in range(len(words))]

    def sentence() -> str:
        return " ".join(rng.choices(words, often, k=rng.randrange(5, 22))) + rng.choice(".?")

    memories = [
        Memory(
            f"m{i}",
            MemoryKind.MESSAGE,
            f"c{i // 2000}",
            i + 1,
            f"s{i // 20}",
            Millis(i * 60_000),
            sentence(),
            "ab"[i % 2],
        )
        for i in range(number)
    ]
    rows = noise.standard_normal((number, DIMENSION), np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    registry = InMemorySources()
    registry.put(
        PAIR,
        memories,
        (Embedded(m.id, EMBEDDER, r.astype("<f2").tobytes()) for m, r in zip(memories, rows, strict=True)),
    )
    return Recaller(registry, model), [
        f"When did {rng.choice(words)} and {rng.choices(words, often)[0]} happen to my sister in June?"
        for _ in range(rounds)
    ]


_ENDINGS = tuple(a + b for a in "bdfgklmnprstvz" for b in ("and", "er", "in", "ot", "u", "ick"))


def _question(text: str) -> RecallRequest:
    return RecallRequest(text, Millis(10**12), frozenset(), "a", "b")


async def _timed(recaller: Recaller, questions: Sequence[str]) -> list[float]:
    times = []
    for text in questions:
        began = time.perf_counter()
        await recaller.recall(PAIR, _question(text))
        times.append((time.perf_counter() - began) * 1000)
    return times


async def _exact_search(number: int) -> float:
    """Milliseconds of the dense search alone."""
    noise = np.random.default_rng(1)
    rows, query = noise.standard_normal((number, DIMENSION), np.float32), noise.standard_normal(DIMENSION, np.float32)

    def search() -> object:
        found = rows @ query
        return np.argpartition(-found, 10)[:10]

    return percentile(_repeated(search, 200), 0.5)


def _repeated(do: Callable[[], object], rounds: int) -> list[float]:
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        do()
        times.append((time.perf_counter() - began) * 1000)
    return times


if __name__ == "__main__":
    harness.main(NAME, TARGETS, measure)
