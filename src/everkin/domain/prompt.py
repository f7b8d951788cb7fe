"""What a model is asked (Prompt) and what comes back (Chunk), in no provider's dialect."""

from dataclasses import dataclass, field
from typing import Literal

PromptRole = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class PromptMessage:
    role: PromptRole
    content: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class SamplingParams:
    """Sampling with every value settled."""

    temperature: float = 0.8
    max_tokens: int = 500
    """Bounds the reply, in tokens."""
    top_p: float = 0.9
    frequency_penalty: float = 0.3
    presence_penalty: float = 0.3


PRIORITY_NORMAL = 5
PRIORITY_GROUP = 8
PRIORITY_URGENT = 10


@dataclass(frozen=True, slots=True)
class Purpose:
    """For whom and why a model is asked: what the gateway's policies go by. Empty ids: nobody's (a job of the house)."""

    user_id: str = ""
    character_id: str = ""
    conversation_id: str = ""
    priority: int = PRIORITY_NORMAL
    """0..10."""
    deadline: float | None = None
    """Monotonic seconds of the clock after which the answer is of no use (None: no end)."""
    reuse: str = ""
    """The key under which a finished answer may be used again (llm/gateway/cache_policy.py makes it); empty: never."""


@dataclass(frozen=True, slots=True)
class Prompt:
    messages: tuple[PromptMessage, ...]
    sampling: SamplingParams = field(default_factory=SamplingParams)
    stop: tuple[str, ...] = ()
    tokens: int = 0
    """The budget's own count of `messages`; a provider's count, when it tells one, is in ChunkEnd."""
    purpose: Purpose = field(default_factory=Purpose)
    schema: str = ""
    """A JSON schema, as text, that the answer has to follow (empty: free words); a provider that cannot hold to it
    answers as it likes."""


@dataclass(frozen=True, slots=True)
class ChunkText:
    text: str


@dataclass(frozen=True, slots=True)
class ChunkEnd:
    """The last chunk of a stream that ended well."""

    reason: str
    """As the provider says it: stop, length, content_filter... Token counts are None where the provider tells none."""
    model: str
    tokens_in: int | None = None
    tokens_out: int | None = None


Chunk = ChunkText | ChunkEnd
