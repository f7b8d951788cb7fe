"""The shipped model computed in int8 says what it says in float, and a text's vector does not depend on its neighbours."""

from typing import Any

import pytest

np = pytest.importorskip("numpy")
onnxruntime = pytest.importorskip("onnxruntime")

from everkin.memory.embedders import weights  # noqa: E402
from everkin.memory.embedders.minilm import MiniLm  # noqa: E402
from everkin.memory.embedders.quantized import in_int8  # noqa: E402

pytestmark = pytest.mark.skipif(not MiniLm.is_installed(), reason="the embedding model is not installed")

IDS = [101, 2026, 3899, 2003, 2170, 20965, 1998, 2002, 7459, 3869, 102]
"""[CLS] my dog is called fig and he loves grass [SEP], or nearly."""


def meaning(model: bytes) -> Any:
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    ids = np.array([IDS], np.int64)
    fed = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
    mean = session.run(None, fed)[0][0].mean(0)
    return mean / np.linalg.norm(mean)


def test_it_means_the_same_in_int8() -> None:
    model = weights.read(weights.MODEL)
    assert float(meaning(model) @ meaning(in_int8(model))) > 0.97


def test_every_layer_is_computed_in_int8() -> None:
    assert in_int8(weights.read(weights.MODEL)).count(b"DynamicQuantizeMatMul") == 36


def test_another_wire_type_is_no_model() -> None:
    with pytest.raises(ValueError, match="wire type"):
        in_int8(b"\x0d\x00\x00\x00\x00")


async def test_a_text_alone_and_among_others_has_one_vector() -> None:
    embedder = MiniLm(remembered=0)
    try:
        alone = await embedder.embed(["My dog is called Fig."])
        among = await embedder.embed(
            ["Something long about the sea, and boats, and the weather.", "My dog is called Fig."]
        )
        assert np.array_equal(alone[0], among[1])
    finally:
        await embedder.close()
