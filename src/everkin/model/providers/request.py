"""What goes out: headers and body of one streamed chat completion. Pure."""

from typing import Any

import msgspec

from everkin.domain.prompt import Prompt
from everkin.model.providers.endpoint import Endpoint
from everkin.model.providers.wire import encoder


def headers(endpoint: Endpoint) -> dict[str, str]:
    sent = {"Content-Type": "application/json", "Accept": "text/event-stream", "Accept-Encoding": "identity"}
    if endpoint.key:
        sent["Authorization"] = f"Bearer {endpoint.key}"
    if not endpoint.keep_alive:
        sent["Connection"] = "close"
    return sent


def body(endpoint: Endpoint, prompt: Prompt, *, usage: bool) -> bytes:
    """`usage`: ask for token counts. Names of speakers are not sent, because several servers refuse the field."""
    draw = prompt.draw
    sent: dict[str, Any] = {
        "model": endpoint.model,
        "messages": [{"role": message.role, "content": message.content} for message in prompt.messages],
        "stream": True,
        "temperature": draw.temperature,
        endpoint.max_tokens_field: draw.max_tokens,
        "top_p": draw.top_p,
        "frequency_penalty": draw.frequency_penalty,
        "presence_penalty": draw.presence_penalty,
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
    """Raises ValueError for what is no JSON."""
    return {
        "type": "json_schema",
        "json_schema": {"name": "answer", "strict": True, "schema": msgspec.json.decode(schema)},
    }
