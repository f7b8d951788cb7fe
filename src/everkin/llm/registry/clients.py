"""Clients of the models: from a canonical name to a model behind all policies of the gateway."""

from collections.abc import Callable
from dataclasses import replace

import aiohttp

from everkin.domain.chat_model import ChatModel
from everkin.domain.errors import ModelMissing
from everkin.domain.prompt import Prompt
from everkin.kit.clock import Clock
from everkin.llm.gateway.cached_replies import CachedReplies
from everkin.llm.gateway.failover import FailoverTarget
from everkin.llm.gateway.metering import Meter, Pricing, free
from everkin.llm.gateway.retry import Retry
from everkin.llm.gateway.slots import Slots
from everkin.llm.gateway.stack import EndpointStack, Gateway, Pipeline, Policy
from everkin.llm.gateway.streams import Opening
from everkin.llm.gateway.timeout import TimeoutModel, Timeouts
from everkin.llm.local.models import LocalModels
from everkin.llm.profiles import LOCAL, Profile, own_price, profile_of
from everkin.llm.providers.absent import AbsentModel
from everkin.llm.providers.endpoint import Endpoint
from everkin.llm.providers.openai_compatible import OpenAICompatible
from everkin.llm.providers.presets import PRESETS
from everkin.llm.providers.scripted import ScriptedModel
from everkin.llm.registry.config import RegistryConfig
from everkin.llm.registry.endpoints import Endpoints

EndpointId = tuple[str, ...]
"""The model's name, for a remote endpoint with its URL and model, for an unavailable one with the reason."""


class ModelClients:
    """Makes one client, one queue and one breaker per endpoint, once. `fallbacks` returns the canonical names of the
    fallback models in order, `chosen` that of the current model."""

    def __init__(
        self,
        config: RegistryConfig,
        session: aiohttp.ClientSession,
        clock: Clock,
        endpoints: Endpoints,
        local_models: LocalModels,
        *,
        fallbacks: Callable[[], tuple[str, ...]],
        chosen: Callable[[], str],
        meter: Meter,
    ) -> None:
        self.replies = CachedReplies(clock, seconds=config.cache_seconds, most_bytes=config.cache_mib * 2**20)
        self.stacks: dict[EndpointId, EndpointStack] = {}
        self.spoken: dict[tuple[EndpointId, ...], Pipeline] = {}
        self._session = session
        self._clock = clock
        self._endpoints = endpoints
        self._locals = local_models
        self._fallbacks = fallbacks
        self._chosen = chosen
        self._price = own_price(config.price_in, config.price_out)
        self._gateway = Gateway(clock, replies=self.replies, meter=meter)
        self._places: dict[str, Slots] = {}
        self._policy = Policy(
            Timeouts(config.first_token_seconds, config.total_seconds),
            places=config.concurrency,
            waiting=config.queue_limit,
            longest_wait=config.total_seconds,
            retry=Retry(times=config.retries),
        )
        self._local_policy = replace(
            self._policy,
            limits=Timeouts(config.local_first_token_seconds, config.total_seconds),
            places=config.local_slots,
        )
        self._scripted = FailoverTarget(
            TimeoutModel(ScriptedModel(clock, pace=config.scripted_pace), self._policy.limits)
        )

    def speaker(self, name: str) -> ChatModel:
        """Return the model of that name, followed by its fallbacks. Never raises: an unavailable model raises when its
        stream is entered. A local model begins to load."""
        if name.startswith("local:"):
            self._locals.get(name.partition(":")[2])
        names = [name] if name == "scripted" else list(dict.fromkeys((name, *self._fallbacks())))
        chain = [self._link(each, last=each == names[-1]) for each in names]
        key = tuple(endpoint for endpoint, _ in chain)
        if key not in self.spoken:
            pricing = free if _costs_nothing(name) else self._pricing(name)
            self.spoken[key] = self._gateway.model([link for _, link in chain], pricing)
        return self.spoken[key].model

    async def close(self) -> None:
        for spoken in self.spoken.values():
            await spoken.shared.tasks.close()

    def _pricing(self, name: str) -> Pricing:
        """Return the prices for calls of a model. The operator's own price applies to the chosen model and to its
        priced fallbacks."""
        price = self._price
        if price is None:
            return profile_of

        def pricing(model: str) -> Profile:
            known = profile_of(model)
            return price if name == self._chosen() and known is not LOCAL else known

        return pricing

    def _link(self, name: str, last: bool) -> tuple[EndpointId, FailoverTarget]:
        family, _, key = name.partition(":")
        if family == "scripted":
            return (name,), self._scripted
        if family == "local":
            return (name,), self._stacked((name,), [_Local(self._locals, key)], self._local_policy, name)
        try:
            endpoints = self._endpoints.for_each_key(name)
        except ModelMissing as error:
            sentence = error.sentence
            return (name, sentence), FailoverTarget(AbsentModel(name, lambda: ModelMissing(sentence)))
        place = (name, endpoints[0].url, endpoints[0].model)
        policy = self._policy if last else replace(self._policy, retry=_once(self._policy.retry))
        return place, self._stacked(place, [self._client(each) for each in endpoints], policy, endpoints[0].url)

    def _stacked(self, endpoint: EndpointId, models: list[ChatModel], policy: Policy, server: str) -> FailoverTarget:
        if endpoint not in self.stacks:
            places = self._places.get(server) or self._gateway.places(policy, len(models))
            self._places[server] = places
            self.stacks[endpoint] = self._gateway.stack(models, policy, places)
        return self.stacks[endpoint].link

    def _client(self, endpoint: Endpoint) -> ChatModel:
        return OpenAICompatible(endpoint, self._session, self._clock)


class _Local:
    """The local model of a key, looked up at each call: it may have been stopped or its file may have appeared
    meanwhile."""

    def __init__(self, local_models: LocalModels, key: str) -> None:
        self._locals = local_models
        self._key = key

    @property
    def name(self) -> str:
        return self._locals.get(self._key).name

    def stream(self, prompt: Prompt) -> Opening:
        return self._locals.get(self._key).stream(prompt)


def _once(retry: Retry) -> Retry:
    """Allow one retry at most: with another endpoint in reserve the user should not wait through all pauses."""
    return replace(retry, times=min(1, retry.times))


def _costs_nothing(name: str) -> bool:
    family = name.partition(":")[0]
    return family in ("local", "scripted") or PRESETS[family].local
