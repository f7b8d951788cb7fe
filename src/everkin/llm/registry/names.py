"""Names of models: the accepted spellings, and the one canonical form of each.

scripted · local:NAME (catalogue) · local:/path/to.gguf · PRESET (its default model) · PRESET:MODEL
"""

import difflib
from collections.abc import Callable, Iterable
from pathlib import Path

from everkin.domain.errors import Invalid
from everkin.llm.local.catalogue import CATALOGUE, checked_gguf
from everkin.llm.providers.presets import PRESETS
from everkin.llm.registry.config import RegistryConfig


class ModelNames:
    """Resolves names. `default_local` returns the catalogue's name that plain `local` currently stands for."""

    def __init__(self, config: RegistryConfig, default_local: Callable[[], str]) -> None:
        self._config = config
        self._default_local = default_local
        self._fixed: dict[str, str] = {}

    def canonical(self, name: str, *, paths: bool = True) -> str:
        """Return the canonical form of a name. Raises Invalid (with the known names) for an unknown one, and for a
        file when `paths` is False."""
        name = name.strip()
        family, _, rest = name.partition(":")
        if name == "scripted" or (family in PRESETS and rest != "") or name in PRESETS:
            return name
        if name == "local":
            return f"local:{self._default_local()}"
        key = rest if family == "local" else name
        if key in CATALOGUE:
            return f"local:{key}"
        if paths and _looks_like_path(key):
            return f"local:{checked_gguf(Path(key).expanduser())}"
        raise Invalid(f"There is no model {name!r}.{self._hint(name)}", field="name")

    def configured(self) -> str:
        """Return the model of EVERKIN_MODEL (with MODEL_NAME), "" if unset. Raises Invalid for an unknown name."""
        model, named = self._config.model.strip(), self._config.model_name.strip()
        if model == "local" and named:
            return self._settled(f"local:{named}")
        return self._settled(model) if model else ""

    def standing_in(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the canonical names of a setting's list. Raises Invalid for an unknown name."""
        return tuple(self._settled(name) for name in names)

    def kept(self, choice: str) -> str:
        """Return a stored choice in canonical form, "" if it is unknown. A deleted file keeps its name, so that the
        model's error says which file is missing."""
        try:
            return self.canonical(choice) if choice else ""
        except Invalid:
            return choice if choice.startswith("local:") else ""

    def fallback(self) -> str:
        """Return the model when no choice was made: the operator's endpoint where an address is set, else the local
        model."""
        if self._config.base_url:
            return "custom"
        named = self._config.model_name.strip()
        return self._settled(f"local:{named}") if named else self.canonical("local")

    def _settled(self, name: str) -> str:
        """Return a setting's canonical name, checked once: a file deleted later is an error of the model, not of the
        name."""
        if name == "local":
            return self.canonical(name)
        if name not in self._fixed:
            self._fixed[name] = self.canonical(name)
        return self._fixed[name]

    def _hint(self, name: str) -> str:
        known = ["local", *CATALOGUE, *PRESETS, "scripted"]
        near = difflib.get_close_matches(name, known, 1, cutoff=0.7)
        return (
            f" Did you mean {near[0]}?"
            if near
            else f" Known are {', '.join(known)}, PRESET:MODEL, and GGUF files by path."
        )


def _looks_like_path(key: str) -> bool:
    return key.endswith(".gguf") or "/" in key or "\\" in key
