"""Trains the ranker of recall and writes src/everkin/memory/recall/ranker.json.

    python -m scripts.train_recall [--chats 24] [--out FILE] [--report]

It learns from chats put together out of scenes written for it (scripts/recall_talks.py) and from nothing else: a linear model, one
softmax over each question's candidates, the messages that answer it to come out on top. --report trains on four fifths of the
scenes and asks about the others, five times over. What no chat of messages can teach (how much a fact, a summary, importance,
reinforcement, a pin, freshness and the lines before count) is set by reasoning, in SET.
"""

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from everkin.domain.memory import Embedded
from everkin.memory.embedders.minilm import DIMENSION, NAME, MiniLm
from everkin.memory.recall import features
from everkin.memory.recall.features import FEATURES
from everkin.memory.recall.query import RecallRequest, read
from everkin.memory.recall.recaller import Vectors, _cosines, witnessed
from everkin.memory.recall.table import Table
from scripts.recall_talks import Chat, Question, chat, scenes

Floats = NDArray[np.float32]
Embed = Callable[[Sequence[str]], Floats]

SET = {
    "recent": 0.25,
    "important": 0.8,
    "reinforced": 0.25,
    "pinned": 0.8,
    "fact": 0.5,
    "summary": -0.3,
    "window_words": 0.8,
    "window_meaning": 0.5,
}
"""In units of the score, where one unit makes a memory e times as likely to be the one. A fact is a message's meaning in fewer
words; a summary is for what nothing else tells."""

CONTENDERS = 100
_ROUGH = np.array(
    [{"words": 3, "meaning": 1, "meaning_around": 0.5, "sitting_best": 1}.get(name, 0) for name in FEATURES]
)

MEANINGS = tuple(name for name in FEATURES if "meaning" in name)
OUT = Path(__file__).resolve().parent.parent / "src/everkin/memory/recall/ranker.json"


@dataclass(frozen=True, slots=True)
class Example:
    """`table`: (candidates, features); `answers`: places of those that answer; `number`: of all that answer, found or not."""

    table: Floats
    answers: tuple[int, ...]
    number: int
    rows: NDArray[np.intp]


def table_of(chat: Chat, embed: Embed) -> Table:
    table = Table(DIMENSION)
    table.merge(chat.memories)
    rows = embed([memory.text for memory in chat.memories]).astype("<f2")
    table.fill(Embedded(m.id, NAME, row.tobytes()) for m, row in zip(chat.memories, rows, strict=True))
    return table


def example(table: Table, chat: Chat, question: Question, embed: Embed, by_meaning: bool = True) -> Example:
    user_name = question.user_name or chat.names[0]
    other = chat.names[1] if user_name == chat.names[0] else chat.names[0]
    asked = RecallRequest(question.text, chat.now, frozenset(), user_name, other, window=question.window)
    return weighed(table, asked, question.evidence, embed, by_meaning)


def weighed(
    table: Table, asked: RecallRequest, evidence: frozenset[str], embed: Embed, by_meaning: bool = True
) -> Example:
    query = read(asked)
    cosine, window = _cosines(table, Vectors(embed(query.texts)), ()) if by_meaning else (None, None)
    allowed = witnessed(table, asked)
    found = features.candidates(
        table, query, features.scores(table, query, allowed, cosine, window), allowed, asked.now
    )
    answers = {table.row_of[item] for item in evidence}
    places = tuple(int(place) for place in np.flatnonzero(np.isin(found.rows, list(answers))))
    return Example(found.table, places, len(evidence), found.rows)


def fitted(examples: Sequence[Example], free: NDArray[np.bool_], strength: float = 1.0, rounds: int = 160) -> Floats:
    """Softmax over each question's candidates, by Adam; `strength` of the L2 penalty on weights of features of unit spread."""
    examples = [narrowed(each) for each in examples if each.answers]
    stacked = np.vstack([each.table for each in examples])
    spread = np.where(free, stacked.std(0) + 1e-6, 1)
    stacked = stacked / spread * free
    lengths = np.array([len(each.table) for each in examples])
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    owner = np.repeat(np.arange(len(examples)), lengths)
    wanted = np.zeros(len(stacked), np.float32)
    for start, each in zip(starts, examples, strict=True):
        wanted[start + np.array(each.answers)] = 1 / len(each.answers)
    weights = np.zeros(len(free), np.float32)
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, rounds + 1):
        total = stacked @ weights
        share = np.exp(total - np.maximum.reduceat(total, starts)[owner])
        share /= np.add.reduceat(share, starts)[owner]
        slope = stacked.T @ (share - wanted) / len(examples) + 2 * strength * weights / len(examples)
        first, second = 0.9 * first + 0.1 * slope, 0.99 * second + 0.01 * slope**2
        rate = 0.1 if step < rounds * 0.6 else 0.02
        weights -= rate * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.99**step)) + 1e-8)
    result: Floats = (weights / spread).astype(np.float32)
    return result


def narrowed(each: Example) -> Example:
    """The candidates it is hard to tell from the answers: as many as CONTENDERS by words and meaning, and the answers."""
    rough = each.table @ _ROUGH
    kept = np.union1d(np.argsort(-rough)[:CONTENDERS], each.answers).astype(int)
    answers = tuple(int(place) for place in np.flatnonzero(np.isin(kept, each.answers)))
    return Example(each.table[kept], answers, each.number, each.rows[kept])


def recall_at(examples: Sequence[Example], weights: Floats, limit: int) -> float:
    """Mean share of each question's answers among the first `limit`."""
    shares = []
    for each in examples:
        top = set(np.argsort(-(each.table @ weights), kind="stable")[:limit].tolist())
        shares.append(len(top & set(each.answers)) / each.number)
    return float(np.mean(shares))


def learnable(by_meaning: bool) -> NDArray[np.bool_]:
    return np.array([name not in SET and (by_meaning or name not in MEANINGS) for name in FEATURES])


def examples_of(chats: Sequence[Chat], embed: Embed, by_meaning: bool) -> list[Example]:
    found = []
    for each in chats:
        table = table_of(each, embed)
        found += [example(table, each, question, embed, by_meaning) for question in each.questions]
    return found


def embedder() -> Embed:
    model, kept = MiniLm(), {}

    def embed(texts: Sequence[str]) -> Floats:
        missing = list(dict.fromkeys(text for text in texts if text not in kept))
        if missing:
            kept.update(zip(missing, model.work(missing), strict=True))
        return np.stack([kept[text] for text in texts])

    return embed


def report(number: int, embed: Embed, strength: float) -> None:
    pool, broad = scenes()
    for by_meaning in (True, False):
        free, shares = learnable(by_meaning), []
        for fold in range(5):
            apart = [scene for place, scene in enumerate(pool) if place % 5 == fold]
            rest = [scene for scene in pool if scene not in apart]
            trained = examples_of([chat(i, rest, broad, 45) for i in range(number // 2)], embed, by_meaning)
            weights = fitted(trained, free, strength)
            names = {scene.name for scene in apart}
            asked = _asked_only(number, pool, broad, names)
            tested = examples_of(asked, embed, by_meaning)
            shares.append([recall_at(tested, weights, limit) for limit in (1, 5, 10)])
        mean = np.mean(shares, 0) * 100
        print(
            f"{'with meaning' if by_meaning else 'words only'}, scenes apart: R@1 {mean[0]:.1f} R@5 {mean[1]:.1f} R@10 {mean[2]:.1f}"
        )


def _asked_only(number: int, pool: Any, broad: Any, names: set[str]) -> list[Chat]:
    """Chats of all scenes whose questions are those of `names` alone."""
    texts = {line for scene in pool if scene.name in names for _, line, _ in scene.lines}
    made = [chat(1000 + i, pool, broad) for i in range(max(2, number // 8))]
    for each in made:
        ids = {memory.id for memory in each.memories if memory.text in texts}
        each.questions = [question for question in each.questions if question.evidence <= ids]
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description="Trains the ranker of recall.")
    parser.add_argument("--chats", type=int, default=24)
    parser.add_argument("--strength", type=float, default=1.0, help="of the L2 penalty")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--report", action="store_true", help="also say how well it does on scenes kept apart")
    given = parser.parse_args()
    embed = embedder()
    if given.report:
        report(given.chats, embed, given.strength)
    pool, broad = scenes()
    chats = [chat(i, pool, broad) for i in range(given.chats)]
    stored = {}
    for key, by_meaning in (("with_meaning", True), ("words_only", False)):
        weights = fitted(examples_of(chats, embed, by_meaning), learnable(by_meaning), given.strength)
        stored[key] = {
            name: round(float(w), 4) for name, w in zip(FEATURES, weights, strict=True) if abs(w) > 5e-4
        } | SET
    given.out.write_text(json.dumps(stored, indent=1) + "\n", "utf-8")
    print(
        f"{given.out.name}: {sum(map(len, stored.values()))} weights from {sum(len(c.questions) for c in chats)} questions"
    )


if __name__ == "__main__":
    main()
