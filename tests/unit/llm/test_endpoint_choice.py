"""A provider's key goes to that provider and nowhere else; what is missing is named."""

import dataclasses
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from everkin.domain.errors import ModelMissing
from everkin.llm.registry.config import RegistryConfig
from everkin.llm.registry.discovery import Discovery
from everkin.llm.registry.endpoints import Endpoints
from everkin.settings import load_settings

ELSEWHERE = "https://models.example/v1"


def _endpoints(found: str = "", **given: str) -> Endpoints:
    keys = {"openai": "key-of-openai", "groq": "key-of-groq"}
    discovery = cast(Discovery, SimpleNamespace(first_of=lambda preset: found))
    return Endpoints(RegistryConfig(Path("data"), keys=keys, **cast(Any, given)), discovery)


def test_a_preset_uses_its_own_key_and_model() -> None:
    endpoint = _endpoints().endpoint("groq")
    assert (endpoint.base_url, endpoint.key) == ("https://api.groq.com/openai/v1", "key-of-groq")
    assert (endpoint.model, endpoint.key_env) == ("llama-3.3-70b-versatile", "GROQ_API_KEY")


def test_a_presets_key_does_not_go_to_another_address() -> None:
    assert _endpoints(model="openai", base_url=ELSEWHERE).endpoint("openai").key == ""


def test_an_explicit_key_goes_to_the_explicit_address() -> None:
    endpoint = _endpoints(model="openai", base_url=ELSEWHERE, api_key="mine").endpoint("openai")
    assert (endpoint.base_url, endpoint.key, endpoint.key_env) == (ELSEWHERE, "mine", "MODEL_API_KEY")


def test_what_was_set_for_one_preset_is_not_used_for_another() -> None:
    groq = _endpoints(model="openai", base_url=ELSEWHERE, api_key="mine", model_name="big").endpoint("groq")
    assert (groq.base_url, groq.key, groq.model) == (
        "https://api.groq.com/openai/v1",
        "key-of-groq",
        "llama-3.3-70b-versatile",
    )


def test_a_key_without_a_preset_goes_nowhere() -> None:
    assert _endpoints(found="llama3.2", api_key="mine").endpoint("ollama").key == ""
    with pytest.raises(ModelMissing):
        _endpoints(api_key="mine").endpoint("venice")


def test_an_address_alone_is_the_custom_endpoint() -> None:
    endpoint = _endpoints(base_url=ELSEWHERE, model_name="big", api_key="mine").endpoint("custom")
    assert (endpoint.base_url, endpoint.model, endpoint.key) == (ELSEWHERE, "big", "mine")


def test_a_model_in_the_name_comes_before_all_others() -> None:
    assert _endpoints(model="groq", model_name="big").endpoint("groq:small:1b").model == "small:1b"


def test_a_local_server_speaks_with_the_model_found_there() -> None:
    assert _endpoints(found="llama3.2:3b").endpoint("ollama").model == "llama3.2:3b"


@pytest.mark.parametrize(
    ("name", "mends"),
    [("venice", "VENICE_API_KEY"), ("ollama", "127.0.0.1:11434"), ("custom", "MODEL_BASE_URL")],
)
def test_what_is_missing_is_named(name: str, mends: str) -> None:
    with pytest.raises(ModelMissing) as failure:
        _endpoints().endpoint(name)
    assert mends in failure.value.sentence


def test_the_shelf_is_configured_from_the_settings() -> None:
    settings = load_settings(
        {"GROQ_API_KEY": " gsk-1 ", "EVERKIN_MODEL": "groq", "MODEL_TOTAL_SECONDS": "9"}, Path("none")
    )
    config = RegistryConfig.of(dataclasses.asdict(settings.model), Path("data"))
    assert (config.model, dict(config.keys), config.total_seconds) == ("groq", {"groq": "gsk-1"}, 9.0)
    assert "gsk-1" not in repr(config)
