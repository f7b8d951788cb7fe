"""GET /readyz of a real process: red while messages cannot be stored, red from SIGTERM on, and green again by itself."""

import json
import resource
import signal
import sqlite3
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.processes import PATIENCE, ServerProcess

SCRIPTED = ("--model", "scripted")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path / "data", *SCRIPTED, cwd=tmp_path, DRAIN_GRACE_SECONDS="2") as running:
        yield running


def ask(server: ServerProcess, path: str = "/readyz") -> tuple[int, Any]:
    try:
        with urllib.request.urlopen(server.url + path, timeout=PATIENCE) as response:
            return response.status, json.loads(response.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


def until(server: ServerProcess, status: int) -> Any:
    """The answer's body, once it has this status."""
    deadline = time.monotonic() + PATIENCE
    while True:
        answer = ask(server)
        if answer[0] == status:
            return answer[1]
        assert time.monotonic() < deadline, answer


def test_a_record_locked_by_another_process(server: ServerProcess) -> None:
    assert ask(server)[0] == 200
    with closing(sqlite3.connect(server.data / "everkin.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert until(server, 503)["parts"]["record"] == "down"
        assert ask(server, "/healthz")[0] == 200
        other.execute("ROLLBACK")
    assert until(server, 200)["ready"]


@pytest.mark.skipif(sys.platform != "linux", reason="the limit of another process's files is Linux's")
def test_a_full_disk(server: ServerProcess) -> None:
    """No file of the server may grow: what is written fails as it does on a full disk or over a quota."""
    assert ask(server)[0] == 200
    largest = (server.data / "everkin.db-wal").stat().st_size
    unlimited = resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))
    assert until(server, 503)["parts"]["record"] == "down"
    assert ask(server, "/healthz")[0] == 200
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, unlimited)
    assert until(server, 200)["ready"]


def test_draining_is_said_first_then_connections_are_refused(server: ServerProcess) -> None:
    assert not ask(server)[1]["draining"]
    server.send(signal.SIGTERM)
    body = until(server, 503)
    assert (body["ready"], body["draining"], body["parts"]["record"]) == (False, True, "ok")
    assert ask(server, "/healthz")[0] == 200
    assert server.wait() == 0
    with pytest.raises(urllib.error.URLError):
        ask(server)
