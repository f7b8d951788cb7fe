"""`everkin eval`: memory measured with one's own embedder and model, from the terminal."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from click.testing import CliRunner

from everkin.cli.eval import eval as command
from everkin.domain.errors import Unavailable
from tests.contracts.upstream import DONE, open_upstream, piece, sends


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Nothing is configured and no server on loopback is looked for."""
    monkeypatch.chdir(tmp_path)
    for name in ("EVERKIN_MODEL", "MODEL_NAME", "MODEL_BASE_URL", "EMBEDDING_API_KEY", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("EMBEDDER", "none")
    return tmp_path


def run(data: Path, *words: str) -> Any:
    done = CliRunner().invoke(command, [*words, "--data", str(data), "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_recall_without_an_embedder_says_so_and_goes_by_words(bare: Path) -> None:
    told = run(bare, "recall")
    assert list(told["figures"]) == ["by words"]
    assert told["figures"]["by words"]["recall_at_10"] > 0.3
    assert "EMBEDDER=none" in told["notes"][0]


async def test_recall_is_measured_with_the_embedder_that_is_configured(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def letters(request: web.Request) -> web.StreamResponse:
        """Poor but honest: how often each letter occurs."""
        texts = (await request.json())["input"]
        rows = [[1.0 + text.count(chr(97 + place)) for place in range(26)] for text in texts]
        return web.json_response({"data": [{"index": n, "embedding": row} for n, row in enumerate(rows)]})

    async with open_upstream(letters) as upstream:
        monkeypatch.setenv("EMBEDDER", "openai")
        monkeypatch.setenv("EMBEDDING_BASE_URL", upstream.base_url)
        monkeypatch.setenv("EMBEDDING_MODEL", "letters")
        told = await asyncio.wait_for(asyncio.to_thread(run, bare, "recall"), 60)
    assert 0 < told["figures"]["with openai:letters"]["recall_at_10"] <= 1
    assert told["figures"]["with openai:letters"]["went_by_words"] == 0


def test_recall_with_an_embedder_that_is_down_ends_with_its_sentence(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMBEDDER", "openai")
    monkeypatch.setenv("EMBEDDING_BASE_URL", "http://127.0.0.1:9/v1")
    with pytest.raises(Unavailable, match="EMBEDDING_BASE_URL"):
        CliRunner().invoke(command, ["recall", "--data", str(bare)], catch_exceptions=False)


def test_facts_with_a_model_that_is_not_good_enough_goes_by_rules(bare: Path) -> None:
    told = run(bare, "facts", "--model", "scripted", "--sample", "6")
    assert list(told["figures"]) == ["by rules"]
    assert told["figures"]["by rules"]["dialogues"] == 6
    assert "not good enough" in told["notes"][0]


async def test_facts_are_learnt_with_a_model_that_is(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_upstream(sends(piece('{"facts":[]}'), piece(finish="stop"), DONE)) as upstream:
        monkeypatch.setenv("MODEL_BASE_URL", upstream.base_url)
        monkeypatch.setenv("MODEL_NAME", "some-model")
        told = await asyncio.wait_for(asyncio.to_thread(run, bare, "facts", "--sample", "3"), 60)
    by_rules, with_model = told["figures"].values()
    assert with_model["answers_failed"] == 0
    assert with_model["fact_recall"] == by_rules["fact_recall"] > 0


def test_people_get_a_table(bare: Path) -> None:
    done = CliRunner().invoke(command, ["facts", "--data", str(bare), "--model", "scripted"], catch_exceptions=False)
    assert "fact_precision" in done.stdout
    assert "everkin models pull" in done.stdout.replace("\n", " ")
