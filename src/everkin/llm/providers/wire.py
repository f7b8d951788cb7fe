"""The OpenAI-compatible dialect: the few fields of a chat completion that Everkin reads. Unknown ones are ignored."""

from typing import Any

import msgspec


class Delta(msgspec.Struct):
    content: str | None = None


class Choice(msgspec.Struct):
    delta: Delta | None = None
    """In a streamed piece, `message` in a whole completion."""
    message: Delta | None = None
    finish_reason: str | None = None
    index: int = 0


class Usage(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class Completion(msgspec.Struct):
    """A piece of a stream or a whole answer."""

    choices: list[Choice] | None = None
    usage: Usage | None = None
    model: str | None = None
    error: Any = None
    """A provider that fails in the middle of a 200."""


class ListedModel(msgspec.Struct):
    id: str


class ModelList(msgspec.Struct):
    data: list[ListedModel]


class Tokens(msgspec.Struct):
    """llama.cpp's answer to POST /tokenize."""

    tokens: list[int]


completion_decoder = msgspec.json.Decoder(Completion)
model_list_decoder = msgspec.json.Decoder(ModelList)
tokens_decoder = msgspec.json.Decoder(Tokens)
encoder = msgspec.json.Encoder()
