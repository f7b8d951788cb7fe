"""What the shelf is told about this house, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from everkin.llm.providers.presets import PRESETS


@dataclass(frozen=True, slots=True)
class RegistryConfig:
    """`model`, `model_name`, `base_url`, `api_key` describe the one endpoint the operator set up (EVERKIN_MODEL and
    MODEL_*); all are empty when a person is to choose.

    A key may be several, comma-separated. `long_model`, `uncensored_model`: see routing.py.

    `price_in`, `price_out`: dollars a million tokens of the chosen model; below 0: by the table of profiles.
    """

    data: Path
    """The data folder."""
    model: str = ""
    model_name: str = ""
    base_url: str = ""
    api_key: str = field(default="", repr=False)
    keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Preset -> its own key."""
    first_token_seconds: float = 30.0
    local_first_token_seconds: float = 180.0
    total_seconds: float = 300.0
    retries: int = 3
    concurrency: int = 3
    """Calls at once at one server, for each key."""
    queue_limit: int = 1000
    fallbacks: tuple[str, ...] = ()
    """Names of models that stand in for one that cannot answer, in order."""
    cache_seconds: float = 300.0
    cache_mib: int = 8
    long_model: str = ""
    uncensored_model: str = ""
    local_threads: int = 0
    local_context: int = 8192
    local_slots: int = 2
    local_cache_mib: int = 512
    discover: bool = True
    fetch_default: bool = True
    """Whether the small default model is fetched by itself when it is needed and not here."""
    scripted_pace: float = 0.0
    price_in: float = -1.0
    price_out: float = -1.0

    @classmethod
    def of(cls, knobs: Mapping[str, Any], data: Path) -> "RegistryConfig":
        """From the model's section of the settings as a mapping; a preset's key is its `NAME_api_key`."""
        known = {each.name for each in fields(cls)} - {"data", "keys"}
        keys = {name: knobs[f"{name}_api_key"].strip() for name in PRESETS if knobs.get(f"{name}_api_key")}
        return cls(data=data, keys=keys, **{name: value for name, value in knobs.items() if name in known})
