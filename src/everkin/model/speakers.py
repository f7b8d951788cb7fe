"""From a canonical name to the model that speaks, behind the gateway's whole stack."""

import aiohttp

from everkin.domain.errors import ModelMissing
from everkin.kit.clock import Clock
from everkin.model.endpoints import Endpoints
from everkin.model.gateway import gateway
from everkin.model.local_models import LocalModels
from everkin.model.port import ChatModel
from everkin.model.providers.absent import AbsentModel
from everkin.model.providers.openai_compatible import OpenAICompatible
from everkin.model.providers.scripted import ScriptedModel
from everkin.model.shelf_config import ShelfConfig
from everkin.model.timed import Limits


class Speakers:
    """One client an endpoint, made once."""

    def __init__(
        self,
        config: ShelfConfig,
        session: aiohttp.ClientSession,
        clock: Clock,
        endpoints: Endpoints,
        local_models: LocalModels,
    ) -> None:
        self._session = session
        self._clock = clock
        self._endpoints = endpoints
        self._locals = local_models
        self._limits = Limits(config.first_token_seconds, config.total_seconds)
        self._local_limits = Limits(config.local_first_token_seconds, config.total_seconds)
        self._scripted = gateway(ScriptedModel(clock, pace=config.scripted_pace), self._limits)
        self._remote: dict[tuple[str, str, str], ChatModel] = {}

    def speaker(self, name: str) -> ChatModel:
        """Never raises: a model that cannot speak says so when it is entered."""
        family, _, key = name.partition(":")
        if family == "scripted":
            return self._scripted
        if family == "local":
            return gateway(self._locals.get(key), self._local_limits)
        return self._at_endpoint(name)

    def _at_endpoint(self, name: str) -> ChatModel:
        try:
            endpoint = self._endpoints.endpoint(name)
        except ModelMissing as error:
            sentence = error.sentence
            return AbsentModel(name, lambda: ModelMissing(sentence))
        key = (name, endpoint.url, endpoint.model)
        if key not in self._remote:
            self._remote[key] = gateway(OpenAICompatible(endpoint, self._session, self._clock), self._limits)
        return self._remote[key]
