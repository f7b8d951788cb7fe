"""Names of settings used by other programs: aliases of our settings, and names without effect here."""

from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Alias:
    """Another name of a setting."""

    env: str
    """The setting's own name."""
    factor: Decimal = Decimal(1)
    """A plain number is multiplied by it, because the other name counts in another unit."""
    file_only: bool = False
    """The name is so common that it counts in the .env file only, not in the environment."""
    model: str = ""
    """Counts only if EVERKIN_MODEL is this preset; empty: always."""


_FROM_MS = Decimal("0.001")

ALIASES = MappingProxyType(
    {
        "API_KEY": Alias("MODEL_API_KEY", file_only=True),
        "CACHE_TTL": Alias("MODEL_CACHE_SECONDS", _FROM_MS, file_only=True),
        "GROQ_MODEL": Alias("MODEL_NAME", model="groq"),
        "MAX_CONCURRENT": Alias("MODEL_CONCURRENCY", file_only=True),
        "MAX_MEMORY": Alias("MAX_HISTORY_MESSAGES", Decimal(2), file_only=True),
        "MEMORY_CONTEXT_WINDOW": Alias("MAX_HISTORY_MESSAGES"),
        "OPENAI_MODEL": Alias("MODEL_NAME", model="openai"),
        "OPENROUTER_MODEL": Alias("MODEL_NAME", model="openrouter"),
        "RETRY_ATTEMPTS": Alias("MODEL_RETRIES", file_only=True),
        "TIMEOUT": Alias("MODEL_TIMEOUT_SECONDS", _FROM_MS, file_only=True),
        "VENICE_MODEL": Alias("MODEL_NAME", model="venice"),
        "VITE_VENICE_API_KEY": Alias("VENICE_API_KEY"),
        "WEBSOCKET_PORT": Alias("PORT"),
    }
)

_VOICE = "speech is not built yet"
_CLEANUP = "housekeeping runs by itself, see `everkin housekeeping`"
_STREAMS = "replies always stream"

NOT_USED = MappingProxyType(
    {
        "MAX_TEMP_FILE_AGE_HOURS": _CLEANUP,
        "MEMORY_CLEANUP_ENABLED": _CLEANUP,
        "MEMORY_CLEANUP_INTERVAL_HOURS": _CLEANUP,
        "RESPONSE_STREAMING_ENABLED": _STREAMS,
        "RETRY_DELAY": "retries wait up to 1, 2 and 4 seconds, drawn at random",
        "STREAM_ENABLED": _STREAMS,
        "STREAMING_TTS_ENABLED": _VOICE,
        "STREAM_UPDATE_INTERVAL": "Discord is not built yet",
        "SUPABASE_SERVICE_ROLE_KEY": "Everkin needs no access to Supabase's data",
        "SUPABASE_URL": "to sign people in by Supabase set JWT_ISSUER to it with /auth/v1 behind",
        "TTS_CACHE_ENABLED": _VOICE,
        "TTS_CACHE_SIZE_MB": _VOICE,
        "TTS_SENTENCE_MAX_LENGTH": _VOICE,
        "TTS_SENTENCE_MIN_LENGTH": _VOICE,
        "VENICE_API_URL": "the preset venice knows its address; another one goes into MODEL_BASE_URL",
    }
)
"""The reason why each name has no effect."""
