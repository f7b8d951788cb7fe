"""The registry's configuration, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from everkin.llm.providers.presets import PRESETS


@dataclass(frozen=True, slots=True)
class RegistryConfig:
    """Settings of the model registry. `model`, `model_name`, `base_url`, `api_key` describe the one endpoint the
    operator configured (EVERKIN_MODEL and MODEL_*); all are empty when the user chooses."""

    data: Path
    """The data folder."""
    model: str = ""
    """A model's name, as EVERKIN_MODEL gives it; "" lets the user choose."""
    model_name: str = ""
    """The model at the configured endpoint, or the local model's name; "" means the default."""
    base_url: str = ""
    """Address of the configured endpoint; "" means the preset's own."""
    api_key: str = field(default="", repr=False)
    """Key of the configured endpoint, or several, comma-separated."""
    keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Preset -> its own key, or several, comma-separated."""
    first_token_seconds: float = 30.0
    """Longest wait for the first token and between two, in seconds."""
    local_first_token_seconds: float = 180.0
    """The same for a local model, which may have to load first."""
    total_seconds: float = 300.0
    """Longest duration of one reply, and longest wait for a slot, in seconds."""
    retries: int = 3
    """Retries after the first try."""
    concurrency: int = 3
    """Concurrent calls to one server, for each key."""
    queue_limit: int = 1000
    """Calls that may wait for a slot at one server."""
    fallbacks: tuple[str, ...] = ()
    """Names of models that replace one that cannot answer, in order."""
    cache_seconds: float = 300.0
    """Seconds a reply stays in the response cache; 0 turns it off."""
    cache_mib: int = 8
    """Bound of the response cache in MiB."""
    long_model: str = ""
    """Model for long messages and conversations, see routing.py; "": no such rule."""
    uncensored_model: str = ""
    """Model for sexual messages where allowed, see routing.py; "": no such rule."""
    local_threads: int = 0
    """Threads of the local model; 0: the usable cores minus one."""
    local_context: int = 8192
    """Context window of the local model in tokens."""
    local_slots: int = 2
    """Requests the local model works on at once."""
    local_cache_mib: int = 512
    """Bound of the local model's prompt cache in MiB."""
    discover: bool = True
    """Whether servers on loopback are searched for."""
    fetch_default: bool = True
    """Whether the small default model is downloaded automatically when it is needed and missing."""
    scripted_pace: float = 0.0
    """Words per second of the scripted model; 0: as fast as they are read."""
    price_in: float = -1.0
    """US dollars per million prompt tokens of the chosen model; below 0: by the table of profiles."""
    price_out: float = -1.0
    """US dollars per million generated tokens of the chosen model; below 0: by the table of profiles."""

    @classmethod
    def of(cls, knobs: Mapping[str, Any], data: Path) -> "RegistryConfig":
        """Make it from the model section of the settings; the key of a preset is the setting `NAME_api_key`."""
        known = {each.name for each in fields(cls)} - {"data", "keys"}
        keys = {name: knobs[f"{name}_api_key"].strip() for name in PRESETS if knobs.get(f"{name}_api_key")}
        return cls(data=data, keys=keys, **{name: value for name, value in knobs.items() if name in known})
