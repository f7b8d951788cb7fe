"""Embeddings of any server that speaks `/v1/embeddings`: OpenAI's, or one's own. Half a second is not unusual: recall waits for it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import aiohttp
import msgspec

from everkin.domain.errors import Unavailable
from everkin.kit.clock import Clock, SystemClock

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

BATCH = 64
TRIES = 3
PAUSE = 0.3
"""Seconds before the second try; doubled before the third."""

SECONDS = 10.0
"""For one request, answer included."""

_WORTH_ANOTHER_TRY = frozenset((408, 425, 429, 500, 502, 503, 504))


class OpenAiEmbedder:
    """Fulfils Embedder once `probe` has returned: the dimension is the server's to say, and `name` holds it."""

    def __init__(
        self, session: aiohttp.ClientSession, base_url: str, model: str, key: str = "", clock: Clock | None = None
    ) -> None:
        self.dimension = 0
        self._session = session
        self._url = f"{base_url.rstrip('/')}/embeddings"
        self._model = model
        self._key = key
        self._clock = clock or SystemClock()

    @property
    def name(self) -> str:
        return f"{self._model}:{self.dimension}"

    async def probe(self) -> None:
        """Unavailable when the server does not answer."""
        if not self.dimension:
            await self._batch(["dimension"])

    async def embed(self, texts: Sequence[str]) -> "Floats":
        import numpy as np

        parts = [await self._batch(texts[start : start + BATCH]) for start in range(0, len(texts), BATCH)]
        return np.concatenate(parts) if parts else np.zeros((0, self.dimension), np.float32)

    def forget(self) -> None:
        """Nothing is kept."""

    async def _batch(self, texts: Sequence[str]) -> "Floats":
        for attempt in range(TRIES):
            status, body = await self._ask(texts)
            if status == 200:
                return self._read(body, len(texts))
            if status not in _WORTH_ANOTHER_TRY and status != 0:
                raise Unavailable(
                    f"The embedder refused with status {status}. Check EMBEDDING_MODEL and EMBEDDING_API_KEY."
                )
            if attempt + 1 < TRIES:
                await self._clock.sleep(PAUSE * 2**attempt)
        raise Unavailable(
            "The embedder does not answer. Check EMBEDDING_BASE_URL; until then memories are found by words."
        )

    async def _ask(self, texts: Sequence[str]) -> tuple[int, bytes]:
        """Status 0: not reached."""
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        body = {"model": self._model, "input": list(texts)}
        try:
            timeout = aiohttp.ClientTimeout(total=SECONDS)
            async with self._session.post(
                self._url, json=body, headers=headers, timeout=timeout, allow_redirects=False
            ) as answer:
                return answer.status, await answer.read()
        except (TimeoutError, aiohttp.ClientError):
            return 0, b""

    def _read(self, body: bytes, number: int) -> "Floats":
        """Rows in the order asked, to unit length."""
        import numpy as np

        try:
            data: list[dict[str, Any]] = msgspec.json.decode(body)["data"]
            rows = np.array([each["embedding"] for each in sorted(data, key=lambda each: each["index"])], np.float32)
        except (msgspec.DecodeError, KeyError, TypeError, ValueError):
            raise Unavailable("The embedder answered something that is no list of embeddings.") from None
        if rows.ndim != 2 or len(rows) != number or not np.isfinite(rows).all():
            raise Unavailable("The embedder answered something that is no list of embeddings.")
        if self.dimension not in (0, rows.shape[1]):
            raise Unavailable("The embedder's model has changed: restart, then run `everkin reindex`.")
        self.dimension = rows.shape[1]
        unit: Floats = rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-9)
        return unit
