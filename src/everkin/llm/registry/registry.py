"""The model registry: the available language models, and which one answers."""

import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from types import TracebackType

import aiohttp

from everkin.domain.character import Character
from everkin.domain.chat_model import ChatModel, TokenCounter
from everkin.domain.errors import Conflict, EverkinError, Invalid, StartError
from everkin.kit.clock import Clock
from everkin.kit.tasks import Tasks
from everkin.llm.gateway.metering import Meter, unmetered
from everkin.llm.local.catalogue import BETTER, CATALOGUE
from everkin.llm.local.download import HUB, ModelDownload
from everkin.llm.local.models import LocalModels
from everkin.llm.local.package_mirror import Fetch
from everkin.llm.profiles import profile_of
from everkin.llm.providers.presets import Preset
from everkin.llm.registry.choice_file import ChoiceFile
from everkin.llm.registry.clients import ModelClients
from everkin.llm.registry.config import RegistryConfig
from everkin.llm.registry.discovery import Discovery
from everkin.llm.registry.endpoints import Endpoints
from everkin.llm.registry.entries import ModelEntry, ModelPlan, ModelStatus, PullProgress, Reason, RegistryHealth
from everkin.llm.registry.listing import ModelListing
from everkin.llm.registry.names import ModelNames
from everkin.llm.registry.routing import Route, Rules, Situation, route
from everkin.llm.registry.stats import GatewayStats, gateway_stats
from everkin.llm.tokens import EstimateCounter

log = logging.getLogger("everkin.llm")

LOOK_SECONDS = 60.0
"""Seconds between two searches of loopback."""
FRESH_SECONDS = 5.0
"""A listing searches loopback again when the last search is older."""
NAMES_LOGGED = 100
"""Unavailable preferred models logged by a process, each once."""

__all__ = [
    "ModelEntry",
    "ModelPlan",
    "ModelRegistry",
    "ModelStatus",
    "PullProgress",
    "RegistryConfig",
    "RegistryHealth",
]


class ModelRegistry:
    """A context manager: on entering, the chosen local model begins to load and loopback is searched for servers, both
    in the background. Raises StartError on entering when a model in the settings is unknown."""

    def __init__(
        self,
        config: RegistryConfig,
        session: aiohttp.ClientSession,
        clock: Clock,
        *,
        hub: str = HUB,
        fetch: Fetch | None = None,
        loopback: tuple[Preset, ...] | None = None,
        meter: Meter = unmetered,
    ) -> None:
        self._config = config
        self._session = session
        self._clock = clock
        self._tasks = Tasks("shelf")
        self._choice = ChoiceFile(config.data)
        self._discovery = Discovery(session, loopback)
        self._looked_at: float | None = None
        self._puller = ModelDownload(config.data / "models", session, hub=hub, fetch=fetch)
        self._locals = LocalModels(config, session, clock, self._puller)
        self._endpoints = Endpoints(config, self._discovery)
        self._names = ModelNames(config, self._locals.default)
        self._labels = ModelListing(self._locals, self._endpoints, self._discovery)
        self._speakers = ModelClients(
            config,
            session,
            clock,
            self._endpoints,
            self._locals,
            fallbacks=self._standing_in,
            chosen=self.current,
            meter=meter,
        )
        self._estimates = EstimateCounter()
        self._unmet = 0
        self._unmet_names: set[str] = set()

    async def __aenter__(self) -> "ModelRegistry":
        try:
            current = self.current()
            self._names.standing_in((*self._config.fallbacks, *filter(None, self._routed_names())))
        except Invalid as error:
            raise StartError(error.sentence) from None
        log.info("the language model is %s", current)
        self._speakers.speaker(current)
        self._tasks.start(self._keep_looking())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Stop all tasks, clients and local models; also for a registry that was not entered, where `use` or `status`
        may have started loading."""
        await self._tasks.close()
        await self._speakers.close()
        await self._locals.close()

    def current(self) -> str:
        """Return the canonical name of the current model, such as `local:smollm2-135m`."""
        return self._settled()[0]

    def plan(self) -> ModelPlan:
        """Return which model answers in which case. Loads no model."""
        name, reason = self._settled()
        long, uncensored = (self._speaking(wanted) for wanted in self._routed_names())
        fallbacks = tuple(each for each in map(self._speaking, self._standing_in()) if each)
        return ModelPlan(self._labels.entry(name), reason, long, uncensored, fallbacks)

    async def loaded(self) -> None:
        """Wait until the current model is ready or has failed for good."""
        family, _, key = self.current().partition(":")
        if family == "local":
            await self._locals.get(key).settled()

    def model_for(self, character: Character) -> ChatModel:
        """Return the model that answers for a character. Never raises: an unavailable model raises ModelMissing or
        ModelUnreachable when its stream is entered."""
        return self._speakers.speaker(self._name_for(character))

    def routed(self, character: Character, situation: Situation) -> tuple[ChatModel, Route]:
        """Like `model_for`, but by the rules of routing.py. A rule whose model is not ready is skipped. The preferred
        model is read from the character, not from `situation`."""
        long, uncensored = (self._preferred(name) or "" if name else "" for name in self._routed_names())
        rules = Rules(fast=self.current(), long=long, uncensored=uncensored)
        wanted = character.persona.preferred_model.strip()
        chosen = route(rules, replace(situation, preferred=(self._preferred(wanted) if wanted else None) or ""))
        return self._speakers.speaker(chosen.model), chosen

    def writer(self) -> ChatModel | None:
        """Return the model for Everkin's own texts (facts, summaries, titles): the current model if it can answer in
        JSON, else None. Of the local models only BETTER can; a provider's model that the table does not list is
        assumed to."""
        family, _, key = self.current().partition(":")
        if family in ("local", "scripted"):
            return self._speakers.speaker(f"{family}:{key}") if key == BETTER else None
        profile = profile_of(key)
        return self._speakers.speaker(self.current()) if not profile.known or "json" in profile.abilities else None

    def gateway(self) -> GatewayStats:
        """Return the state of queues, breakers, keys, response cache and connection pool."""
        return gateway_stats(self._speakers, self._session)

    def forget_replies(self, user_id: str = "", conversation_id: str = "") -> int:
        """Drop cached replies of one user, of one conversation, or all, and return how many."""
        return self._speakers.replies.forget(user_id, conversation_id)

    def counter_for(self, character: Character) -> TokenCounter:
        """Return the token counter of the model that answers for a character."""
        family, _, key = self._name_for(character).partition(":")
        return self._locals.counter(key) if family == "local" else self._estimates

    async def status(self) -> ModelStatus:
        """Return the state of the current model. A local model begins to load."""
        name = self.current()
        entry = self._labels.entry(name)
        condition, note = ("ready", "") if entry.state == "ready" else ("down", entry.note)
        if entry.kind == "local":
            state = self._locals.get(name.partition(":")[2]).state()
            condition, note = state.condition, state.note
        return ModelStatus(entry, condition, self.plan(), note, self._labels.better(entry, condition))

    async def entries(self) -> list[ModelEntry]:
        """Return all choices, in the order of recommendation. Searches loopback again when the last search is older
        than FRESH_SECONDS."""
        await self._look_if_stale()
        return self._labels.all(self.current())

    async def use(self, name: str) -> ModelStatus:
        """Choose a model from the next turn on, and after restarts; a local model begins to load. Raises as `choose`
        does."""
        await self.choose(name)
        return await self.status()

    async def choose(self, name: str) -> ModelEntry:
        """Store the choice. Raises Invalid (with the known names) for an unknown one, Conflict if the model is not
        ready or EVERKIN_MODEL is set."""
        await self._look_if_stale()
        chosen = self._names.canonical(name)
        if self._config.model:
            raise Conflict(f"EVERKIN_MODEL={self._config.model} decides here (or --model). Unset it to choose another.")
        entry = self._labels.entry(chosen)
        if entry.state != "ready":
            raise Conflict(entry.note)
        self._choice.write(chosen)
        return entry

    async def pull(self, name: str) -> AsyncGenerator[PullProgress, None]:
        """Download a model of the catalogue. Raises Invalid for an unknown name, Unavailable or Conflict when the
        download fails."""
        weights = CATALOGUE.get(name.removeprefix("local:"))
        if weights is None:
            raise Invalid(f"There is no model {name!r} to fetch. There are: {', '.join(CATALOGUE)}.", field="name")
        async with aclosing(self._puller.pull(weights)) as steps:
            async for step in steps:
                yield step

    async def health(self) -> RegistryHealth:
        """Return the condition of the current model with the counters of registry and gateway."""
        status = await self.status()
        condition = {"ready": "ok", "starting": "degraded"}.get(status.condition, "down")
        figures = {
            "restarts": self._locals.restarts,
            "estimated_counts": self._locals.fallbacks,
            "unmet_preferences": self._unmet,
            "servers_found": len({found.preset.name for found in self._discovery.found}),
        }
        note = f"{status.current.title}: {status.note}" if status.note else status.current.title
        stats = self.gateway()
        if stats.troubles and condition == "ok":
            condition, note = "degraded", "; ".join([note, *stats.troubles])
        return RegistryHealth(
            condition, note, {**{name: float(value) for name, value in figures.items()}, **stats.figures()}
        )

    def _settled(self) -> tuple[str, Reason]:
        """Return the name of the current model, and why it is the current one."""
        if configured := self._names.configured():
            return configured, "setting"
        if kept := self._names.kept(self._choice.read()):
            return kept, "chosen"
        return self._names.fallback(), "setting" if self._config.base_url or self._config.model_name else "default"

    def _speaking(self, wanted: str) -> str:
        """Return the canonical name; "" if `wanted` is empty or the model is not ready."""
        if not wanted:
            return ""
        name = self._names.canonical(wanted)
        return name if self._labels.entry(name).state == "ready" else ""

    def _standing_in(self) -> tuple[str, ...]:
        return self._names.standing_in(self._config.fallbacks)

    def _routed_names(self) -> tuple[str, str]:
        return self._config.long_model.strip(), self._config.uncensored_model.strip()

    def _name_for(self, character: Character) -> str:
        wanted = character.persona.preferred_model.strip()
        return (self._preferred(wanted) if wanted else None) or self.current()

    def _preferred(self, wanted: str) -> str | None:
        """Return a character's preferred model if it is ready, else None. Never a file, since characters come from
        untrusted sources."""
        try:
            name = self._names.canonical(wanted, paths=False)
            if self._labels.entry(name).state == "ready":
                return name
        except EverkinError:
            pass
        self._unmet += 1
        if wanted not in self._unmet_names and len(self._unmet_names) < NAMES_LOGGED:
            self._unmet_names.add(wanted)
            log.warning("a character prefers a model that cannot speak here; the current one speaks for it")
        return None

    async def _keep_looking(self) -> None:
        while True:
            if self._config.discover:
                await self._look()
            await self._clock.sleep(LOOK_SECONDS)
            self._speakers.replies.sweep()
            await self._locals.tidy(self.current().partition(":")[2])

    async def _look_if_stale(self) -> None:
        now = self._clock.monotonic()
        if self._config.discover and (self._looked_at is None or now - self._looked_at > FRESH_SECONDS):
            await self._look()

    async def _look(self) -> None:
        await self._discovery.look()
        self._looked_at = self._clock.monotonic()
