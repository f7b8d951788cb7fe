"""The address, model and key of one OpenAI-compatible server."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One model at one OpenAI-compatible server."""

    title: str
    """Name of the server in sentences for users."""
    base_url: str
    """URL up to, but without, `/chat/completions`."""
    model: str
    """The model's id at the server."""
    key: str = field(default="", repr=False)
    """Bearer token; "": requests carry no key."""
    key_env: str = "MODEL_API_KEY"
    """The environment variable that holds the key, named when the key is refused."""
    max_tokens_field: str = "max_tokens"
    """Name of the request's field for the limit of tokens."""
    keep_alive: bool = True
    """False for a server that closes the connection after every answer without announcing it, as llama.cpp's does: a
    request on such a connection would be lost."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Merged unchanged into the body of every request."""

    @property
    def url(self) -> str:
        """URL of the requests."""
        return f"{self.base_url.rstrip('/')}/chat/completions"

    @property
    def place(self) -> str:
        """Host and port, without the credentials a URL may contain."""
        parts = urlsplit(self.base_url)
        return f"{parts.hostname}:{parts.port}" if parts.port else f"{parts.hostname}"
