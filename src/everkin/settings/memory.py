"""Settings of memory."""

from dataclasses import dataclass

from everkin.settings.declaration import setting
from everkin.settings.kinds import Choice, Unit, Url


@dataclass(frozen=True, slots=True)
class MemorySettings:
    """Embedder, index, recall and retention. The third argument of `setting` explains a field."""

    enabled: bool = setting(
        "MEMORY_ENABLED", True, "Off: nothing is learnt, summed up or recalled; what was learnt stays."
    )
    embedder: str = setting(
        "EMBEDDER",
        "local",
        "What compares texts by meaning: local, openai (any server with /v1/embeddings), or none: by words alone.",
        kind=Choice(("local", "openai", "none")),
    )
    embedding_base_url: str = setting(
        "EMBEDDING_BASE_URL",
        "",
        "Base URL of that server, ending in /v1; default: OpenAI's.",
        kind=Url(("https", "http")),
    )
    embedding_model: str = setting("EMBEDDING_MODEL", "text-embedding-3-small", "The model it embeds with.")
    embedding_api_key: str = setting(
        "EMBEDDING_API_KEY", "", "Its key; default: OPENAI_API_KEY where EMBEDDING_BASE_URL is unset.", secret=True
    )
    vector_index: str = setting(
        "VECTOR_INDEX",
        "exact",
        "exact: vectors beside the record, searched one by one. chroma: Chroma in the data folder. Or the address of a Chroma "
        "server: http://host:8000.",
        kind=Choice(("exact", "chroma"), ("http", "https")),
    )
    recall_limit: int = setting("RECALL_LIMIT", 10, "Most memories one reply is given.", least=0, most=100)
    recall_mib: int = setting(
        "RECALL_MEMORY_MIB",
        256,
        "Memory for what is ready to be recalled, of the people active last.",
        least=1,
        most=1_048_576,
        unit=Unit.MIB,
    )
    fact_threshold: float = setting(
        "FACT_EXTRACTION_THRESHOLD", 0.7, "How sure Everkin has to be of a fact to keep it, 0 to 1.", least=0, most=1
    )
    by_model: bool = setting(
        "MEMORY_BY_MODEL",
        True,
        "Let the language model extract facts and sum up, where it is good enough; else rules do.",
    )
    summary_every: int = setting(
        "SUMMARY_EVERY_MESSAGES", 50, "How many messages are summed up at a time.", least=2, most=10_000
    )
    retention_days: int = setting(
        "MEMORY_RETENTION_DAYS",
        90,
        "A memory of little importance that is not pinned and was not said again for so long rests: it is not recalled; 0: never.",
        least=0,
        most=36_500,
        unit=Unit.DAYS,
    )
    max_history_age_days: int = setting(
        "MAX_HISTORY_AGE_DAYS",
        30,
        "A conversation nobody has been in for so long is archived, which can be undone; 0: never.",
        least=0,
        most=36_500,
        unit=Unit.DAYS,
    )
