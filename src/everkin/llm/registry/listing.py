"""Entries of models for users: the title, whether the model is ready, and which better one to suggest."""

from pathlib import Path

from everkin.domain.errors import ModelMissing
from everkin.llm.local.catalogue import BETTER, CATALOGUE, DEFAULT
from everkin.llm.local.models import LocalModels
from everkin.llm.providers.presets import PRESETS
from everkin.llm.registry.discovery import Discovery
from everkin.llm.registry.endpoints import Endpoints
from everkin.llm.registry.entries import ModelEntry

NO_ENGINE = "The local model needs its engine: `pip install 'everkin[local]'`."


class ModelListing:
    """Makes the entries of models."""

    def __init__(self, local_models: LocalModels, endpoints: Endpoints, discovery: Discovery) -> None:
        self._locals = local_models
        self._endpoints = endpoints
        self._discovery = discovery

    def entry(self, name: str) -> ModelEntry:
        """Return the entry of a canonical name."""
        family, _, key = name.partition(":")
        if family == "scripted":
            return ModelEntry(name, "Scripted", "scripted", "ready", "Answers by rote; for tests and demos.")
        if family == "local":
            return self._catalogued(key) if key in CATALOGUE else self._by_path(key)
        return self._of_preset(name)

    def all(self, current: str) -> list[ModelEntry]:
        """Return every choice, the current one included, in the order of recommendation."""
        names = [f"local:{name}" for name in CATALOGUE]
        names += [found.name for found in self._discovery.found]
        names += [*PRESETS, "scripted"]
        return [self.entry(name) for name in dict.fromkeys(names if current in names else [current, *names])]

    def better(self, current: ModelEntry, condition: str) -> ModelEntry | None:
        """Suggest a server already running here, else the better local model, when the current model is the small one
        or is down. None: no suggestion."""
        small = current.name == f"local:{DEFAULT}"
        if not small and condition != "down":
            return None
        if found := next(iter(self._discovery.found), None):
            entry = self.entry(found.name)
            return entry if entry.name != current.name else None
        return self._catalogued(BETTER) if small and self._locals.engine_here else None

    def _catalogued(self, key: str) -> ModelEntry:
        weights = CATALOGUE[key]
        state, note = "ready", weights.note
        if not self._locals.engine_here:
            state, note = "missing", NO_ENGINE
        elif not self._locals.is_here(key):
            state, note = "pullable", f"{weights.note} Fetch it: `everkin models pull {key}`."
        return ModelEntry(f"local:{key}", weights.title, "local", state, note, weights.size_bytes)

    def _by_path(self, key: str) -> ModelEntry:
        path = Path(key)
        if not self._locals.engine_here:
            return ModelEntry(f"local:{key}", path.stem, "local", "missing", NO_ENGINE)
        if not self._locals.is_here(key):
            return ModelEntry(f"local:{key}", path.stem, "local", "missing", f"{path} is not there any more.")
        return ModelEntry(f"local:{key}", path.stem, "local", "ready", "Your own file.", path.stat().st_size)

    def _of_preset(self, name: str) -> ModelEntry:
        preset = PRESETS[name.partition(":")[0]]
        kind = "server" if preset.local else "preset"
        try:
            endpoint = self._endpoints.endpoint(name)
        except ModelMissing as error:
            state = "needs_key" if self._endpoints.needs_key(name) else "missing"
            return ModelEntry(name, preset.title, kind, state, error.sentence)
        note = "Found on this machine." if any(f.name == name for f in self._discovery.found) else preset.doc
        return ModelEntry(name, f"{endpoint.model} ({preset.title})", kind, "ready", note)
