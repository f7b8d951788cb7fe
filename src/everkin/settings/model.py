"""Settings of the language model."""

from dataclasses import dataclass

from everkin.settings.declaration import setting
from everkin.settings.kinds import Unit, Url


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Providers, limits, the local model and sampling. The third argument of `setting` explains a field."""

    model: str = setting(
        "EVERKIN_MODEL",
        "",
        "Who speaks: local, scripted, or a preset (openai, groq, venice, openrouter, ollama, lmstudio, vllm, llama.cpp, custom). "
        "Unset: what `everkin models use` chose, else local.",
    )
    model_name: str = setting(
        "MODEL_NAME",
        "",
        "The provider's model, e.g. gpt-4o-mini; default: the preset's. For local: a catalogue name or a path to a GGUF file.",
    )
    base_url: str = setting(
        "MODEL_BASE_URL",
        "",
        "Base URL of an OpenAI-compatible endpoint, ending in /v1; default: the preset's.",
        kind=Url(("https", "http")),
    )
    api_key: str = setting(
        "MODEL_API_KEY",
        "",
        "Its key, or several, comma-separated; default: the preset's own variable (OPENAI_API_KEY, GROQ_API_KEY, ...).",
        secret=True,
    )
    openai_api_key: str = setting(
        "OPENAI_API_KEY", "", "Key for the preset openai; several comma-separated.", secret=True
    )
    groq_api_key: str = setting("GROQ_API_KEY", "", "Key for the preset groq; several comma-separated.", secret=True)
    venice_api_key: str = setting(
        "VENICE_API_KEY", "", "Key for the preset venice; several comma-separated.", secret=True
    )
    openrouter_api_key: str = setting(
        "OPENROUTER_API_KEY", "", "Key for the preset openrouter; several comma-separated.", secret=True
    )
    first_token_seconds: float = setting(
        "MODEL_TIMEOUT_SECONDS",
        30.0,
        "Longest wait for the first token, and between two tokens, of a remote model.",
        least=0.1,
        most=3600,
        unit=Unit.SECONDS,
    )
    local_first_token_seconds: float = setting(
        "LOCAL_MODEL_TIMEOUT_SECONDS",
        180.0,
        "The same for the local model, which reads a long prompt slowly on a small machine.",
        least=0.1,
        most=3600,
        unit=Unit.SECONDS,
    )
    total_seconds: float = setting(
        "MODEL_TOTAL_SECONDS", 300.0, "Longest time one reply may take.", least=1, most=86_400, unit=Unit.SECONDS
    )
    stall_seconds: float = setting(
        "MODEL_STALL_SECONDS",
        10.0,
        "After so long without a token the waiting person is told.",
        least=0.1,
        most=3600,
        unit=Unit.SECONDS,
    )
    retries: int = setting(
        "MODEL_RETRIES",
        3,
        "Further tries of a call that failed before its first word, after up to 1, 2 and 4 seconds, drawn at random.",
        least=0,
        most=10,
    )
    concurrency: int = setting(
        "MODEL_CONCURRENCY",
        3,
        "Replies one server may speak at once, for each of its keys; the others wait in line.",
        least=1,
        most=1000,
    )
    queue_limit: int = setting(
        "MODEL_QUEUE_LIMIT",
        1000,
        "Calls that may wait for one server; one person may hold a tenth.",
        least=1,
        most=1_000_000,
    )
    fallbacks: tuple[str, ...] = setting(
        "MODEL_FALLBACKS", (), "Models that stand in, in this order, when the chosen one cannot answer: groq,local."
    )
    cache_seconds: float = setting(
        "MODEL_CACHE_SECONDS",
        300.0,
        "How long a reply may be given again to the very same greeting or question; 0: never.",
        least=0,
        most=2_592_000,
        unit=Unit.SECONDS,
    )
    cache_mib: int = setting("MODEL_CACHE_MIB", 8, "Memory for those replies.", least=0, most=65_536, unit=Unit.MIB)
    long_model: str = setting(
        "MODEL_LONG", "", "Model for messages over 200 characters and long conversations; unset: no other."
    )
    uncensored_model: str = setting(
        "MODEL_UNCENSORED", "", "Model for sexual talk between adults where the character allows it; unset: no other."
    )
    local_threads: int = setting(
        "LOCAL_MODEL_THREADS", 0, "Threads of the local model; 0: cores minus one, at least one.", least=0, most=1024
    )
    local_context: int = setting(
        "LOCAL_MODEL_CONTEXT",
        8192,
        "Context of the local model in tokens, shared by its slots.",
        least=512,
        most=1_048_576,
    )
    local_slots: int = setting("LOCAL_MODEL_SLOTS", 2, "Replies the local model may speak at once.", least=1, most=64)
    local_cache_mib: int = setting(
        "LOCAL_MODEL_CACHE_MIB",
        512,
        "Memory for prompts the local model has already read.",
        least=0,
        most=1_048_576,
        unit=Unit.MIB,
    )
    discover: bool = setting(
        "MODEL_DISCOVERY", True, "Look for Ollama, LM Studio, llama.cpp and vLLM on loopback and offer them."
    )
    price_in: float = setting(
        "MODEL_PRICE_IN",
        -1.0,
        "Dollars a million tokens the chosen model reads, with MODEL_PRICE_OUT; below 0: as the table of known prices says.",
        least=-1,
        most=10_000_000,
    )
    price_out: float = setting(
        "MODEL_PRICE_OUT", -1.0, "Dollars a million tokens it speaks, with MODEL_PRICE_IN.", least=-1, most=10_000_000
    )
    temperature: float = setting("LLM_TEMPERATURE", 0.8, "Sampling temperature.", least=0, most=2)
    max_tokens: int = setting("LLM_MAX_TOKENS", 500, "Longest reply in tokens.", least=1, most=1_000_000)
    top_p: float = setting("LLM_TOP_P", 0.9, "Nucleus sampling.", least=0, most=1)
    frequency_penalty: float = setting("LLM_FREQUENCY_PENALTY", 0.3, "Frequency penalty.", least=-2, most=2)
    presence_penalty: float = setting("LLM_PRESENCE_PENALTY", 0.3, "Presence penalty.", least=-2, most=2)
