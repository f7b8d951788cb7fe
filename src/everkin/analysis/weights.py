"""The file of trained weights: format and reader.

Little-endian: the magic `EVKNSENS`, then `FEATURES` (u16), number of kinds (u8), bits of a bucket number (u8),
temperature (f32); for each kind a scale, a bias and a tilt (f32 each); then, zlib-compressed, one int8 for each kind of
bucket 0, of bucket 1, and so on: the signed root of the weight, so that small weights keep fine steps. The file
contains numbers only, so reading it executes no code.
"""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from everkin.analysis.features import FEATURES

MAGIC = b"EVKNSENS"
_HEAD = struct.Struct("<8sHBBf")


@dataclass(frozen=True, slots=True)
class Weights:
    """Score of kind k = bias[k] + scale[k] * (sum of q * |q| over the message's features) / sqrt(number of
    features)."""

    bits: int
    """Bits of a bucket number."""
    temperature: float
    """Divides scores before the softmax."""
    scale: tuple[float, ...]
    """Factor of each kind."""
    bias: tuple[float, ...]
    """Constant of each kind."""
    tilt: tuple[float, ...]
    """Added only when the kind is chosen (it raises rare ones); probabilities are softmax(score / temperature)."""
    table: memoryview
    """int8 for each kind of bucket 0, of bucket 1, and so on."""

    @property
    def kinds(self) -> int:
        """Number of kinds."""
        return len(self.scale)

    def row(self, bucket: int) -> memoryview:
        """Return the int8 of a bucket for each kind."""
        start = bucket * len(self.scale)
        return self.table[start : start + len(self.scale)]


def packed(weights: Weights) -> bytes:
    """Return the bytes of the file."""
    head = _HEAD.pack(MAGIC, FEATURES, weights.kinds, weights.bits, weights.temperature)
    each = zip(weights.scale, weights.bias, weights.tilt, strict=True)
    return head + b"".join(struct.pack("<3f", *row) for row in each) + zlib.compress(weights.table.tobytes(), 9)


def unpacked(data: bytes) -> Weights:
    """Return the weights in a file. Raises ValueError unless it is complete and of this version of the features."""
    if len(data) < _HEAD.size:
        raise ValueError("The weights of the senses are cut off; reinstall everkin.")
    magic, features, kinds, bits, temperature = _HEAD.unpack_from(data)
    if magic != MAGIC or features != FEATURES:
        raise ValueError("The weights of the senses belong to another version; run scripts/train_emotion.py.")
    start = _HEAD.size + 12 * kinds
    if len(data) < start:
        raise ValueError("The weights of the senses are cut off; reinstall everkin.")
    rows: Sequence[tuple[float, float, float]] = list(struct.iter_unpack("<3f", data[_HEAD.size : start]))
    table = _inflated(data[start:], kinds << bits)
    scale, bias, tilt = zip(*rows, strict=True)
    return Weights(bits, temperature, scale, bias, tilt, memoryview(table).cast("b"))


def shipped(name: str) -> Weights:
    """Return the weights in a file of this package."""
    return unpacked(files(__package__).joinpath(name).read_bytes())


def _inflated(data: bytes, size: int) -> bytes:
    try:
        table = zlib.decompress(data, bufsize=size)
    except zlib.error as error:
        raise ValueError("The weights of the senses are damaged; reinstall everkin.") from error
    if len(table) != size:
        raise ValueError("The weights of the senses are cut off; reinstall everkin.")
    return table
