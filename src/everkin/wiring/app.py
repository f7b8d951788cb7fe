"""open_app(settings): builds, opens and closes every part. The only module that imports all of them."""

import dataclasses
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp

from everkin.app import App, Limits
from everkin.cache.entities import EntityCaches
from everkin.characters import load_starters
from everkin.characters.service import CharacterService
from everkin.characters.starters import seed_starters
from everkin.context.budget import Budget
from everkin.domain.errors import EverkinError
from everkin.domain.events import Event
from everkin.domain.ids import new_node_id
from everkin.domain.prompt import SamplingParams
from everkin.history.log_cache import HistoryCache
from everkin.kit.clock import SystemClock
from everkin.kit.hub import Hub
from everkin.kit.private_files import tighten
from everkin.llm.providers.http import new_session
from everkin.llm.providers.pool import OutgoingPool
from everkin.llm.registry.config import RegistryConfig
from everkin.llm.registry.registry import ModelRegistry
from everkin.observability.health import Condition, Health, PartHealth, Probe, SparingProbe
from everkin.security.accounts import Accounts, AccountsConfig
from everkin.security.ages import Ages
from everkin.security.external import ExternalConfig, ExternalIssuer
from everkin.security.guests import Guests
from everkin.security.loopback import is_loopback
from everkin.security.names import Names
from everkin.security.ports import Counts
from everkin.security.receipts import Signer
from everkin.security.secret import choose_secret
from everkin.services.conversations import ConversationService
from everkin.services.greeting_cache import GreetingCache
from everkin.services.greetings import GreetingRules, GreetingService
from everkin.services.memories import MemoryService
from everkin.services.operations import AdminService
from everkin.services.personal_data import PersonalDataService
from everkin.services.prefetch import Prefetcher
from everkin.services.search import SearchService
from everkin.services.sessions import SessionRules, SessionService
from everkin.settings import Settings
from everkin.settings.model import ModelSettings
from everkin.storage.data_lock import DataLock
from everkin.storage.local.counts import LocalCounts
from everkin.storage.sql.record import Record, open_record
from everkin.turn.coalescing import Coalescing, TypingClock
from everkin.turn.inputs import PromptInputs
from everkin.turn.limits import DailyBudget, RateLimits, TurnLimits
from everkin.turn.person_names import PersonNames
from everkin.turn.presence import Presence
from everkin.turn.recovery import TurnRecovery
from everkin.turn.rules import TurnRules
from everkin.turn.turns import TurnService
from everkin.turn.typing_delay import TypingDelay
from everkin.wiring.cache import open_cache
from everkin.wiring.memory import CastScene, open_jobs, open_memory, watch_memory
from everkin.wiring.metrics import open_telemetry, watch_house, watch_models, watch_sessions
from everkin.wiring.upkeep import open_upkeep, share_logs, watch_logs

log = logging.getLogger("everkin.settings")


@asynccontextmanager
async def open_app(settings: Settings, clock: SystemClock | None = None) -> AsyncIterator[App]:
    """Open every part and yield the App; afterwards close everything in the reverse order. Raises StartError with a
    sentence that says how to fix it."""
    clock = clock or SystemClock()
    events: Hub[Event] = Hub()
    health = Health()
    watch_settings(health, settings)
    async with AsyncExitStack() as stack:
        stack.enter_context(DataLock(settings.storage.data))
        tighten(settings.storage.data, OWN_FILES)
        record = await stack.enter_async_context(open_record(settings.storage.database_url, settings.storage.data))
        session = await stack.enter_async_context(new_session(settings.model.concurrency))
        rules = turn_rules(settings)
        cache = await stack.enter_async_context(
            open_cache(settings.cache, rules.node, clock, sole=not settings.storage.database_url)
        )
        accounts = build_accounts(settings, record, session, cache.counts, clock)
        await accounts.ensure_owner()
        await accounts.forget_expired()
        starters = load_starters()
        await seed_starters(record.characters, starters, clock)
        books = await stack.enter_async_context(open_telemetry(record, events, health, clock, rules.node))
        registry = await stack.enter_async_context(
            ModelRegistry(
                RegistryConfig.of(dataclasses.asdict(settings.model), settings.storage.data),
                session,
                clock,
                meter=books.meter,
            )
        )

        budget = Budget(settings.chat.max_context_tokens, settings.chat.max_history_messages)
        shelves = EntityCaches(record.characters, record.users, cache.cache, clock)
        characters = CharacterService(record.characters, record.media, shelves, clock, dict(starters))
        stack.push_async_callback(characters.close)
        presence = Presence(events)
        shared = share_logs(cache, record, presence, clock)
        if shared is not None:
            stack.push_async_callback(shared.close)
        watch_logs(health, shared)
        logs = HistoryCache(
            record.messages,
            keep=budget.messages + settings.chat.max_waiting_turns,
            keep_resting=budget.messages,
            shared=shared,
        )
        typing = TypingClock(clock, settings.chat.typing_timeout_ms / 1000)
        signer = Signer(server_secret(settings))
        memory = await stack.enter_async_context(
            open_memory(settings, record, events, cache.cache, registry, logs, session, signer, clock)
        )
        turns = TurnService(
            messages=record.messages,
            logs=logs,
            characters=characters,
            gathering=PromptInputs(
                logs,
                characters,
                registry,
                budget,
                default_sampling(settings.model),
                clock,
                settings.model.total_seconds,
                memory.remembering if settings.memory.enabled else None,
            ),
            events=events,
            presence=presence,
            batching=Coalescing(clock, typing, settings.chat.batch_window_seconds),
            rates=TurnLimits(
                RateLimits(settings.chat.message_rate_limit, settings.chat.global_rate_limit, cache.counts),
                DailyBudget(settings.chat.daily_token_budget, settings.chat.daily_cost_budget),
                books.usage,
                clock,
            ),
            clock=clock,
            rules=rules,
            max_waiting=settings.chat.max_waiting_turns,
        )
        sessions = SessionService(
            logs=logs,
            conversations=record.conversations,
            messages=record.messages,
            counting=record.counting,
            turns=turns,
            characters=characters,
            models=registry,
            clock=clock,
            rules=session_rules(settings),
        )
        greetings = GreetingService(
            conversations=record.conversations,
            greetings=record.greetings,
            logs=logs,
            characters=characters,
            models=registry,
            announcing=turns.announcing,
            presence=presence,
            prepared=GreetingCache(cache.cache, clock),
            names=PersonNames(characters, memory.remembering if settings.memory.enabled else None),
            clock=clock,
            rules=GreetingRules(settings.chat.greeting_after_hours * 3600, settings.chat.model_greetings),
        )
        prefetcher = Prefetcher(
            logs, characters, sessions, greetings, clock, memory.remembering if settings.memory.enabled else None
        )
        conversations = ConversationService(
            conversations=record.conversations,
            messages=record.messages,
            logs=logs,
            characters=characters,
            turns=turns,
            typing=typing,
            events=events,
            clock=clock,
            max_message_length=settings.chat.max_message_length,
            prefetcher=prefetcher,
            greetings=greetings,
            erasure=memory.forgetting,
        )
        watch = TurnRecovery(turns, record.turns, logs, clock, rules, sole=not settings.storage.database_url)
        stack.push_async_callback(turns.close)
        await watch.open()
        stack.push_async_callback(watch.close)
        stack.enter_context(events.listening(sessions.hear))
        sessions.open()
        for background in (sessions, greetings, prefetcher):
            stack.push_async_callback(background.close)

        job_runner = await stack.enter_async_context(
            open_jobs(
                settings, memory, record, events, registry, CastScene(logs, characters), turns.queues.speaking, clock
            )
        )
        memory.forgetting.on_deleted = job_runner.wake
        writable = SparingProbe(_record_probe(record, clock), clock, "The database has not answered a write for 2 s.")
        stack.push_async_callback(writable.close)
        health.register("record", writable, essential=True)
        health.register("model", _model_probe(registry))
        health.register("cache", cache.probe)
        health.register("turns", _turns_probe(turns, watch, events))
        admin = AdminService(shelves, logs, turns.queues, (OutgoingPool(session), *cache.pools))
        sweeps = {
            "expired_tokens": accounts.forget_expired,
            "idle_sessions": sessions.sweep,
            "idle_connections": admin.clean_pools,
        }
        maintenance = await stack.enter_async_context(
            open_upkeep(settings, record, memory, job_runner, events, sweeps, clock)
        )
        watch_memory(health, memory, job_runner, embedder_wanted=settings.memory.embedder != "none")
        watch_sessions(health, sessions, prefetcher, greetings)
        watch_models(books.metrics, registry)
        watch_house(books.metrics, admin, sessions)
        yield App(
            turns=turns,
            conversations=conversations,
            characters=characters,
            presence=presence,
            sessions=sessions,
            greetings=greetings,
            guests=Guests(record.users, clock),
            accounts=accounts,
            ages=Ages(record.users, clock, shelves.settings.changed),
            names=Names(record.users, shelves.profiles.changed),
            registry=registry,
            events=events,
            admin=admin,
            memories=MemoryService(
                record.memories,
                record.messages,
                memory.keeping,
                memory.forgetting,
                characters,
                clock,
                signer.public_key,
                settings.memory.retention_days,
            ),
            search=SearchService(record.search, record.conversations, characters),
            personal_data=PersonalDataService(record.exporting, accounts, memory.forgetting, clock),
            job_runner=job_runner,
            maintenance=maintenance,
            usage=books.usage,
            metrics=books.metrics,
            health=health,
            clock=clock,
            limits=Limits(settings.chat.max_message_length, settings.chat.typing_timeout_ms),
        )


@asynccontextmanager
async def open_accounts(settings: Settings) -> AsyncIterator[Accounts]:
    """Yield the accounts alone, for commands that work beside a running server."""
    async with open_record(settings.storage.database_url, settings.storage.data) as record, new_session() as session:
        clock = SystemClock()
        yield build_accounts(settings, record, session, LocalCounts(clock), clock)


OWN_FILES = (
    "everkin.db*",
    "everkin.lock",
    "server.json",
    "secret.key*",
    "receipts.key",
    "model.json*",
    "terminal_history",
    "models",
    "chroma",
)
"""All files that Everkin creates in a data folder. Other files there are not touched: the folder may have other
uses."""


def build_accounts(
    settings: Settings, record: Record, session: aiohttp.ClientSession, counts: Counts, clock: SystemClock
) -> Accounts:
    auth = settings.auth
    config = AccountsConfig(server_secret(settings), auth.access_minutes, auth.refresh_days, auth.signup)
    external = None
    if auth.external_issuer:
        names = ExternalConfig(auth.external_issuer, auth.external_jwks_url, auth.external_audience)
        external = ExternalIssuer(names, session, clock)
    return Accounts(record.users, record.tokens, clock, config, counts, external=external)


def server_secret(settings: Settings) -> bytes:
    """Return the secret that signs tokens and receipts. Raises StartError."""
    loopback = is_loopback(settings.server.host)
    return choose_secret(settings.auth.jwt_secret, settings.storage.data, loopback=loopback)


def turn_rules(settings: Settings) -> TurnRules:
    return TurnRules(
        node=new_node_id(),
        lease_seconds=settings.storage.lease_seconds,
        max_message_length=settings.chat.max_message_length,
        flush_seconds=settings.chat.delta_flush_ms / 1000,
        stall_seconds=settings.model.stall_seconds,
        batch_seconds=settings.chat.batch_window_seconds,
        natural=TypingDelay(settings.chat.min_typing_delay, settings.chat.max_typing_delay)
        if settings.chat.natural_delay
        else None,
        help_locale=settings.chat.help_locale,
    )


def session_rules(settings: Settings) -> SessionRules:
    return SessionRules(
        idle_seconds=settings.chat.session_idle_minutes * 60, sweep_seconds=settings.chat.session_sweep_minutes * 60
    )


def default_sampling(model: ModelSettings) -> SamplingParams:
    return SamplingParams(
        temperature=model.temperature,
        max_tokens=model.max_tokens,
        top_p=model.top_p,
        frequency_penalty=model.frequency_penalty,
        presence_penalty=model.presence_penalty,
    )


def watch_settings(health: Health, settings: Settings) -> None:
    """Report names in the .env file that have no effect: once in the log, and permanently in health."""
    if settings.warning:
        log.warning("%s", settings.warning)

    async def probe() -> PartHealth:
        return PartHealth(Condition.OK, settings.warning)

    health.register("settings", probe)


def _record_probe(record: Record, clock: SystemClock) -> Probe:
    async def probe() -> PartHealth:
        figures = {
            "waiting": float(record.database.waiting),
            "page_cache_limit_bytes": float(record.database.page_cache_limit),
        }
        try:
            await record.write_probe.write(clock.now())
        except EverkinError as error:
            return PartHealth(Condition.DOWN, error.sentence, figures)
        return PartHealth(Condition.OK, record.database.dialect, figures)

    return probe


def _model_probe(registry: ModelRegistry) -> Probe:
    async def probe() -> PartHealth:
        state = await registry.health()
        figures = {name: float(value) for name, value in state.figures.items()}
        return PartHealth(Condition(state.condition), state.note, figures)

    return probe


def _turns_probe(turns: TurnService, watch: TurnRecovery, events: Hub[Event]) -> Probe:
    async def probe() -> PartHealth:
        figures = {
            "live": float(sum(1 for _ in turns.queues.all_requests())),
            "taken_over": float(watch.taken_over),
            "listener_failures": float(events.failures),
        }
        condition = Condition.DEGRADED if events.failures else Condition.OK
        return PartHealth(condition, "A listener failed; see the log." if events.failures else "", figures)

    return probe
