"""Token counts by the local model's own tokenizer, over HTTP (llama.cpp's POST /tokenize)."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import aiohttp
import msgspec

from everkin.llm.providers.wire import encoder, tokens_decoder
from everkin.llm.tokens import estimate

log = logging.getLogger("everkin.llm")


@dataclass(frozen=True, slots=True)
class TokenizerAddress:
    """The server of a tokenizer."""

    base_url: str
    """URL up to, but without, `/tokenize`."""
    key: str = field(repr=False)
    """Bearer token."""


class ServerCounter:
    """Counts tokens and caches the last `capacity` texts. Estimates while the server is unavailable; `fallbacks`
    counts the estimates. `seconds`: longest wait for the server."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        where: Callable[[], TokenizerAddress | None],
        *,
        capacity: int = 4096,
        seconds: float = 2.0,
    ) -> None:
        self.fallbacks = 0
        self._session = session
        self._where = where
        self._capacity = capacity
        self._seconds = seconds
        self._known: OrderedDict[str, int] = OrderedDict()

    async def count(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text, in order."""
        known = {text: self._known[text] for text in texts if text in self._known}
        unknown = [text for text in dict.fromkeys(texts) if text not in known]
        if unknown:
            known.update(await self._ask_all(unknown))
        return [self._settled(text, known) for text in texts]

    async def _ask_all(self, texts: list[str]) -> dict[str, int]:
        address = self._where()
        if address is None:
            return {}
        try:
            async with asyncio.timeout(self._seconds):
                counts = await asyncio.gather(*(self._ask(address, text) for text in texts))
        except (aiohttp.ClientError, OSError, TimeoutError, msgspec.DecodeError) as error:
            log.warning("tokens are estimated: the local model's tokenizer failed (%s)", type(error).__name__)
            return {}
        return dict(zip(texts, counts, strict=True))

    async def _ask(self, address: TokenizerAddress, text: str) -> int:
        headers = {"Authorization": f"Bearer {address.key}", "Content-Type": "application/json", "Connection": "close"}
        body = encoder.encode({"content": text})
        async with self._session.post(f"{address.base_url}/tokenize", data=body, headers=headers) as response:
            response.raise_for_status()
            return len(tokens_decoder.decode(await response.read()).tokens)

    def _settled(self, text: str, known: dict[str, int]) -> int:
        if text not in known:
            self.fallbacks += 1
            return estimate(text)
        self._known[text] = known[text]
        self._known.move_to_end(text)
        if len(self._known) > self._capacity:
            self._known.popitem(last=False)
        return known[text]
