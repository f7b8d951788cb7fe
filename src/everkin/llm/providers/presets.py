"""Providers known by name. A preset's own key (`key_env`) is sent to its own `base_url` only."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Preset:
    """One known provider."""

    name: str
    """The name in settings and model names, such as `groq`."""
    title: str
    """Name shown to users."""
    base_url: str
    """URL up to, but without, `/chat/completions`; "": the user has to give it."""
    default_model: str
    """Model used when the name does not give one. "": the user has to name one (MODEL_NAME), or the first model of
    a server found on loopback is used."""
    key_env: str
    """Environment variable of the key."""
    doc: str
    """One sentence for docs/models.md."""
    local: bool = False
    """True for a server on this machine, which needs no key."""
    max_tokens_field: str = "max_tokens"
    """Name of the request's field for the limit of tokens."""
    keep_alive: bool = True
    """False if the server closes connections unannounced; see Endpoint."""


PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset(
            "openai",
            "OpenAI",
            "https://api.openai.com/v1",
            "gpt-4o-mini",
            "OPENAI_API_KEY",
            "OpenAI's own models.",
            max_tokens_field="max_completion_tokens",
        ),
        Preset(
            "groq",
            "Groq",
            "https://api.groq.com/openai/v1",
            "llama-3.3-70b-versatile",
            "GROQ_API_KEY",
            "Open models, very fast.",
        ),
        Preset(
            "venice",
            "Venice",
            "https://api.venice.ai/api/v1",
            "llama-3.3-70b",
            "VENICE_API_KEY",
            "Open models; keeps no logs by its own account.",
        ),
        Preset(
            "openrouter",
            "OpenRouter",
            "https://openrouter.ai/api/v1",
            "meta-llama/llama-3.3-70b-instruct",
            "OPENROUTER_API_KEY",
            "One key for the models of many providers.",
        ),
        Preset(
            "ollama",
            "Ollama",
            "http://127.0.0.1:11434/v1",
            "",
            "MODEL_API_KEY",
            "Ollama on this machine; found by itself when it runs.",
            local=True,
        ),
        Preset(
            "lmstudio",
            "LM Studio",
            "http://127.0.0.1:1234/v1",
            "",
            "MODEL_API_KEY",
            "LM Studio's server on this machine; found by itself when it runs.",
            local=True,
        ),
        Preset(
            "vllm",
            "vLLM",
            "http://127.0.0.1:8000/v1",
            "",
            "MODEL_API_KEY",
            "vLLM on this machine; found by itself when it runs.",
            local=True,
        ),
        Preset(
            "llama.cpp",
            "llama.cpp",
            "http://127.0.0.1:8080/v1",
            "",
            "MODEL_API_KEY",
            "llama.cpp's llama-server on this machine; found by itself when it runs.",
            local=True,
            keep_alive=False,
        ),
        Preset(
            "custom",
            "The custom endpoint",
            "",
            "",
            "MODEL_API_KEY",
            "Any other OpenAI-compatible endpoint: set MODEL_BASE_URL and MODEL_NAME.",
        ),
    )
}
