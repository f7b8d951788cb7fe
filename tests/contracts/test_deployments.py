"""The four deployments of docs/deployment.md, each as real processes: a message sent on one node is read on another."""

import json
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.contracts.valkey import Valkey, running_valkey
from tests.journeys.processes import PATIENCE, ServerProcess

SECRET = "0123456789abcdef0123456789abcdef"


@pytest.fixture(scope="module")
def valkey() -> Iterator[Valkey]:
    with running_valkey() as server:
        yield server


@contextmanager
def nodes(folder: Path, count: int, **settings: str) -> Iterator[list[ServerProcess]]:
    """`count` servers that start at the same moment, each with a data folder of its own."""

    def start(number: int) -> ServerProcess:
        return ServerProcess(folder / f"node{number}", "--model", "scripted", cwd=folder, **settings)

    with ExitStack() as stack, ThreadPoolExecutor(count) as pool:
        servers = list(pool.map(start, range(count)))
        for server in servers:
            stack.enter_context(server)
        yield servers


def ask(node: ServerProcess, method: str, path: str, body: Any = None, token: str = "") -> Any:
    request = urllib.request.Request(f"{node.url}/api/v1/{path}", method=method)
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=PATIENCE) as response:
        return json.loads(response.read())


def read(node: ServerProcess, chat: str, token: str) -> list[str]:
    history = ask(node, "GET", f"conversations/{chat}/messages", token=token)
    return [message["content"] for message in history["items"]]


def talk_across(here: ServerProcess, there: ServerProcess) -> str:
    """A token of one node is good on the other, and so is a conversation, before and after more is said. The token."""
    token: str = here.sign_in()["access"]
    ada = ask(here, "POST", "characters", {"name": "Ada", "firstMessage": "Hello."}, token)
    chat = ask(here, "POST", "conversations", {"characterId": ada["id"]}, token)["id"]
    assert read(there, chat, token) == ["Hello."]
    ask(here, "POST", f"conversations/{chat}/messages?wait=true", {"content": "/echo here"}, token)
    assert read(there, chat, token) == ["Hello.", "/echo here", "here"]
    ask(there, "POST", f"conversations/{chat}/messages?wait=true", {"content": "/echo there"}, token)
    said = ["Hello.", "/echo here", "here", "/echo there", "there"]
    assert read(here, chat, token) == read(there, chat, token) == said
    return token


def cache_health(node: ServerProcess, token: str) -> tuple[str, str]:
    part = ask(node, "GET", "health", token=token)["parts"]["cache"]
    return part["condition"], part["note"]


def test_one_node(tmp_path: Path) -> None:
    with nodes(tmp_path, 1) as (node,):
        token = talk_across(node, node)
        assert cache_health(node, token) == ("ok", "In this process.")
        assert node.end() == 0


def test_one_node_with_redis(tmp_path: Path, valkey: Valkey) -> None:
    with nodes(tmp_path, 1, REDIS_URL=valkey.url) as (node,):
        token = talk_across(node, node)
        assert ask(node, "GET", "admin/cache", token=token)["kind"] == "redis"
        assert node.end() == 0


def test_several_nodes_with_redis(tmp_path: Path, valkey: Valkey, empty_postgres: str) -> None:
    shared = {"REDIS_URL": valkey.url, "DATABASE_URL": empty_postgres, "JWT_SECRET": SECRET}
    with nodes(tmp_path, 2, **shared) as (here, there):
        token = talk_across(here, there)
        kinds = [ask(node, "GET", "admin/cache", token=token)["kind"] for node in (here, there)]
        assert kinds == ["redis", "redis"]
        assert [here.end(), there.end()] == [0, 0]


def test_several_nodes_without_redis_say_what_is_lost(tmp_path: Path, empty_postgres: str) -> None:
    with nodes(tmp_path, 2, DATABASE_URL=empty_postgres, JWT_SECRET=SECRET) as (here, there):
        token = talk_across(here, there)
        for node in (here, there):
            condition, note = cache_health(node, token)
            assert condition == "ok"
            assert "30 s" in note
            assert "limits" in note
        assert [here.end(), there.end()] == [0, 0]
