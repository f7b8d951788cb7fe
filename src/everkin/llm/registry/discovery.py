"""Discovery of language-model servers on this machine, by asking the usual ports of loopback and no other address."""

import asyncio
import logging
from dataclasses import dataclass

import aiohttp
import msgspec

from everkin.llm.providers.http import read_up_to
from everkin.llm.providers.presets import PRESETS, Preset
from everkin.llm.providers.wire import model_list_decoder

log = logging.getLogger("everkin.llm")

PROBE_SECONDS = 1.5
"""Longest wait for one server's answer."""
LIST_LIMIT = 2**20
"""Bytes read of a server's list of models."""
MODELS_LIMIT = 100
"""Models taken from one server."""


@dataclass(frozen=True, slots=True)
class FoundServer:
    """One model of a server that answered."""

    preset: Preset
    """The preset whose address answered."""
    model: str
    """The model's id at the server."""

    @property
    def name(self) -> str:
        """Canonical name, such as `ollama:llama3.2`."""
        return f"{self.preset.name}:{self.model}"


class Discovery:
    """`found` is the result of the last search, servers in the order of the presets."""

    def __init__(self, session: aiohttp.ClientSession, presets: tuple[Preset, ...] | None = None) -> None:
        self.found: tuple[FoundServer, ...] = ()
        self._session = session
        self._presets = presets if presets is not None else tuple(p for p in PRESETS.values() if p.local)

    async def look(self) -> None:
        """Ask all ports once, concurrently. Never raises."""
        answers = await asyncio.gather(*(self._models_of(preset) for preset in self._presets))
        found = tuple(
            FoundServer(preset, model)
            for preset, models in zip(self._presets, answers, strict=True)
            for model in models
        )
        if found != self.found:
            log.info("language models found on this machine: %s", ", ".join(each.name for each in found) or "none")
        self.found = found

    def first_of(self, preset: str) -> str:
        """Return the first model of that server, or ""."""
        return next((each.model for each in self.found if each.preset.name == preset), "")

    async def _models_of(self, preset: Preset) -> list[str]:
        """Return the ids of the models a server lists, without those whose name marks them as embedding models."""
        try:
            async with (
                asyncio.timeout(PROBE_SECONDS),
                self._session.get(f"{preset.base_url}/models", allow_redirects=False) as response,
            ):
                if response.status != 200:
                    return []
                listed = model_list_decoder.decode(await read_up_to(response, LIST_LIMIT)).data
        except (aiohttp.ClientError, OSError, TimeoutError, msgspec.DecodeError):
            return []
        return [model.id for model in listed if "embed" not in model.id.lower()][:MODELS_LIMIT]
