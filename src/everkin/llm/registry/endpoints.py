"""Endpoints: from a name like `groq` or `ollama:llama3.2` to an address, a model and the key that may be sent there."""

from dataclasses import replace

from everkin.domain.errors import ModelMissing
from everkin.llm.providers.endpoint import Endpoint
from everkin.llm.providers.presets import PRESETS, Preset
from everkin.llm.registry.config import RegistryConfig
from everkin.llm.registry.discovery import Discovery


class Endpoints:
    """MODEL_NAME, MODEL_BASE_URL and MODEL_API_KEY apply only to the preset named by EVERKIN_MODEL (`custom` when only
    an address is given). A preset's own key is sent only to the preset's own address."""

    def __init__(self, config: RegistryConfig, discovery: Discovery) -> None:
        self._config = config
        self._discovery = discovery
        self._own = config.model.partition(":")[0] or ("custom" if config.base_url else "")

    def needs_key(self, name: str) -> bool:
        """Return whether the model cannot be used before its key is set."""
        preset = _preset(name)
        elsewhere = self._base_url(preset) != preset.base_url
        return not (preset.local or elsewhere or self._key(preset) or preset.name == "custom")

    def endpoint(self, name: str) -> Endpoint:
        """Return the endpoint of a canonical name. Raises ModelMissing when a key, an address or the model's name is
        still missing."""
        preset = _preset(name)
        if self.needs_key(name):
            raise ModelMissing(f"{preset.title} needs a key. Put it into {preset.key_env} and start Everkin again.")
        base_url = self._base_url(preset)
        if not base_url:
            raise ModelMissing("A custom endpoint needs its address: set MODEL_BASE_URL (it usually ends in /v1).")
        return Endpoint(
            title=preset.title,
            base_url=base_url,
            model=self._model(name, preset),
            key=self._key(preset),
            key_env="MODEL_API_KEY" if self._explicit_key(preset) else preset.key_env,
            max_tokens_field=preset.max_tokens_field,
            keep_alive=preset.keep_alive,
        )

    def for_each_key(self, name: str) -> list[Endpoint]:
        """Return the endpoint once for each of its comma-separated keys. Raises ModelMissing as `endpoint` does."""
        endpoint = self.endpoint(name)
        keys = dict.fromkeys(key.strip() for key in endpoint.key.split(","))
        return [replace(endpoint, key=key) for key in keys if key] or [endpoint]

    def _model(self, name: str, preset: Preset) -> str:
        own = self._config.model_name if preset.name == self._own else ""
        model = name.partition(":")[2] or own or preset.default_model or self._discovery.first_of(preset.name)
        if model:
            return model
        if preset.local:
            place = preset.base_url.removeprefix("http://").removesuffix("/v1")
            raise ModelMissing(
                f"{preset.title} was not found at {place}, or has no model yet. Start it, or set MODEL_NAME."
            )
        raise ModelMissing("A custom endpoint needs its model's name: set MODEL_NAME.")

    def _base_url(self, preset: Preset) -> str:
        return (self._config.base_url if preset.name == self._own else "") or preset.base_url

    def _key(self, preset: Preset) -> str:
        if explicit := self._explicit_key(preset):
            return explicit
        at_home = self._base_url(preset) == preset.base_url
        return self._config.keys.get(preset.name, "") if at_home else ""

    def _explicit_key(self, preset: Preset) -> str:
        return self._config.api_key.strip() if preset.name == self._own else ""


def _preset(name: str) -> Preset:
    return PRESETS[name.partition(":")[0]]
