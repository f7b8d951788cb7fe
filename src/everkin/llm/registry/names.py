"""The names of models: what people write, and the one canonical form of each.

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
    """`default_local`: the catalogue's name that plain `local` means just now."""

    def __init__(self, config: RegistryConfig, default_local: Callable[[], str]) -> None:
        self._config = config
        self._default_local = default_local
        self._fixed: dict[str, str] = {}

    def canonical(self, name: str, *, paths: bool = True) -> str:
        """Invalid for an unknown name, with the known ones; with `paths` False for a file as well."""
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
        """What EVERKIN_MODEL (with MODEL_NAME) says, empty when it says nothing. Invalid when it names nothing known."""
        model, named = self._config.model.strip(), self._config.model_name.strip()
        if model == "local" and named:
            return self._settled(f"local:{named}")
        return self._settled(model) if model else ""

    def standing_in(self, names: Iterable[str]) -> tuple[str, ...]:
        """The canonical names of a setting's list. Invalid when one is unknown."""
        return tuple(self._settled(name) for name in names)

    def kept(self, choice: str) -> str:
        """A choice from before; a file that has gone since keeps its name, so that speaking says what is missing."""
        try:
            return self.canonical(choice) if choice else ""
        except Invalid:
            return choice if choice.startswith("local:") else ""

    def fallback(self) -> str:
        """Nobody chose: the operator's own endpoint where an address is set, else the local model."""
        if self._config.base_url:
            return "custom"
        named = self._config.model_name.strip()
        return self._settled(f"local:{named}") if named else self.canonical("local")

    def _settled(self, name: str) -> str:
        """A setting's canonical name, judged once: a file that goes away later is the model's failure, not the name's."""
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
