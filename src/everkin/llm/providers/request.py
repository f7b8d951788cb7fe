"""Headers and body of one streamed chat completion. Pure."""

from typing import Any

import msgspec

from everkin.domain.prompt import Prompt
from everkin.llm.providers.endpoint import Endpoint
from everkin.llm.providers.wire import encoder


def headers(endpoint: Endpoint) -> dict[str, str]:
    """Return the headers of a request."""
    sent = {"Content-Type": "application/json", "Accept": "text/event-stream", "Accept-Encoding": "identity"}
    if endpoint.key:
        sent["Authorization"] = f"Bearer {endpoint.key}"
    if not endpoint.keep_alive:
        sent["Connection"] = "close"
    return sent


def body(endpoint: Endpoint, prompt: Prompt, *, usage: bool) -> bytes:
    """Return the body of a request. `usage`: ask for token counts. Names of participants are not sent, because several
    servers refuse the field."""
    sampling = prompt.sampling
    sent: dict[str, Any] = {
        "model": endpoint.model,
        "messages": [{"role": message.role, "content": message.content} for message in prompt.messages],
        "stream": True,
        "temperature": sampling.temperature,
        endpoint.max_tokens_field: sampling.max_tokens,
        "top_p": sampling.top_p,
        "frequency_penalty": sampling.frequency_penalty,
        "presence_penalty": sampling.presence_penalty,
        **endpoint.extra,
    }
    if prompt.stop:
        sent["stop"] = prompt.stop
    if prompt.schema:
        sent["response_format"] = _following(prompt.schema)
    if usage:
        sent["stream_options"] = {"include_usage": True}
    return encoder.encode(sent)


def _following(schema: str) -> dict[str, Any]:
    """Return the response format for a JSON schema. Raises ValueError if it is not JSON."""
    return {
        "type": "json_schema",
        "json_schema": {"name": "answer", "strict": True, "schema": msgspec.json.decode(schema)},
    }
