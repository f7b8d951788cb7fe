"""Every knob: one frozen tree, read once from the environment (and a `.env` file) and passed on as values.

Each field's metadata holds the variable's name (`env`) and one sentence (`doc`); docs/settings.md is generated from it.
"""

import dataclasses
import os
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import platformdirs

from everkin.domain.errors import StartError
from everkin.kit.env_file import read_env_file


def knob(env: str, default: Any, doc: str, *, secret: bool = False) -> Any:
    return field(default=default, metadata={"env": env, "doc": doc, "secret": secret})


@dataclass(frozen=True, slots=True)
class ServerSettings:
    host: str = knob("HOST", "127.0.0.1", "Address to listen on. Anything but loopback needs JWT_SECRET.")
    port: int = knob("PORT", 8484, "Port to listen on; 0 picks a free one.")
    websocket_path: str = knob("WEBSOCKET_PATH", "/socket.io", "Path of the Socket.IO endpoint.")
    cors_origins: tuple[str, ...] = knob(
        "CORS_ORIGINS",
        (),
        "Other origins that may call the API and the socket, comma-separated. The page's own origin always may.",
    )
    drain_seconds: float = knob("DRAIN_SECONDS", 20.0, "How long running answers may go on after SIGTERM.")
    socket_connect_seconds: float = knob(
        "SOCKET_CONNECT_SECONDS", 10.0, "A socket that has not authenticated by then is cut."
    )
    socket_outbox_bytes: int = knob(
        "SOCKET_OUTBOX_BYTES", 8 * 2**20, "A socket that does not read is cut once this much waits for it."
    )
    sockets_per_user: int = knob("SOCKETS_PER_USER", 32, "Open sockets one user may hold.")
    sockets_per_address: int = knob("SOCKETS_PER_ADDRESS", 10_000, "Open sockets one network address may hold.")
    metrics_token: str = knob(
        "METRICS_TOKEN",
        "",
        "Bearer token for GET /metrics from another machine; unset: only this machine sees the metrics.",
        secret=True,
    )
    log_level: str = knob("LOG_LEVEL", "info", "debug, info, warning or error.")


@dataclass(frozen=True, slots=True)
class StorageSettings:
    data: Path = knob("EVERKIN_DATA", Path(), "The data folder; default: the platform's folder for application data.")
    database_url: str = knob(
        "DATABASE_URL", "", "postgresql://user:password@host/name. Unset: SQLite in the data folder.", secret=True
    )
    lease_seconds: float = knob(
        "TURN_LEASE_SECONDS", 30.0, "A turn whose node has not been heard of for so long is taken over by another."
    )


@dataclass(frozen=True, slots=True)
class CacheSettings:
    redis_url: str = knob(
        "REDIS_URL",
        "",
        "redis://:password@host:6379/0, rediss://... or unix:///path: what several nodes share. Unset: each process has its own cache.",
        secret=True,
    )
    redis_enabled: bool = knob("REDIS_ENABLED", True, "Off: REDIS_URL is left alone.")
    redis_timeout_ms: int = knob(
        "REDIS_TIMEOUT_MS", 500, "A Redis that has not answered by then is done without until it does again."
    )
    cache_mib: int = knob("CACHE_MEMORY_MIB", 32, "Memory for the cache in the process, where Redis is not used.")


@dataclass(frozen=True, slots=True)
class AuthSettings:
    jwt_secret: str = knob(
        "JWT_SECRET",
        "",
        "Signs tokens; at least 32 bytes. Unset on loopback: made on the first run and kept in the data folder.",
        secret=True,
    )
    access_minutes: int = knob("ACCESS_TOKEN_MINUTES", 15, "Life of an access token.")
    refresh_days: int = knob("REFRESH_TOKEN_DAYS", 30, "Life of a refresh token.")
    signup: bool = knob("ALLOW_SIGNUP", False, "Whether strangers may make an account.")
    external_issuer: str = knob(
        "JWT_ISSUER", "", "An external issuer whose tokens are accepted, e.g. a Supabase auth URL."
    )
    external_jwks_url: str = knob(
        "JWT_JWKS_URL", "", "Where that issuer publishes its keys; default: ISSUER/.well-known/jwks.json."
    )
    external_audience: str = knob("JWT_AUDIENCE", "authenticated", "The audience its tokens must name.")


@dataclass(frozen=True, slots=True)
class ModelSettings:
    model: str = knob(
        "EVERKIN_MODEL",
        "",
        "Who speaks: local, scripted, or a preset (openai, groq, venice, openrouter, ollama, lmstudio, vllm, llama.cpp, custom). "
        "Unset: what `everkin models use` chose, else local.",
    )
    model_name: str = knob(
        "MODEL_NAME",
        "",
        "The provider's model, e.g. gpt-4o-mini; default: the preset's. For local: a catalogue name or a path to a GGUF file.",
    )
    base_url: str = knob(
        "MODEL_BASE_URL", "", "Base URL of an OpenAI-compatible endpoint, ending in /v1; default: the preset's."
    )
    api_key: str = knob(
        "MODEL_API_KEY",
        "",
        "Its key, or several, comma-separated; default: the preset's own variable (OPENAI_API_KEY, GROQ_API_KEY, ...).",
        secret=True,
    )
    openai_api_key: str = knob("OPENAI_API_KEY", "", "Key for the preset openai; several comma-separated.", secret=True)
    groq_api_key: str = knob("GROQ_API_KEY", "", "Key for the preset groq; several comma-separated.", secret=True)
    venice_api_key: str = knob("VENICE_API_KEY", "", "Key for the preset venice; several comma-separated.", secret=True)
    openrouter_api_key: str = knob(
        "OPENROUTER_API_KEY", "", "Key for the preset openrouter; several comma-separated.", secret=True
    )
    first_token_seconds: float = knob(
        "MODEL_TIMEOUT_SECONDS", 30.0, "Longest wait for the first token, and between two tokens, of a remote model."
    )
    local_first_token_seconds: float = knob(
        "LOCAL_MODEL_TIMEOUT_SECONDS",
        180.0,
        "The same for the local model, which reads a long prompt slowly on a small machine.",
    )
    total_seconds: float = knob("MODEL_TOTAL_SECONDS", 300.0, "Longest time one reply may take.")
    stall_seconds: float = knob(
        "MODEL_STALL_SECONDS", 10.0, "After so long without a token the waiting person is told."
    )
    retries: int = knob(
        "MODEL_RETRIES", 3, "Further tries of a call that failed before its first word, after about 1, 2 and 4 seconds."
    )
    concurrency: int = knob(
        "MODEL_CONCURRENCY", 3, "Replies one server may speak at once, for each of its keys; the others wait in line."
    )
    queue_limit: int = knob(
        "MODEL_QUEUE_LIMIT", 1000, "Calls that may wait for one server; one person may hold a tenth."
    )
    fallbacks: tuple[str, ...] = knob(
        "MODEL_FALLBACKS", (), "Models that stand in, in this order, when the chosen one cannot answer: groq,local."
    )
    cache_seconds: float = knob(
        "MODEL_CACHE_SECONDS",
        300.0,
        "How long a reply may be given again to the very same greeting or question; 0: never.",
    )
    cache_mib: int = knob("MODEL_CACHE_MIB", 8, "Memory for those replies.")
    long_model: str = knob(
        "MODEL_LONG", "", "Model for messages over 200 characters and long conversations; unset: no other."
    )
    uncensored_model: str = knob(
        "MODEL_UNCENSORED", "", "Model for sexual talk between adults where the character allows it; unset: no other."
    )
    local_threads: int = knob("LOCAL_MODEL_THREADS", 0, "Threads of the local model; 0: cores minus one, at least one.")
    local_context: int = knob("LOCAL_MODEL_CONTEXT", 8192, "Context of the local model in tokens, shared by its slots.")
    local_slots: int = knob("LOCAL_MODEL_SLOTS", 2, "Replies the local model may speak at once.")
    local_cache_mib: int = knob("LOCAL_MODEL_CACHE_MIB", 512, "Memory for prompts the local model has already read.")
    discover: bool = knob(
        "MODEL_DISCOVERY", True, "Look for Ollama, LM Studio, llama.cpp and vLLM on loopback and offer them."
    )
    price_in: float = knob(
        "MODEL_PRICE_IN",
        -1.0,
        "Dollars a million tokens the chosen model reads, with MODEL_PRICE_OUT; below 0: as the table of known prices says.",
    )
    price_out: float = knob("MODEL_PRICE_OUT", -1.0, "Dollars a million tokens it speaks, with MODEL_PRICE_IN.")
    temperature: float = knob("LLM_TEMPERATURE", 0.8, "Sampling temperature.")
    max_tokens: int = knob("LLM_MAX_TOKENS", 500, "Longest reply in tokens.")
    top_p: float = knob("LLM_TOP_P", 0.9, "Nucleus sampling.")
    frequency_penalty: float = knob("LLM_FREQUENCY_PENALTY", 0.3, "Frequency penalty.")
    presence_penalty: float = knob("LLM_PRESENCE_PENALTY", 0.3, "Presence penalty.")


@dataclass(frozen=True, slots=True)
class ChatSettings:
    max_message_length: int = knob("MAX_MESSAGE_LENGTH", 2000, "Longest message in characters.")
    message_rate_limit: int = knob(
        "MESSAGE_RATE_LIMIT", 30, "Messages a user may send in a minute; 0 lifts this and the next limit."
    )
    global_rate_limit: int = knob(
        "GLOBAL_MESSAGE_RATE_LIMIT", 10_000, "Messages all users together may send in a minute."
    )
    daily_token_budget: int = knob(
        "DAILY_TOKEN_BUDGET", 0, "Tokens, read and spoken together, one user may use in a day (UTC); 0: no bound."
    )
    daily_cost_budget: float = knob(
        "DAILY_COST_BUDGET", 0.0, "US dollars one user may cost in a day (UTC), by the known prices; 0: no bound."
    )
    max_waiting_turns: int = knob("MAX_WAITING_TURNS", 32, "Unanswered messages one conversation may hold.")
    max_history_messages: int = knob(
        "MAX_HISTORY_MESSAGES",
        20,
        "Most recent messages a model is shown; the window steps back to half of it, so that prompts share a prefix.",
    )
    max_context_tokens: int = knob("MAX_CONTEXT_TOKENS", 2000, "Budget of a prompt in tokens.")
    batch_window_seconds: float = knob(
        "MESSAGE_BATCH_WINDOW_SECONDS",
        2.0,
        "Messages that follow each other within so many seconds become one turn: in company, and where a person is still typing.",
    )
    greeting_after_hours: float = knob(
        "GREETING_AFTER_HOURS",
        24.0,
        "A conversation opened again after so long begins with a word from the character; 0: never.",
    )
    model_greetings: bool = knob(
        "MODEL_GREETINGS",
        False,
        "Let the language model word greetings for people a character knows, ahead of time; each costs a call.",
    )
    session_idle_minutes: float = knob(
        "SESSION_IDLE_MINUTES", 30.0, "A conversation nobody has been active in for so long leaves memory."
    )
    session_sweep_minutes: float = knob("SESSION_SWEEP_MINUTES", 10.0, "How often idle conversations are looked for.")
    natural_delay: bool = knob(
        "NATURAL_TYPING_DELAY_ENABLED",
        False,
        "Hold back the first words of an answer where an instant one looks odd: in chat bridges and programs that ask for it.",
    )
    min_typing_delay: float = knob("MIN_TYPING_DELAY", 0.5, "Seconds a short answer is held back for.")
    max_typing_delay: float = knob("MAX_TYPING_DELAY", 2.0, "Seconds a long answer is held back for.")
    typing_timeout_ms: int = knob("TYPING_TIMEOUT", 3000, "Milliseconds after which a typing indicator ends by itself.")
    delta_flush_ms: int = knob(
        "DELTA_FLUSH_MS", 30, "Milliseconds between two pieces of a streamed reply, after the first."
    )


@dataclass(frozen=True, slots=True)
class MemorySettings:
    enabled: bool = knob(
        "MEMORY_ENABLED", True, "Off: nothing is learnt, summed up or recalled; what was learnt stays."
    )
    embedder: str = knob(
        "EMBEDDER",
        "local",
        "What compares texts by meaning: local, openai (any server with /v1/embeddings), or none: by words alone.",
    )
    embedding_base_url: str = knob(
        "EMBEDDING_BASE_URL", "", "Base URL of that server, ending in /v1; default: OpenAI's."
    )
    embedding_model: str = knob("EMBEDDING_MODEL", "text-embedding-3-small", "The model it embeds with.")
    embedding_api_key: str = knob(
        "EMBEDDING_API_KEY", "", "Its key; default: OPENAI_API_KEY where EMBEDDING_BASE_URL is unset.", secret=True
    )
    vector_index: str = knob(
        "VECTOR_INDEX",
        "exact",
        "exact: vectors beside the record, searched one by one. chroma: Chroma in the data folder. Or the address of a Chroma "
        "server: http://host:8000.",
    )
    recall_limit: int = knob("RECALL_LIMIT", 10, "Most memories one reply is given.")
    recall_mib: int = knob(
        "RECALL_MEMORY_MIB", 256, "Memory for what is ready to be recalled, of the people active last."
    )
    fact_threshold: float = knob(
        "FACT_EXTRACTION_THRESHOLD", 0.7, "How sure Everkin has to be of a fact to keep it, 0 to 1."
    )
    by_model: bool = knob(
        "MEMORY_BY_MODEL",
        True,
        "Let the language model extract facts and sum up, where it is good enough; else rules do.",
    )
    summary_every: int = knob("SUMMARY_EVERY_MESSAGES", 50, "How many messages are summed up at a time.")
    retention_days: int = knob(
        "MEMORY_RETENTION_DAYS",
        90,
        "A memory of little importance that is not pinned and was not said again for so long rests: it is not recalled; 0: never.",
    )
    max_history_age_days: int = knob(
        "MAX_HISTORY_AGE_DAYS",
        30,
        "A conversation nobody has been in for so long is archived, which can be undone; 0: never.",
    )


@dataclass(frozen=True, slots=True)
class Settings:
    server: ServerSettings = field(default_factory=ServerSettings)
    storage: StorageSettings = field(default_factory=StorageSettings)
    cache: CacheSettings = field(default_factory=CacheSettings)
    auth: AuthSettings = field(default_factory=AuthSettings)
    model: ModelSettings = field(default_factory=ModelSettings)
    chat: ChatSettings = field(default_factory=ChatSettings)
    memory: MemorySettings = field(default_factory=MemorySettings)


@dataclass(frozen=True, slots=True)
class Knob:
    """One setting as documented: `section` is the field of Settings, `name` the field in it."""

    section: str
    name: str
    env: str
    doc: str
    type: Any
    default: Any
    secret: bool


def knobs() -> Iterator[Knob]:
    for section in dataclasses.fields(Settings):
        hints = typing.get_type_hints(section.type)
        for each in dataclasses.fields(typing.cast(Any, section.type)):
            yield Knob(
                section.name,
                each.name,
                each.metadata["env"],
                each.metadata["doc"],
                hints[each.name],
                each.default,
                each.metadata["secret"],
            )


def load_settings(environ: Mapping[str, str] | None = None, env_file: Path | None = None, **overrides: Any) -> Settings:
    """Environment over `.env` file over defaults; `overrides` (by field name, None: not given) over all.

    StartError for an unknown name in the file, a value of the wrong kind, or a file that cannot be read.
    """
    known = {each.env for each in knobs()}
    values = dict(read_env_file(env_file if env_file is not None else Path(".env"), known))
    values.update(os.environ if environ is None else environ)
    sections: dict[str, dict[str, Any]] = {section.name: {} for section in dataclasses.fields(Settings)}
    for each in knobs():
        if (given := overrides.pop(each.name, None)) is not None:
            sections[each.section][each.name] = given
        elif (text := values.get(each.env, "")) != "":
            sections[each.section][each.name] = _parse(each, text)
    sections["storage"].setdefault("data", Path(platformdirs.user_data_dir("everkin", appauthor=False)))
    if overrides:
        raise TypeError(f"unknown settings: {', '.join(sorted(overrides))}")
    return Settings(
        server=ServerSettings(**sections["server"]),
        storage=StorageSettings(**sections["storage"]),
        cache=CacheSettings(**sections["cache"]),
        auth=AuthSettings(**sections["auth"]),
        model=ModelSettings(**sections["model"]),
        chat=ChatSettings(**sections["chat"]),
        memory=MemorySettings(**sections["memory"]),
    )


def _parse(each: Knob, text: str) -> Any:
    try:
        return _parsers()[each.type](text)
    except (ValueError, KeyError):
        shown = "that value" if each.secret else repr(text)
        kind = getattr(each.type, "__name__", str(each.type))
        raise StartError(f"{each.env} should be of type {kind}, but {shown} is not. {each.doc}") from None


def _parsers() -> dict[Any, typing.Callable[[str], Any]]:
    return {
        str: str,
        int: int,
        float: float,
        bool: _parse_bool,
        Path: lambda text: Path(text).expanduser(),
        tuple[str, ...]: _parse_list,
    }


def _parse_bool(text: str) -> bool:
    words = types.MappingProxyType(
        {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    )
    return words[text.strip().lower()]


def _parse_list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
