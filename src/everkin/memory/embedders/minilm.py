"""MiniLm: the embedder shipped with Everkin, all-MiniLM-L6-v2 in onnxruntime.

Runs on one core in some milliseconds a message; best for English. Loaded at first use, in its worker thread; takes some
125 MiB with its libraries. Comparison with other models: docs/memory.md.
"""

import importlib.util
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from everkin.domain.errors import Unavailable
from everkin.memory.embedders import weights
from everkin.memory.embedders.quantized import in_int8
from everkin.memory.embedders.worker import Worker

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

NAME, DIMENSION = "minilm-int8:384", 384

TOKENS = 128
"""Tokens of a text that are read."""


class MiniLm(Worker):
    """Implements Embedder. `remembered`: results kept."""

    name = NAME
    dimension = DIMENSION

    def __init__(self, *, remembered: int = 256) -> None:
        super().__init__(remembered)
        self._model: _Model | None = None

    @staticmethod
    def is_installed() -> bool:
        """Return whether the libraries and the model's files are installed."""
        engine = all(importlib.util.find_spec(name) for name in ("onnxruntime", "tokenizers"))
        return engine and weights.is_installed(weights.MODEL) and weights.is_installed(weights.TOKENIZER)

    def work(self, texts: Sequence[str]) -> "Floats":
        """Return unit rows. Loads the model at the first call. Raises Unavailable."""
        if self._model is None:
            self._model = _Model()
        return self._model.embed(texts)

    def unload(self) -> None:
        """Release the model; the next call of `work` loads it again."""
        self._model = None


class _Model:
    def __init__(self) -> None:
        try:
            import onnxruntime  # type: ignore[import-untyped]
            from tokenizers import Tokenizer
        except ImportError as error:
            raise Unavailable(f"{error.name} is not installed: pip install 'everkin[memory]'.") from None
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        self._session: Any = onnxruntime.InferenceSession(
            in_int8(weights.read(weights.MODEL)), options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer = Tokenizer.from_str(weights.read(weights.TOKENIZER).decode())
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(TOKENS)

    def embed(self, texts: Sequence[str]) -> "Floats":
        import numpy as np

        rows = [self._row(self._tokenizer.encode(text).ids) for text in texts]
        return np.stack(rows) if rows else np.zeros((0, DIMENSION), np.float32)

    def _row(self, tokens: Sequence[int]) -> "Floats":
        """Return the mean of the tokens' vectors, to unit length.

        Runs one text at a time: quantised in a batch, the vector of a text would depend on the other texts, and a batch
        is no faster.
        """
        import numpy as np

        ids = np.array([tokens], np.int64)
        fed = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        mean = self._session.run(None, fed)[0][0].mean(0)
        unit: Floats = mean / (np.linalg.norm(mean) + 1e-9)
        return unit
