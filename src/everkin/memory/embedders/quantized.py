"""Rewrites the MiniLM graph so that its layers are computed in int8, not only stored in it.

The file stores every weight as int8 with a scale and converts it to float before each multiplication (Cast, Mul,
MatMul, Add). Each such group of four nodes is replaced by one node, onnxruntime's DynamicQuantizeMatMul, which
quantises its input to eight bits as well. Twice as fast on processors with VNNI; cosines with the float result are
about 0.99.

An ONNX file is a protobuf message; only the needed part of that format is read and written
(https://protobuf.dev/programming-guides/encoding). Field numbers are those of onnx.proto.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_MODEL_GRAPH, _MODEL_OPSET = 7, 8
_GRAPH_NODE, _GRAPH_INITIALIZER = 1, 5
_NODE_INPUT, _NODE_OUTPUT, _NODE_OP, _NODE_DOMAIN = 1, 2, 4, 7
_TENSOR_DIMS, _TENSOR_NAME = 1, 8
_OPSET_DOMAIN, _OPSET_VERSION = 1, 2

_DOMAIN = b"com.microsoft"


@dataclass(frozen=True, slots=True)
class _Node:
    """A node of the graph."""

    op: bytes
    """Operator name."""
    inputs: tuple[bytes, ...]
    """Names of its inputs."""
    output: bytes
    """Name of its first output."""


def in_int8(model: bytes) -> bytes:
    """Return a model that computes the same function in int8. Layers of another structure are left unchanged."""
    written = []
    for number, value in _fields(model):
        if number == _MODEL_GRAPH and isinstance(value, bytes):
            value = _rewritten(value)
        written.append(_field(number, value))
    opset = _field(_OPSET_DOMAIN, _DOMAIN) + _field(_OPSET_VERSION, 1)
    return b"".join([*written, _field(_MODEL_OPSET, opset)])


def _rewritten(graph: bytes) -> bytes:
    layers = _layers([_node(value) for value in _all(graph, _GRAPH_NODE)])
    replaced = {name for layer in layers.values() for name in layer.replaced}
    scales = {layer.inputs[2] for layer in layers.values()}
    written = []
    for number, value in _fields(graph):
        if number == _GRAPH_NODE and isinstance(value, bytes):
            output = _node(value).output
            if output in replaced:
                continue
            value = layers[output].written() if output in layers else value
        elif number == _GRAPH_INITIALIZER and isinstance(value, bytes) and _text(value, _TENSOR_NAME) in scales:
            value = _flat(value)
        written.append(_field(number, value))
    return b"".join(written)


@dataclass(frozen=True, slots=True)
class _Layer:
    """A DynamicQuantizeMatMul node and the nodes that it replaces."""

    inputs: tuple[bytes, ...]
    """Names of the layer's input, the int8 weight, its scale, no zero point (""), the bias."""
    output: bytes
    """Name of the output of the group's last node (Add), which stays the same."""
    replaced: tuple[bytes, ...]
    """Outputs of the group's other nodes, which are removed."""

    def written(self) -> bytes:
        """Return the encoded node."""
        inputs = b"".join(_field(_NODE_INPUT, name) for name in self.inputs)
        op = _field(_NODE_OP, b"DynamicQuantizeMatMul") + _field(_NODE_DOMAIN, _DOMAIN)
        return inputs + _field(_NODE_OUTPUT, self.output) + op


def _layers(nodes: list[_Node]) -> Mapping[bytes, _Layer]:
    """Return layers by the output of their last node."""
    made_by = {node.output: node for node in nodes}
    found = {}
    for add in nodes:
        product = made_by.get(add.inputs[0]) if add.op == b"Add" else None
        weight = made_by.get(product.inputs[1]) if product is not None and product.op == b"MatMul" else None
        cast = made_by.get(weight.inputs[0]) if weight is not None and weight.op == b"Mul" else None
        if product is None or weight is None or cast is None or cast.op != b"Cast":
            continue
        inputs = (product.inputs[0], cast.inputs[0], weight.inputs[1], b"", add.inputs[1])
        found[add.output] = _Layer(inputs, add.output, (product.output, weight.output, cast.output))
    return found


def _node(written: bytes) -> _Node:
    return _Node(_text(written, _NODE_OP), tuple(_all(written, _NODE_INPUT)), _text(written, _NODE_OUTPUT))


def _all(message: bytes, wanted: int) -> Iterator[bytes]:
    return (value for number, value in _fields(message) if number == wanted and isinstance(value, bytes))


def _text(message: bytes, wanted: int) -> bytes:
    return next(_all(message, wanted), b"")


def _flat(tensor: bytes) -> bytes:
    """Return the tensor of scales without dimensions of size 1."""
    parts = list(_fields(tensor))
    sizes = [value for number, value in parts if number == _TENSOR_DIMS and isinstance(value, int)]
    rest = b"".join(_field(number, value) for number, value in parts if number != _TENSOR_DIMS)
    return b"".join(_field(_TENSOR_DIMS, size) for size in sizes if size != 1) + rest


# -- protobuf -------------------------------------------------------------------------------------------------------


def _fields(message: bytes) -> "Iterator[tuple[int, bytes | int]]":
    """Yield (number, value): an int for a varint, bytes for a field with a length.

    Raises ValueError for other wire types, which do not occur at this level.
    """
    place = 0
    while place < len(message):
        key, place = _read(message, place)
        value, place = _read(message, place)
        if key & 7 == 0:
            yield key >> 3, value
        elif key & 7 == 2:
            yield key >> 3, message[place : place + value]
            place += value
        else:
            raise ValueError(f"wire type {key & 7} in an ONNX file")


def _field(number: int, value: bytes | int) -> bytes:
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _read(message: bytes, place: int) -> tuple[int, int]:
    """Return a varint and the position after it."""
    found = shift = 0
    while True:
        byte = message[place]
        place += 1
        found |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return found, place


def _varint(value: int) -> bytes:
    written = bytearray()
    while value > 127:
        written.append(value & 127 | 128)
        value >>= 7
    written.append(value)
    return bytes(written)
