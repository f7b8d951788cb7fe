"""OpenAiEmbedder: embeddings of any server with an OpenAI-compatible `/v1/embeddings`.

A request takes a tenth of a second or more, and recall waits for it. After a failure the server is not asked for a
while, so that not every reply waits for it; meanwhile `embed` raises at once and memories are searched by words.
"""

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
"""Texts of one request."""
TRIES = 3
"""Attempts for one batch."""
PAUSE = 0.3
"""Seconds before the second attempt, doubled before the third; a longer Retry-After takes precedence."""

SECONDS = 10.0
"""Time limit for one batch, all attempts together."""

REST = 15.0
"""Seconds without requests after a failure; a longer Retry-After takes precedence, up to LONGEST_REST."""

LONGEST_REST = 300.0
"""Seconds."""

LONGEST = 8_000
"""Characters of a text that are sent: the smallest limit in use is 8192 tokens."""

_WORTH_ANOTHER_TRY = frozenset((408, 425, 429, 500, 502, 503, 504))
_ABOUT_THE_TEXTS = frozenset((400, 413, 422))
_GARBAGE = "The embedder answered something that is no list of embeddings. Check EMBEDDING_BASE_URL."
_AWAY = "The embedder does not answer. Check EMBEDDING_BASE_URL; until then memories are found by words."
_NOT_REACHED = 0
"""Stands for the HTTP status when there was no answer."""


class OpenAiEmbedder:
    """Implements Embedder.

    `dimension` is 0 until the server's first answer; later answers with another dimension are refused. `key` is sent
    only to `base_url`, redirects are not followed, and texts are never logged.
    """

    def __init__(
        self, session: aiohttp.ClientSession, base_url: str, model: str, key: str = "", clock: Clock | None = None
    ) -> None:
        self.name = f"openai:{model}"
        self.dimension = 0
        self._session = session
        self._url = f"{base_url.rstrip('/')}/embeddings"
        self._model = model
        self._key = key
        self._clock = clock or SystemClock()
        self._rests_until = 0.0

    async def embed(self, texts: Sequence[str]) -> "Floats":
        """Return unit rows in the order of `texts`. Raises Unavailable."""
        import numpy as np

        parts = [await self._batch(texts[start : start + BATCH]) for start in range(0, len(texts), BATCH)]
        return np.concatenate(parts) if parts else np.zeros((0, self.dimension), np.float32)

    def forget(self) -> None:
        """Do nothing: this embedder keeps no texts or vectors."""

    async def _batch(self, texts: Sequence[str]) -> "Floats":
        end = self._clock.monotonic() + SECONDS
        pause = PAUSE
        for tries_left in reversed(range(TRIES)):
            status, body, wait = await self._ask(texts, end - self._clock.monotonic())
            if status == 200:
                return self._read(body, len(texts))
            if status not in _WORTH_ANOTHER_TRY and status != _NOT_REACHED:
                raise self._resting(_refused(status), 0.0 if status in _ABOUT_THE_TEXTS else REST)
            pause = max(pause, wait)
            if not tries_left or self._clock.monotonic() + pause >= end:
                break
            await self._clock.sleep(pause)
            pause = pause * 2
        raise self._resting(_AWAY, max(REST, wait))

    async def _ask(self, texts: Sequence[str], seconds: float) -> tuple[int, bytes, float]:
        """Return (status, body, seconds of Retry-After). Raises Unavailable during the pause after a failure."""
        if self._clock.monotonic() < self._rests_until:
            raise Unavailable(_AWAY)
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        body = {"model": self._model, "input": [text[:LONGEST] or "." for text in texts], "encoding_format": "float"}
        try:
            timeout = aiohttp.ClientTimeout(total=max(seconds, 0.01))
            async with self._session.post(
                self._url, json=body, headers=headers, timeout=timeout, allow_redirects=False
            ) as answer:
                return answer.status, await answer.read(), _seconds(answer.headers.get("Retry-After", ""))
        except (TimeoutError, aiohttp.ClientError):
            return _NOT_REACHED, b"", 0.0

    def _resting(self, sentence: str, seconds: float) -> Unavailable:
        self._rests_until = self._clock.monotonic() + min(seconds, LONGEST_REST)
        return Unavailable(sentence)

    def _read(self, body: bytes, number: int) -> "Floats":
        """Return the rows in the order of the request, to unit length. Raises Unavailable for an invalid answer."""
        import numpy as np

        try:
            data: list[dict[str, Any]] = msgspec.json.decode(body)["data"]
            rows = np.array([each["embedding"] for each in sorted(data, key=lambda each: each["index"])], np.float32)
        except (msgspec.DecodeError, KeyError, TypeError, ValueError):
            raise Unavailable(_GARBAGE) from None
        if rows.ndim != 2 or len(rows) != number or not rows.shape[1] or not np.isfinite(rows).all():
            raise Unavailable(_GARBAGE)
        if self.dimension not in (0, rows.shape[1]):
            raise Unavailable(
                "The embedder's vectors have another length than before: restart, then `everkin reindex`."
            )
        self.dimension = rows.shape[1]
        unit: Floats = rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-9)
        return unit


def _refused(status: int) -> str:
    return f"The embedder refused with status {status}. Check EMBEDDING_MODEL and EMBEDDING_API_KEY."


def _seconds(said: str) -> float:
    """Return the seconds of a Retry-After header; 0 for a date or an empty header."""
    return float(said) if said.strip().isdecimal() else 0.0
