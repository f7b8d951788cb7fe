"""open_app(settings): builds, opens and closes every part. The only file that knows all names."""

import dataclasses
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp

from everkin.app import App, Limits
from everkin.characters import load_starters
from everkin.context.budget import Budget
from everkin.domain.errors import EverkinError
from everkin.domain.events import Event
from everkin.domain.ids import new_node_id
from everkin.domain.prompt import Draw
from everkin.kit.clock import SystemClock
from everkin.kit.hub import Hub
from everkin.kit.private_files import tighten
from everkin.model.providers.http import new_session
from everkin.model.providers.pool import OutgoingPool
from everkin.model.shelf import Shelf
from everkin.model.shelf_config import ShelfConfig
from everkin.settings import Settings
from everkin.settings_model import ModelSettings
from everkin.storage.data_lock import DataLock
from everkin.storage.local.counts import LocalCounts
from everkin.storage.sql.record import Record, open_record
from everkin.trust.accounts import Accounts, AccountsConfig
from everkin.trust.ages import Ages
from everkin.trust.external import ExternalConfig, ExternalIssuer
from everkin.trust.guests import Guests
from everkin.trust.loopback import is_loopback
from everkin.trust.names import Names
from everkin.trust.ports import Counts
from everkin.trust.receipts import Signer
from everkin.trust.secret import choose_secret
from everkin.turn.ahead import Ahead
from everkin.turn.batching import Batching, Typing
from everkin.turn.budgets import Budgets, DailyBudget
from everkin.turn.cast import Cast
from everkin.turn.conversing import Conversing
from everkin.turn.gather import Gathering
from everkin.turn.hot import HotLogs
from everkin.turn.leaving import Leaving
from everkin.turn.memories import Memories
from everkin.turn.natural import NaturalDelay
from everkin.turn.operating import Operating
from everkin.turn.person_names import PersonNames
from everkin.turn.prepared import Prepared
from everkin.turn.presence import Presence
from everkin.turn.rates import Rates
from everkin.turn.searching import Searching
from everkin.turn.sessions import SessionRules, Sessions
from everkin.turn.shelves import Shelves
from everkin.turn.starters import seed_starters
from everkin.turn.turns import TurnRules, TurnService
from everkin.turn.watching import TurnWatch
from everkin.turn.welcoming import WelcomeRules, Welcomes
from everkin.watch.health import Condition, Health, PartHealth, Probe, SparingProbe
from everkin.wiring_cache import open_cache
from everkin.wiring_memory import CastScene, open_jobs, open_memory, watch_memory
from everkin.wiring_metrics import open_books, watch_house, watch_models, watch_sessions
from everkin.wiring_upkeep import open_upkeep, share_logs, watch_logs

log = logging.getLogger("everkin.settings")


@asynccontextmanager
async def open_app(settings: Settings, clock: SystemClock | None = None) -> AsyncIterator[App]:
    """Everything open, everything closed again in the reverse order. StartError with the sentence that mends it."""
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
        books = await stack.enter_async_context(open_books(record, events, health, clock, rules.node))
        shelf = await stack.enter_async_context(
            Shelf(
                ShelfConfig.of(dataclasses.asdict(settings.model), settings.storage.data),
                session,
                clock,
                meter=books.meter,
            )
        )

        budget = Budget(settings.chat.max_context_tokens, settings.chat.max_history_messages)
        shelves = Shelves(record.characters, record.users, cache.cache, clock)
        cast = Cast(record.characters, record.media, shelves, clock, dict(starters))
        stack.push_async_callback(cast.close)
        presence = Presence(events)
        shared = share_logs(cache, record, presence, clock)
        if shared is not None:
            stack.push_async_callback(shared.close)
        watch_logs(health, shared)
        logs = HotLogs(
            record.messages,
            keep=budget.messages + settings.chat.max_waiting_turns,
            keep_resting=budget.messages,
            shared=shared,
        )
        typing = Typing(clock, settings.chat.typing_timeout_ms / 1000)
        signer = Signer(house_secret(settings))
        memory = await stack.enter_async_context(
            open_memory(settings, record, events, cache.cache, shelf, logs, session, signer, clock)
        )
        turns = TurnService(
            messages=record.messages,
            logs=logs,
            cast=cast,
            gathering=Gathering(
                logs,
                cast,
                shelf,
                budget,
                house_draw(settings.model),
                clock,
                settings.model.total_seconds,
                memory.remembering if settings.memory.enabled else None,
            ),
            events=events,
            presence=presence,
            batching=Batching(clock, typing, settings.chat.batch_window_seconds),
            rates=Budgets(
                Rates(settings.chat.message_rate_limit, settings.chat.global_rate_limit, cache.counts),
                DailyBudget(settings.chat.daily_token_budget, settings.chat.daily_cost_budget),
                books.usage,
                clock,
            ),
            clock=clock,
            rules=rules,
            max_waiting=settings.chat.max_waiting_turns,
        )
        sessions = Sessions(
            logs=logs,
            conversations=record.conversations,
            messages=record.messages,
            counting=record.counting,
            turns=turns,
            cast=cast,
            voices=shelf,
            clock=clock,
            rules=session_rules(settings),
        )
        welcomes = Welcomes(
            conversations=record.conversations,
            greetings=record.greetings,
            logs=logs,
            cast=cast,
            voices=shelf,
            announcing=turns.announcing,
            presence=presence,
            prepared=Prepared(cache.cache, clock),
            names=PersonNames(cast, memory.remembering if settings.memory.enabled else None),
            clock=clock,
            rules=WelcomeRules(settings.chat.greeting_after_hours * 3600, settings.chat.model_greetings),
        )
        ahead = Ahead(logs, cast, sessions, welcomes, clock, memory.remembering if settings.memory.enabled else None)
        conversing = Conversing(
            conversations=record.conversations,
            messages=record.messages,
            logs=logs,
            cast=cast,
            turns=turns,
            typing=typing,
            events=events,
            clock=clock,
            max_message_length=settings.chat.max_message_length,
            ahead=ahead,
            welcomes=welcomes,
            erasure=memory.forgetting,
        )
        watch = TurnWatch(turns, record.turns, logs, clock, rules, sole=not settings.storage.database_url)
        stack.push_async_callback(turns.close)
        await watch.open()
        stack.push_async_callback(watch.close)
        stack.enter_context(events.listening(sessions.hear))
        sessions.open()
        for background in (sessions, welcomes, ahead):
            stack.push_async_callback(background.close)

        afterwards = await stack.enter_async_context(
            open_jobs(settings, memory, record, events, shelf, CastScene(logs, cast), turns.lanes.speaking, clock)
        )
        memory.forgetting.on_deleted = afterwards.wake
        writable = SparingProbe(_record_probe(record, clock), clock, "The database has not answered a write for 2 s.")
        stack.push_async_callback(writable.close)
        health.register("record", writable, essential=True)
        health.register("model", _model_probe(shelf))
        health.register("cache", cache.probe)
        health.register("turns", _turns_probe(turns, watch, events))
        operating = Operating(shelves, logs, turns.lanes, (OutgoingPool(session), *cache.pools))
        sweeps = {
            "expired_tokens": accounts.forget_expired,
            "idle_sessions": sessions.sweep,
            "idle_connections": operating.clean_pools,
        }
        upkeep = await stack.enter_async_context(
            open_upkeep(settings, record, memory, afterwards, events, sweeps, clock)
        )
        watch_memory(health, memory, afterwards, embedder_wanted=settings.memory.embedder != "none")
        watch_sessions(health, sessions, ahead, welcomes)
        watch_models(books.metrics, shelf)
        watch_house(books.metrics, operating, sessions)
        yield App(
            turns=turns,
            conversing=conversing,
            cast=cast,
            presence=presence,
            sessions=sessions,
            welcomes=welcomes,
            guests=Guests(record.users, clock),
            accounts=accounts,
            ages=Ages(record.users, clock, shelves.settings.changed),
            names=Names(record.users, shelves.profiles.changed),
            shelf=shelf,
            events=events,
            operating=operating,
            memories=Memories(
                record.memories,
                record.messages,
                memory.keeping,
                memory.forgetting,
                cast,
                clock,
                signer.public_key,
                settings.memory.retention_days,
            ),
            searching=Searching(record.searching, record.conversations, cast),
            leaving=Leaving(record.exporting, accounts, memory.forgetting, clock),
            afterwards=afterwards,
            upkeep=upkeep,
            usage=books.usage,
            metrics=books.metrics,
            health=health,
            clock=clock,
            limits=Limits(settings.chat.max_message_length, settings.chat.typing_timeout_ms),
        )


@asynccontextmanager
async def open_accounts(settings: Settings) -> AsyncIterator[Accounts]:
    """Accounts alone, for commands that work beside a running server."""
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
"""All that Everkin makes in a data folder. Other things there are not touched: the folder may be anybody's."""


def build_accounts(
    settings: Settings, record: Record, session: aiohttp.ClientSession, counts: Counts, clock: SystemClock
) -> Accounts:
    auth = settings.auth
    config = AccountsConfig(house_secret(settings), auth.access_minutes, auth.refresh_days, auth.signup)
    external = None
    if auth.external_issuer:
        names = ExternalConfig(auth.external_issuer, auth.external_jwks_url, auth.external_audience)
        external = ExternalIssuer(names, session, clock)
    return Accounts(record.users, record.tokens, clock, config, counts, external=external)


def house_secret(settings: Settings) -> bytes:
    """Signs tokens and receipts. StartError."""
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
        natural=NaturalDelay(settings.chat.min_typing_delay, settings.chat.max_typing_delay)
        if settings.chat.natural_delay
        else None,
        help_locale=settings.chat.help_locale,
    )


def session_rules(settings: Settings) -> SessionRules:
    return SessionRules(
        idle_seconds=settings.chat.session_idle_minutes * 60, sweep_seconds=settings.chat.session_sweep_minutes * 60
    )


def house_draw(model: ModelSettings) -> Draw:
    return Draw(
        temperature=model.temperature,
        max_tokens=model.max_tokens,
        top_p=model.top_p,
        frequency_penalty=model.frequency_penalty,
        presence_penalty=model.presence_penalty,
    )


def watch_settings(health: Health, settings: Settings) -> None:
    """Names in the .env file that have no effect are said once, in the log, and stay to be seen in health."""
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


def _model_probe(shelf: Shelf) -> Probe:
    async def probe() -> PartHealth:
        state = await shelf.health()
        figures = {name: float(value) for name, value in state.figures.items()}
        return PartHealth(Condition(state.condition), state.note, figures)

    return probe


def _turns_probe(turns: TurnService, watch: TurnWatch, events: Hub[Event]) -> Probe:
    async def probe() -> PartHealth:
        figures = {
            "live": float(sum(1 for _ in turns.lanes.all_rides())),
            "taken_over": float(watch.taken_over),
            "listener_failures": float(events.failures),
        }
        condition = Condition.DEGRADED if events.failures else Condition.OK
        return PartHealth(condition, "A listener failed; see the log." if events.failures else "", figures)

    return probe
