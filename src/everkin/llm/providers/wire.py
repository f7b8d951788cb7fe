"""The OpenAI-compatible format: the fields of a chat completion that Everkin reads. Unknown ones are ignored."""

from typing import Any

import msgspec


class Delta(msgspec.Struct):
    """The text of a choice."""

    content: str | None = None
    """Generated text; None in pieces without text."""


class Choice(msgspec.Struct):
    """One of the alternative answers; Everkin reads that with index 0."""

    delta: Delta | None = None
    """The text of a streamed piece."""
    message: Delta | None = None
    """The text of a whole completion."""
    finish_reason: str | None = None
    """Reason of the end; None before it."""
    index: int = 0
    """0 for the first alternative."""


class Usage(msgspec.Struct):
    """Token counts of a call."""

    prompt_tokens: int | None = None
    """Tokens of the prompt."""
    completion_tokens: int | None = None
    """Tokens of the generated text."""


class Completion(msgspec.Struct):
    """A piece of a stream, or a whole answer."""

    choices: list[Choice] | None = None
    """Alternative answers; empty or None in pieces that carry only usage."""
    usage: Usage | None = None
    """Token counts, usually in the last piece."""
    model: str | None = None
    """Id of the model that answered."""
    error: Any = None
    """Set by a provider that fails after it has sent status 200."""


class ListedModel(msgspec.Struct):
    """A model in the list of a server."""

    id: str
    """The model's id at the server."""


class ModelList(msgspec.Struct):
    """The answer to GET /models."""

    data: list[ListedModel]
    """The models of the server."""


class Tokens(msgspec.Struct):
    """llama.cpp's answer to POST /tokenize."""

    tokens: list[int]
    """Ids of the tokens."""


completion_decoder = msgspec.json.Decoder(Completion)
model_list_decoder = msgspec.json.Decoder(ModelList)
tokens_decoder = msgspec.json.Decoder(Tokens)
encoder = msgspec.json.Encoder()
