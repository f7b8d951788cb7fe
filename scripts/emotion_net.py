"""Trains the small network of everkin.analysis.phrase_network: vectors of words, three convolutions, the strongest of each filter.

Needs jax beside what scripts/train_emotion.py needs. Learns the five feelings and, as a second task that ships no weights, the
28 labels: what tells grief from fear helps to tell sad from neutral. Comments that mean two feelings are learnt as half of each.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from everkin.analysis.features import Word
from everkin.analysis.phrase_network import LEFT, READ_WORDS, RIGHT, UNKNOWN, WIDTHS, Net, marks_of
from everkin.analysis.signs import KINDS
from scripts.word_meanings import Meanings

WORDS = 18_000
DIMENSIONS = 64
FILTERS = 96
EPOCHS = 5
BATCH = 64
RATE = 1e-3
SILENT = 0.1
"""Share of the words hidden while learning, so that the unknown word learns what it means to know nothing."""
DROPPED = 0.5
DECAY = 0.01

Params = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Lesson:
    """`feelings` (comment, kind) are shares that sum to 1, `labels` (comment, label) 0 or 1."""

    said: Sequence[Sequence[Word]]
    feelings: Any
    labels: Any


def trained(lesson: Lesson, known: Meanings, seed: int = 1) -> Net:
    """Float vectors rounded to the int8 that ship."""
    random = np.random.default_rng(seed)
    names = vocabulary(lesson.said, known)
    params = _begun(names, known, lesson.labels.shape[1], random)
    places = {name: place for place, name in enumerate(names)}
    inputs = _inputs(lesson.said, places)
    learnt = _learnt(params, (*inputs, lesson.feelings, lesson.labels), random, jax.random.PRNGKey(seed))
    return _rounded(names, {name: np.asarray(value) for name, value in learnt.items()})


def vocabulary(said: Sequence[Sequence[Word]], known: Meanings) -> list[str]:
    """The unknown word, then the commonest, then such as only the lexicon has."""
    often = Counter(word.text for words in said for word in words)
    ordered = sorted({*often, *known.place}, key=lambda text: (-often[text], text))
    return ["", *ordered][:WORDS]


def _begun(names: list[str], known: Meanings, labels: int, random: Any) -> Params:
    """Vectors begin at what the words mean elsewhere, one row more for the padding."""
    vectors = random.normal(0, 0.2, (len(names) + 1, DIMENSIONS))
    spread = known.table[:, :DIMENSIONS].std()
    for place, name in enumerate(names):
        if name in known.place:
            vectors[place] = known.table[known.place[name], :DIMENSIONS] / spread * 0.5
    wide = DIMENSIONS + 2
    params = {
        "vectors": vectors,
        "out": random.normal(0, 0.02, (FILTERS * len(WIDTHS) + DIMENSIONS, len(KINDS) + labels)),
    }
    for width in WIDTHS:
        params[f"filter{width}"] = random.normal(0, np.sqrt(2 / (width * wide)), (width, wide, FILTERS))
        params[f"bias{width}"] = np.zeros(FILTERS)
    params["bias"] = np.zeros(len(KINDS) + labels)
    return {name: jnp.asarray(value, jnp.float32) for name, value in params.items()}


def _inputs(said: Sequence[Sequence[Word]], places: dict[str, int]) -> tuple[Any, Any]:
    numbers = np.full((len(said), READ_WORDS), len(places), np.int32)
    marks = np.zeros((len(said), READ_WORDS, 2), np.float32)
    for row, words in enumerate(said):
        last = words[-READ_WORDS:]
        numbers[row, : len(last)] = [places.get(word.text, UNKNOWN) for word in last]
        for column, word in enumerate(last):
            marks[row, column] = marks_of(word)
    return numbers, marks


def _scores(params: Params, numbers: Any, marks: Any, key: Any) -> Any:
    there = (numbers < params["vectors"].shape[0] - 1).astype(jnp.float32)
    hide, drop = jax.random.split(key)
    numbers = jnp.where((jax.random.uniform(hide, numbers.shape) < SILENT) & (there > 0), UNKNOWN, numbers)
    rows = jnp.concatenate([params["vectors"][numbers], marks], -1) * there[..., None]
    summed = rows[..., :DIMENSIONS].sum(1) / jnp.sqrt(there.sum(1, keepdims=True) + 1)
    rows = jnp.pad(rows, ((0, 0), (LEFT, RIGHT), (0, 0)))
    there = jnp.pad(there, ((0, 0), (LEFT, RIGHT)))
    strongest = [_strongest(params, rows, there, width) for width in WIDTHS]
    hidden = jnp.concatenate([*strongest, summed], -1)
    kept = jax.random.bernoulli(drop, 1 - DROPPED, hidden.shape)
    return (hidden * kept / (1 - DROPPED)) @ params["out"] + params["bias"]


def _strongest(params: Params, rows: Any, there: Any, width: int) -> Any:
    """Over all windows that touch a word."""
    number = rows.shape[1] - width + 1
    windows = [rows[:, start : start + number] for start in range(width)]
    touched = jnp.stack([there[:, start : start + number] for start in range(width)]).max(0)
    passed = sum(window @ params[f"filter{width}"][start] for start, window in enumerate(windows))
    passed = passed + params[f"bias{width}"]
    return jax.nn.relu(jnp.where(touched[..., None] > 0, passed, -1e9).max(1))


def _loss(params: Params, numbers: Any, marks: Any, feelings: Any, labels: Any, key: Any) -> Any:
    scores = _scores(params, numbers, marks, key)
    felt, labelled = scores[:, : len(KINDS)], scores[:, len(KINDS) :]
    surprise = -(feelings * jax.nn.log_softmax(felt)).sum(1).mean()
    return surprise + (jnp.logaddexp(0, labelled) - labels * labelled).sum(1).mean()


@jax.jit
def _step(state: tuple[Params, Params, Params], count: Any, rate: Any, batch: tuple[Any, ...], key: Any) -> Any:
    """One step of Adam (Kingma, Ba 2015) with decoupled weight decay of all but vectors and biases."""
    params, mean, square = state
    slope = jax.grad(_loss)(params, *batch, key)
    mean = {name: 0.9 * mean[name] + 0.1 * slope[name] for name in params}
    square = {name: 0.99 * square[name] + 0.01 * slope[name] ** 2 for name in params}
    moved = {}
    for name, value in params.items():
        way = mean[name] / (1 - 0.9**count) / (jnp.sqrt(square[name] / (1 - 0.99**count)) + 1e-8)
        decay = DECAY if name.startswith(("filter", "out")) else 0.0
        moved[name] = value - rate * (way + decay * value)
    return moved, mean, square


def _learnt(params: Params, data: tuple[Any, ...], random: Any, key: Any) -> Params:
    state = (params, *({name: jnp.zeros_like(value) for name, value in params.items()} for _ in range(2)))
    size = len(data[0])
    batches = [
        order[start : start + BATCH]
        for order in (random.permutation(size) for _ in range(EPOCHS))
        for start in range(0, size - BATCH + 1, BATCH)
    ]
    for count, chosen in enumerate(batches, 1):
        key, used = jax.random.split(key)
        rate = RATE * (1 - count / len(batches))
        state = _step(state, float(count), rate, tuple(part[chosen] for part in data), used)
    return state[0]


def _rounded(names: list[str], learnt: Params) -> Net:
    vectors = learnt["vectors"][: len(names)]
    scale = (np.quantile(np.abs(vectors), 0.999, axis=0) / 127).astype(np.float32)
    filters = np.concatenate([tap for width in WIDTHS for tap in learnt[f"filter{width}"]], axis=1)
    return Net(
        tuple(names),
        np.clip(np.rint(vectors / scale), -127, 127).astype(np.int8),
        scale,
        filters.astype(np.float16),
        np.stack([learnt[f"bias{width}"] for width in WIDTHS]).astype(np.float32),
        learnt["out"][:, : len(KINDS)].astype(np.float32),
        learnt["bias"][: len(KINDS)].astype(np.float32),
    )
