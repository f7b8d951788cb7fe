"""Providers known by name. A preset's own key (`key_env`) is sent to its own `base_url` and nowhere else."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Preset:
    name: str
    title: str
    base_url: str
    default_model: str
    """Empty: the person has to say which (MODEL_NAME), or the server's first model is taken when it was found on
    loopback."""
    key_env: str
    doc: str
    """One sentence for docs/models.md."""
    local: bool = False
    """A server on this machine, which needs no key."""
    max_tokens_field: str = "max_tokens"
    keep_alive: bool = True


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
