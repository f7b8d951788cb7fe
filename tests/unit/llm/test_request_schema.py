"""An answer that has to follow a schema is asked for as servers understand it."""

import json

from everkin.domain.prompt import Prompt, PromptMessage
from everkin.llm.providers.endpoint import Endpoint
from everkin.llm.providers.request import body

ENDPOINT = Endpoint("A server", "http://127.0.0.1:1/v1", "a-model")
PROMPT = (PromptMessage("user", "hello"),)


def test_the_schema_is_sent_as_response_format() -> None:
    schema = {"type": "object", "required": ["facts"]}
    sent = json.loads(body(ENDPOINT, Prompt(PROMPT, schema=json.dumps(schema)), usage=False))
    assert sent["response_format"]["type"] == "json_schema"
    assert sent["response_format"]["json_schema"]["schema"] == schema


def test_free_words_are_asked_for_without() -> None:
    assert "response_format" not in json.loads(body(ENDPOINT, Prompt(PROMPT), usage=False))
