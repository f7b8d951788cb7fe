"""One OpenAI-compatible server as Everkin speaks to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Endpoint:
    title: str
    """What people call the server."""
    base_url: str
    """Ends before `/chat/completions`."""
    model: str
    key: str = field(default="", repr=False)
    key_env: str = "MODEL_API_KEY"
    """The variable that mends a wrong key."""
    max_tokens_field: str = "max_tokens"
    keep_alive: bool = True
    """False for a server that hangs up after every answer without saying so, as llama.cpp's does: a request on such a
    connection would be lost."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Goes into the body of every request as it is."""

    @property
    def url(self) -> str:
        return f"{self.base_url.rstrip('/')}/chat/completions"

    @property
    def place(self) -> str:
        """Host and port, without the credentials a URL may hold."""
        parts = urlsplit(self.base_url)
        return f"{parts.hostname}:{parts.port}" if parts.port else f"{parts.hostname}"
