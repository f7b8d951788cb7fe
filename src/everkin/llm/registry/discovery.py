"""Language-model servers on this machine, found by asking the usual ports of loopback, and no other address."""

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
LIST_LIMIT = 2**20
MODELS_LIMIT = 100


@dataclass(frozen=True, slots=True)
class FoundServer:
    """One model of a server that answered."""

    preset: Preset
    model: str

    @property
    def name(self) -> str:
        return f"{self.preset.name}:{self.model}"


class Discovery:
    """`found` is what the last look saw, servers in the order of the presets."""

    def __init__(self, session: aiohttp.ClientSession, presets: tuple[Preset, ...] | None = None) -> None:
        self.found: tuple[FoundServer, ...] = ()
        self._session = session
        self._presets = presets if presets is not None else tuple(p for p in PRESETS.values() if p.local)

    async def look(self) -> None:
        """Asks every port once, all at the same time. Never raises."""
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
        """The first model of that server, or nothing."""
        return next((each.model for each in self.found if each.preset.name == preset), "")

    async def _models_of(self, preset: Preset) -> list[str]:
        """The chat models a server lists, without those that by their name only embed."""
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
