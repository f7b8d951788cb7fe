"""The request to a language model (Prompt) and the stream it returns (Chunk), independent of a provider's format."""

from dataclasses import dataclass, field
from typing import Literal

PromptRole = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class PromptMessage:
    """One message of a prompt."""

    role: PromptRole
    """The chat role."""
    content: str
    """The text."""
    name: str | None = None
    """The speaker's name; not sent to providers."""


@dataclass(frozen=True, slots=True)
class SamplingParams:
    """Sampling parameters with all defaults filled in."""

    temperature: float = 0.8
    """Higher is more random; 0: greedy."""
    max_tokens: int = 500
    """Most tokens of the reply."""
    top_p: float = 0.9
    """Nucleus sampling: the probability mass that is drawn from, 0..1."""
    frequency_penalty: float = 0.3
    """Lowers tokens by how often they occurred."""
    presence_penalty: float = 0.3
    """Lowers tokens that occurred at all."""


PRIORITY_NORMAL = 5
"""A conversation with one character."""
PRIORITY_GROUP = 8
"""A conversation with several characters."""
PRIORITY_URGENT = 10
"""The highest priority."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """The origin and urgency of a model request; the gateway's policies use it. Empty ids: a background job."""

    user_id: str = ""
    """The user the request is made for."""
    character_id: str = ""
    """The character that answers."""
    conversation_id: str = ""
    """The conversation."""
    priority: int = PRIORITY_NORMAL
    """0..10; higher goes first."""
    deadline: float | None = None
    """Monotonic seconds of the clock after which the answer is useless; None: no deadline."""
    reuse: str = ""
    """Cache key under which a finished answer may be reused (made by llm/gateway/cache_policy.py); empty: never."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A complete request to a model."""

    messages: tuple[PromptMessage, ...]
    """In order, the current message last."""
    sampling: SamplingParams = field(default_factory=SamplingParams)
    """Sampling parameters."""
    stop: tuple[str, ...] = ()
    """Strings at which the model stops."""
    tokens: int = 0
    """Number of tokens of `messages` as counted for the budget; the provider's own count is in ChunkEnd."""
    purpose: Purpose = field(default_factory=Purpose)
    """Origin and urgency of the request."""
    schema: str = ""
    """JSON schema, as text, for the answer; empty: free text. Providers without support for schemas ignore it."""


@dataclass(frozen=True, slots=True)
class ChunkText:
    """A piece of generated text."""

    text: str
    """The new text."""


@dataclass(frozen=True, slots=True)
class ChunkEnd:
    """The last chunk of a successful stream."""

    reason: str
    """The provider's finish reason: stop, length, content_filter..."""
    model: str
    """Name of the model that answered."""
    tokens_in: int | None = None
    """Tokens of the prompt; None where the provider reports no counts."""
    tokens_out: int | None = None
    """Tokens generated; None where the provider reports no counts."""


Chunk = ChunkText | ChunkEnd
