"""All settings: one frozen tree, read once from the environment (and a `.env` file) and passed on as values.

The third argument of `setting` explains a field; docs/settings.md is generated from it. The allowed values are defined
in settings/kinds.py, other names of a setting in settings/aliases.py.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import platformdirs

from everkin.domain.errors import StartError
from everkin.kit.env_file import read_env_file
from everkin.settings.declaration import Setting, setting, settings_of
from everkin.settings.kinds import Choice, Locale, Text, Unit, Url, Words
from everkin.settings.memory import MemorySettings
from everkin.settings.model import ModelSettings
from everkin.settings.sources import Given, read


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """HTTP server, sockets and logging."""

    host: str = setting("HOST", "127.0.0.1", "Address to listen on. Anything but loopback needs JWT_SECRET.")
    port: int = setting("PORT", 8484, "Port to listen on; 0 picks a free one.", least=0, most=65_535)
    websocket_path: str = setting(
        "WEBSOCKET_PATH", "/socket.io", "Path of the Socket.IO endpoint.", kind=Text(path=True)
    )
    cors_origins: tuple[str, ...] = setting(
        "CORS_ORIGINS",
        (),
        "Other origins that may call the API and the socket, comma-separated. The page's own origin always may.",
        kind=Words(origins=True),
    )
    drain_grace_seconds: float = setting(
        "DRAIN_GRACE_SECONDS",
        0.0,
        "How long after SIGTERM GET /readyz says draining before anything else ends; behind a load balancer a little more than "
        "the time between two of its checks.",
        least=0,
        most=300,
        unit=Unit.SECONDS,
    )
    drain_seconds: float = setting(
        "DRAIN_SECONDS",
        20.0,
        "How long running answers may go on after SIGTERM.",
        least=0,
        most=3600,
        unit=Unit.SECONDS,
    )
    trusted_proxies: tuple[str, ...] = setting(
        "TRUSTED_PROXIES",
        (),
        "Addresses or networks (CIDR) of your own reverse proxies, comma-separated. Only their X-Forwarded-For says who a client "
        "is; unset: nobody's does.",
    )
    socket_connect_seconds: float = setting(
        "SOCKET_CONNECT_SECONDS",
        10.0,
        "A socket that has not authenticated by then is cut.",
        least=0.1,
        most=300,
        unit=Unit.SECONDS,
    )
    socket_outbox_bytes: int = setting(
        "SOCKET_OUTBOX_BYTES",
        8 * 2**20,
        "A socket that does not read is cut once this much waits for it.",
        least=2**16,
        most=2**30,
        unit=Unit.BYTES,
    )
    sockets_per_user: int = setting("SOCKETS_PER_USER", 32, "Open sockets one user may hold.", least=1, most=100_000)
    sockets_per_address: int = setting(
        "SOCKETS_PER_ADDRESS", 10_000, "Open sockets one network address may hold.", least=1, most=1_000_000
    )
    metrics_token: str = setting(
        "METRICS_TOKEN",
        "",
        "Bearer token for GET /metrics; unset: only an access token of the owner opens it.",
        secret=True,
    )
    log_level: str = setting(
        "LOG_LEVEL", "info", "debug, info, warning or error.", kind=Choice(("debug", "info", "warning", "error"))
    )


@dataclass(frozen=True, slots=True)
class StorageSettings:
    """Data folder and database."""

    data: Path = setting(
        "EVERKIN_DATA", Path(), "The data folder; default: the platform's folder for application data."
    )
    database_url: str = setting(
        "DATABASE_URL",
        "",
        "postgresql://user:password@host/name. Unset: SQLite in the data folder.",
        secret=True,
        kind=Url(("postgresql", "postgres")),
    )
    lease_seconds: float = setting(
        "TURN_LEASE_SECONDS",
        30.0,
        "A turn whose node has not been heard of for so long is taken over by another.",
        least=1,
        most=3600,
        unit=Unit.SECONDS,
    )


@dataclass(frozen=True, slots=True)
class CacheSettings:
    """Redis, and the cache in the process."""

    redis_url: str = setting(
        "REDIS_URL",
        "",
        "redis://:password@host:6379/0, rediss://... or unix:///path: what several nodes share. Unset: each process has its own cache.",
        secret=True,
        kind=Url(("redis", "rediss", "unix")),
    )
    redis_enabled: bool = setting("REDIS_ENABLED", True, "Off: REDIS_URL is left alone.")
    redis_timeout_ms: int = setting(
        "REDIS_TIMEOUT_MS",
        500,
        "A Redis that has not answered by then is done without until it does again.",
        least=10,
        most=60_000,
        unit=Unit.MILLISECONDS,
    )
    memory_mib: int = setting(
        "CACHE_MEMORY_MIB",
        32,
        "Memory for the cache in the process, where Redis is not used.",
        least=1,
        most=65_536,
        unit=Unit.MIB,
    )


@dataclass(frozen=True, slots=True)
class AuthSettings:
    """Tokens, sign-in and external issuers."""

    jwt_secret: str = setting(
        "JWT_SECRET",
        "",
        "Signs tokens; at least 32 bytes. Unset on loopback: made on the first run and kept in the data folder.",
        secret=True,
        kind=Text(least_bytes=32),
    )
    access_minutes: int = setting(
        "ACCESS_TOKEN_MINUTES", 15, "Life of an access token.", least=1, most=15, unit=Unit.MINUTES
    )
    refresh_days: int = setting(
        "REFRESH_TOKEN_DAYS", 30, "Life of a refresh token.", least=1, most=3650, unit=Unit.DAYS
    )
    local_sign_in: bool = setting(
        "LOCAL_SIGN_IN",
        True,
        "Whether the owner gets in without a password on the machine Everkin runs on, by the address it prints. Off: "
        "everybody signs in with login and password.",
    )
    signup: bool = setting("ALLOW_SIGNUP", False, "Whether strangers may make an account.")
    external_issuer: str = setting(
        "JWT_ISSUER",
        "",
        "An external issuer whose tokens are accepted, e.g. a Supabase auth URL.",
        kind=Url(("https", "http")),
    )
    external_jwks_url: str = setting(
        "JWT_JWKS_URL",
        "",
        "Where that issuer publishes its keys; default: ISSUER/.well-known/jwks.json.",
        kind=Url(("https", "http")),
    )
    external_audience: str = setting("JWT_AUDIENCE", "authenticated", "The audience its tokens must name.")


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """Messages, turns, limits and sessions."""

    max_message_length: int = setting(
        "MAX_MESSAGE_LENGTH", 2000, "Longest message in characters.", least=1, most=1_000_000
    )
    message_rate_limit: int = setting(
        "MESSAGE_RATE_LIMIT",
        30,
        "Messages a user may send in a minute; 0 lifts this and the next limit.",
        least=0,
        most=1_000_000,
        unit=Unit.PER_MINUTE,
    )
    global_rate_limit: int = setting(
        "GLOBAL_MESSAGE_RATE_LIMIT",
        10_000,
        "Messages all users together may send in a minute.",
        least=0,
        most=100_000_000,
        unit=Unit.PER_MINUTE,
    )
    daily_token_budget: int = setting(
        "DAILY_TOKEN_BUDGET",
        0,
        "Tokens, read and spoken together, one user may use in a day (UTC); 0: no bound.",
        least=0,
        most=10**12,
    )
    daily_cost_budget: float = setting(
        "DAILY_COST_BUDGET",
        0.0,
        "US dollars one user may cost in a day (UTC), by the known prices; 0: no bound.",
        least=0,
        most=1_000_000,
    )
    max_waiting_turns: int = setting(
        "MAX_WAITING_TURNS", 32, "Unanswered messages one conversation may hold.", least=1, most=100_000
    )
    max_history_messages: int = setting(
        "MAX_HISTORY_MESSAGES",
        20,
        "Most recent messages a model is shown; the window steps back to half of it, so that prompts share a prefix.",
        least=1,
        most=10_000,
    )
    max_context_tokens: int = setting(
        "MAX_CONTEXT_TOKENS", 2000, "Budget of a prompt in tokens.", least=100, most=10_000_000
    )
    batch_window_seconds: float = setting(
        "MESSAGE_BATCH_WINDOW_SECONDS",
        2.0,
        "Messages that follow each other within so many seconds become one turn: in company, and where a person is still typing.",
        least=0,
        most=300,
        unit=Unit.SECONDS,
    )
    help_locale: str = setting(
        "HELP_LOCALE",
        "",
        "Country of the people who talk here, as en-GB, for the line with where to find help (docs/safety.md). Unset: by the language "
        "of the message.",
        kind=Locale(),
    )
    greeting_after_hours: float = setting(
        "GREETING_AFTER_HOURS",
        24.0,
        "A conversation opened again after so long begins with a word from the character; 0: never.",
        least=0,
        most=87_600,
        unit=Unit.HOURS,
    )
    model_greetings: bool = setting(
        "MODEL_GREETINGS",
        False,
        "Let the language model word greetings for people a character knows, ahead of time; each costs a call.",
    )
    session_idle_minutes: float = setting(
        "SESSION_IDLE_MINUTES",
        30.0,
        "A conversation nobody has been active in for so long leaves memory.",
        least=0,
        most=525_600,
        unit=Unit.MINUTES,
    )
    session_sweep_minutes: float = setting(
        "SESSION_SWEEP_MINUTES",
        10.0,
        "How often idle conversations are looked for.",
        least=0.01,
        most=525_600,
        unit=Unit.MINUTES,
    )
    natural_delay: bool = setting(
        "NATURAL_TYPING_DELAY_ENABLED",
        False,
        "Hold back the first words of an answer where an instant one looks odd: in chat bridges and programs that ask for it.",
    )
    min_typing_delay: float = setting(
        "MIN_TYPING_DELAY", 0.5, "Seconds a short answer is held back for.", least=0, most=60, unit=Unit.SECONDS
    )
    max_typing_delay: float = setting(
        "MAX_TYPING_DELAY", 2.0, "Seconds a long answer is held back for.", least=0, most=60, unit=Unit.SECONDS
    )
    typing_timeout_ms: int = setting(
        "TYPING_TIMEOUT",
        3000,
        "Milliseconds after which a typing indicator ends by itself.",
        least=100,
        most=600_000,
        unit=Unit.MILLISECONDS,
    )
    delta_flush_ms: int = setting(
        "DELTA_FLUSH_MS",
        30,
        "Milliseconds between two pieces of a streamed reply, after the first.",
        least=0,
        most=10_000,
        unit=Unit.MILLISECONDS,
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, by section."""

    server: ServerSettings = field(default_factory=ServerSettings)
    """HTTP server, sockets, logging."""
    storage: StorageSettings = field(default_factory=StorageSettings)
    """Data folder and database."""
    cache: CacheSettings = field(default_factory=CacheSettings)
    """Redis and the cache in the process."""
    auth: AuthSettings = field(default_factory=AuthSettings)
    """Tokens, sign-in and external issuers."""
    model: ModelSettings = field(default_factory=ModelSettings)
    """Language models."""
    chat: ChatSettings = field(default_factory=ChatSettings)
    """Messages, turns, limits and sessions."""
    memory: MemorySettings = field(default_factory=MemorySettings)
    """Memory of characters."""
    warning: str = ""
    """One sentence naming the entries of the .env file without effect; empty if there are none."""


_SEVERAL = "Some settings have values that will not do:"


def all_settings() -> Iterator[Setting]:
    return settings_of(Settings)


def load_settings(environ: Mapping[str, str] | None = None, env_file: Path | None = None, **overrides: Any) -> Settings:
    """Read the settings: environment over `.env` file over defaults; `overrides` (by field name, None: not given) over
    all.

    Raises StartError naming every invalid value, or the file when it cannot be read; TypeError for an unknown override.
    Unknown names are no error: `Settings.warning` lists them.
    """
    file = env_file if env_file is not None else Path(".env")
    known = list(all_settings())
    if unknown := set(overrides) - {each.name for each in known}:
        raise TypeError(f"unknown settings: {', '.join(sorted(unknown))}")
    names = [each.env for each in known]
    found = read(names, os.environ if environ is None else environ, file, read_env_file(file), overrides.get("model"))
    values = _values(known, found.given, overrides)
    values.setdefault("data", Path(platformdirs.user_data_dir("everkin", appauthor=False)))
    sections: dict[str, dict[str, Any]] = {each.section: {} for each in known}
    for each in known:
        if each.name in values:
            sections[each.section][each.name] = values[each.name]
    return Settings(
        server=ServerSettings(**sections["server"]),
        storage=StorageSettings(**sections["storage"]),
        cache=CacheSettings(**sections["cache"]),
        auth=AuthSettings(**sections["auth"]),
        model=ModelSettings(**sections["model"]),
        chat=ChatSettings(**sections["chat"]),
        memory=MemorySettings(**sections["memory"]),
        warning=found.warning,
    )


def _values(known: Sequence[Setting], given: Mapping[str, Given], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Return the given values by field name. Raises StartError with a sentence for each invalid value."""
    values, faults = {}, []
    for each in known:
        try:
            if (override := overrides.get(each.name)) is not None:
                values[each.name] = each.checked(override)
            elif each.env in given:
                values[each.name] = each.parsed(given[each.env])
        except StartError as error:
            faults.append(error.sentence)
    least, most = (values.get(each, _default(known, each)) for each in ("min_typing_delay", "max_typing_delay"))
    if least > most:
        faults.append(
            f"MIN_TYPING_DELAY ({least:g} s) is longer than MAX_TYPING_DELAY ({most:g} s); make it the shorter one."
        )
    if faults:
        raise StartError(faults[0] if len(faults) == 1 else "\n- ".join([_SEVERAL, *faults]))
    return values


def _default(known: Sequence[Setting], name: str) -> Any:
    return next(each.default for each in known if each.name == name)
