"""Emotion by words in their order: a small convolutional network beside the linear weights, in numpy.

Each word is a vector (its meaning, whether it is negated, whether it is in capitals); filters look at one, two and
three adjacent words and the highest response of each counts (Kim 2014). Trained by scripts/train_emotion.py, shipped as
emotion_net.weights: little-endian, the magic, FEATURES (u16), words (u32), dimensions (u16), filters (u16), kinds (u8),
then zlib-compressed the words (u32 length, UTF-8, one per line) and the arrays of `Net` in their order.
"""

import math
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from everkin.analysis.features import FEATURES, Word

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAGIC = b"EVKNPHRS"
HEAD = struct.Struct("<8sHIHHB")

WIDTHS = (1, 2, 3)
"""Words a filter looks at."""

LEFT, RIGHT = 1, 2
"""Empty positions before the first and after the last word."""

READ_WORDS = 40
"""Words read at the end of a longer message; hardly any comment in training has more."""

UNKNOWN = 0
"""Index of the word that stands for all unknown ones."""


@dataclass(frozen=True, slots=True, eq=False)
class Net:
    """The arrays of the network."""

    words: tuple[str, ...]
    """Vocabulary; a word's index selects its vector."""
    vectors: "NDArray[np.int8]"
    """Shape (word, dimension); times `scale` it is a word's vector."""
    scale: "NDArray[np.float32]"
    """Shape (dimension)."""
    filters: "NDArray[np.float16]"
    """Shape (dimension + 2, taps x filters): the 1, 2 and 3 taps of widths 1, 2 and 3 side by side."""
    biases: "NDArray[np.float32]"
    """Shape (width, filter)."""
    out: "NDArray[np.float32]"
    """Shape (filters of width 1, 2, 3, then summed vectors; kind)."""
    bias: "NDArray[np.float32]"
    """Shape (kind)."""


class Phrasing:
    """A network prepared for scoring; takes a few MB and some milliseconds to make."""

    def __init__(self, net: Net) -> None:
        import numpy as np

        self._np = np
        self._net = net
        self._filters = net.filters.astype(np.float32)
        self._places = {word: place for place, word in enumerate(net.words)}

    def scores(self, said: Sequence[Word]) -> list[float]:
        """Return natural log-odds in the order of KINDS; the bias for an empty message."""
        np, net, last = self._np, self._net, said[-READ_WORDS:]
        dimensions, number = len(net.scale), len(last)
        rows = np.zeros((LEFT + number + RIGHT, dimensions + 2), np.float32)
        places = [self._places.get(word.text, UNKNOWN) for word in last]
        rows[LEFT : LEFT + number, :dimensions] = net.vectors[places] * net.scale
        rows[LEFT : LEFT + number, dimensions:] = [marks_of(word) for word in last] or np.zeros((0, 2))
        summed = rows[:, :dimensions].sum(0) / np.sqrt(np.float32(number + 1))
        hidden = np.concatenate([*self._strongest(rows, number), summed])
        return [float(score) for score in hidden @ net.out + net.bias]

    def _strongest(self, rows: "NDArray[np.float32]", number: int) -> "list[NDArray[np.float32]]":
        """Return the highest response of each filter, at least 0, over the windows that touch a word."""
        size = self._net.biases.shape[1]
        answers = rows @ self._filters
        strongest, tap = [], 0
        for width, bias in zip(WIDTHS, self._net.biases, strict=True):
            first = LEFT - width + 1 if width <= LEFT else 0
            windows = LEFT + number - first
            passed = answers[first : first + windows, tap * size : (tap + 1) * size]
            for shift in range(1, width):
                start = first + shift
                passed = passed + answers[start : start + windows, (tap + shift) * size : (tap + shift + 1) * size]
            strongest.append(self._np.maximum(passed.max(0, initial=-1e9) + bias, 0))
            tap += width
        return strongest


def marks_of(word: Word) -> tuple[bool, bool]:
    """Return whether a word is negated, and whether it is in capitals."""
    return word.negated, len(word.written) > 1 and word.written.isupper()


def packed(net: Net) -> bytes:
    """Return the bytes of the file."""
    head = HEAD.pack(MAGIC, FEATURES, *net.vectors.shape, net.biases.shape[1], len(net.bias))
    names = "\n".join(net.words).encode()
    arrays = (net.vectors, net.scale, net.filters, net.biases, net.out, net.bias)
    body = struct.pack("<I", len(names)) + names + b"".join(array.tobytes() for array in arrays)
    return head + zlib.compress(body, 9)


def unpacked(data: bytes) -> Net:
    """Return the network in a file. Raises ValueError unless it is complete and of this version of the features."""
    try:
        magic, features, number, dimensions, size, kinds = HEAD.unpack_from(data)
        if (magic, features) != (MAGIC, FEATURES):
            raise ValueError("The weights of the senses belong to another version; run scripts/train_emotion.py.")
        return _unpacked(zlib.decompress(data[HEAD.size :]), number, dimensions, size, kinds)
    except (struct.error, zlib.error) as error:
        raise ValueError("The weights of the senses are damaged; reinstall everkin.") from error


def _unpacked(body: bytes, number: int, dimensions: int, size: int, kinds: int) -> Net:
    import numpy as np

    (start,) = struct.unpack_from("<I", body)
    start += 4
    names = tuple(body[4:start].decode().split("\n"))
    shapes = (
        ((number, dimensions), "<i1"),
        ((dimensions,), "<f4"),
        ((dimensions + 2, size * sum(WIDTHS)), "<f2"),
        ((len(WIDTHS), size), "<f4"),
        ((size * len(WIDTHS) + dimensions, kinds), "<f4"),
        ((kinds,), "<f4"),
    )
    arrays = []
    for shape, form in shapes:
        count = math.prod(shape)
        if len(body) < start + count * int(form[-1]):
            raise ValueError("The weights of the senses are cut off; reinstall everkin.")
        arrays.append(np.frombuffer(body, form, count, start).reshape(shape))
        start += arrays[-1].nbytes
    return Net(names, *arrays)


@cache
def shipped() -> Phrasing:
    """Return the network of this package, read once."""
    return Phrasing(unpacked(files(__package__).joinpath("emotion_net.weights").read_bytes()))
